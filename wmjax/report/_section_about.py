"""What was asked, where the data come from, and how to make the report again."""

from __future__ import annotations

from wmjax.report._blocks import Block, Bullets, Code, Facts, Part, Section, Table
from wmjax.report._content import Asked, Citation, Provenance, ReportContent


def asked_section(asked: Asked) -> Section:
    facts = (("Model", asked.model), *asked.facts)
    blocks: list[Block] = [asked.question, Facts(facts), Code(asked.command)]
    if asked.protocol:
        blocks.append(Part("The protocol", (Bullets.of(asked.protocol),)))
    return Section("What was asked", tuple(blocks))


def source_section(content: ReportContent) -> Section:
    """Attributions: the terms of most of the data ask for them."""
    rows = [(c.what, c.source, c.licence, c.note) for c in citations(content)]
    columns = ("Series", "Source", "Licence", "Note")
    blocks: list[Block] = [Table.of("Data sources and licences", columns, rows)] if rows else []
    spec = content.spec
    if spec is not None and spec.provenance.references:
        blocks.append(Part("References", (Bullets.of(spec.provenance.references),)))
    if spec is not None and spec.provenance.licence:
        blocks.append(f"Licence of the model: {spec.provenance.licence}.")
    return Section("Sources", tuple(blocks))


def citations(content: ReportContent) -> list[Citation]:
    """Those given and those of every observed series shown, each once; series of one source and
    licence share a row."""
    observed = [view.observed for view in content.series]
    if content.scenarios is not None:
        observed += [v.observed for v in content.scenarios.views if v.observed is not None]
    found: dict[tuple[str, str], dict[str, str]] = {}
    for one in observed:
        found.setdefault((one.source, one.licence), {})[one.name] = one.note
    shared = [
        Citation(", ".join(names), source or "not stated", licence or "not stated",
                 "; ".join(dict.fromkeys(note for note in names.values() if note)))
        for (source, licence), names in found.items()
    ]  # fmt: skip
    return [*shared, *(c for c in content.citations if c not in shared)]


def provenance_section(provenance: Provenance) -> Section:
    blocks: list[Block] = [Facts(provenance.facts)] if provenance.facts else []
    if provenance.repeat:
        blocks.append(Part("How to repeat it", (Code("\n".join(provenance.repeat)),)))
    return Section("How this was made", tuple(blocks))
