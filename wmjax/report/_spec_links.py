"""The links of a spec: what its connections say and what its equations do."""

from __future__ import annotations

from wmjax.report._content import Link, Sign
from wmjax.report._links import stated_links
from wmjax.spec import ModelSpec, causal_links


def spec_links(spec: ModelSpec) -> tuple[Link, ...]:
    """Each pair of cause and effect once: those of connections, then those of equations.

    A connection without a polarity takes the one that follows from the equations.
    """
    signs: dict[tuple[str, str], Sign] = {
        (source, target): sign or "" for source, target, sign in causal_links(spec)
    }
    stated = {(link.source, link.target): link for link in stated_links(spec)}
    found = {
        ends: link if link.sign else link.with_sign(signs.get(ends, ""))
        for ends, link in stated.items()
    }
    for (source, target), sign in signs.items():
        found.setdefault((source, target), Link(source, target, sign))
    return tuple(found.values())
