"""The chapter about the structure: who proposed which link, and what it was worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, final

from wmjax.report._blocks import Block, Bullets, Cell, Facts, Part, Section, Table


Fate = Literal["kept", "drawn", "lost", "not measured"]
"""`drawn`: good enough, but another link of its round was better."""

_SHOWN = 30  # parts without an answer


@final
@dataclass(frozen=True)
class LinkWorth:
    """A proposed link and what it was worth on years that the fit had not seen.

    - `form`: in words, with its sign and delay.
    - `origin`: whose idea it was.
    - `gain`, `error`: evidence and its standard error [nats]; `asked`: what it had to gain.
    """

    source: str
    target: str
    form: str
    origin: str
    fate: Fate
    gain: float
    error: float
    asked: float
    why: str = ""


@final
@dataclass(frozen=True)
class StructureWorth:
    """A structure that was drafted and refined.

    - `facts`: such as the brief, the author, actors and counts.
    - `shares`: of the fields a language model wrote, those kept, repaired and rejected.
    - `verdict`: what the search found, in sentences.
    - `hindsight`: what a reader must know about backtests of it; empty for a structure read from
        data alone.
    - `missing`: parts without an answer, or with a plain one.
    """

    facts: tuple[tuple[str, str], ...]
    shares: str
    verdict: tuple[str, ...]
    links: tuple[LinkWorth, ...]
    hindsight: str = ""
    missing: tuple[str, ...] = ()


def structure_section(found: StructureWorth) -> Section:
    blocks: list[Block] = [*found.verdict, found.shares]
    if found.hindsight:
        blocks.append(Bullets.of([Cell(found.hindsight, verdict="bad")]))
    blocks.append(Facts(found.facts))
    if found.links:
        blocks.append(_table(found.links))
    if found.missing:
        rest = len(found.missing) - _SHOWN
        shown = [*found.missing[:_SHOWN], *([f"and {rest} more"] if rest > 0 else [])]
        title = f"{len(found.missing)} parts without a usable answer"
        blocks.append(Part(title, (Bullets.of(shown),), show="folded"))
    return Section("A drafted structure, and what its links are worth", tuple(blocks))


def _table(links: Sequence[LinkWorth]) -> Table:
    order = {"kept": 0, "drawn": 1, "lost": 2, "not measured": 3}
    rows = [_row(link) for link in sorted(links, key=lambda x: (order[x.fate], -x.gain))]
    caption = "Proposed links: the gain is evidence on years that no fit had seen, in nats"
    columns = ("link", "form", "whose idea", "gain", "had to gain", "outcome")
    return Table.of(caption, columns, rows, numeric=(3, 4))


def _row(link: LinkWorth) -> list[str | Cell]:
    measured = link.fate != "not measured"
    gained = Cell(f"{link.gain:+.1f}", f"± {link.error:.1f}") if measured else Cell("")
    verdict = "good" if link.fate == "kept" else "bad" if link.fate == "lost" else ""
    return [
        f"{link.source} → {link.target}", link.form, link.origin, gained,
        f"{link.asked:.1f}" if link.asked else "", Cell(link.fate, link.why, verdict),
    ]  # fmt: skip
