"""Who acts: the tree of actors on four levels."""

from __future__ import annotations

from wmjax.report._blocks import Branch, Section, Tree
from wmjax.spec import Actor, ModelSpec


LEVELS = {1: "world", 2: "countries and blocs", 3: "companies, industries, movements",
          4: "individuals"}  # fmt: skip


def actor_section(spec: ModelSpec) -> Section:
    counts = {n: sum(a.level == n for a in spec.actors) for n in LEVELS}
    levels = "; ".join(f"level {n}, {text}: {counts[n]}" for n, text in LEVELS.items() if counts[n])
    about = (
        f"{len(spec.actors)} actors ({levels}). The influence score, 0 to 1, is a judgement given "
        "with the model, not an estimate."
    )
    return Section("Who acts", (about, Tree(branches(spec.actors))))


def branches(actors: tuple[Actor, ...]) -> tuple[Branch, ...]:
    """The actors as trees. One whose parent is unknown or below itself is a root, so that every
    actor is shown once."""
    names = {a.name for a in actors}
    below: dict[str | None, list[Actor]] = {}
    for actor in actors:
        below.setdefault(actor.parent if actor.parent in names else None, []).append(actor)
    shown: set[str] = set()
    roots = [_branch(a, below, shown) for a in below.get(None, ())]
    roots += [_branch(a, below, shown) for a in actors if a.name not in shown]
    return tuple(roots)


def _branch(actor: Actor, below: dict[str | None, list[Actor]], shown: set[str]) -> Branch:
    shown.add(actor.name)
    children = sorted(below.get(actor.name, ()), key=lambda a: (a.level, -a.influence))
    inside = tuple(_branch(c, below, shown) for c in children if c.name not in shown)
    about = f"{actor.category}, level {actor.level}"
    owned = [*actor.parameters, *(f"lever {lever}" for lever in actor.levers)]
    return Branch(actor.name, about, actor.influence, actor.mandate, actor.reasoning,
                  ", ".join(owned), inside)  # fmt: skip
