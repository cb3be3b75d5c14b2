"""The first stage of the demo: a structure drafted by a small local model, and a search that keeps
of it what foretells years it had not seen. Without the local model the draft is read from data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

from wmjax._errors import BudgetSpent, UserError
from wmjax.app._console import progress
from wmjax.app._generate import asked, style_for


if TYPE_CHECKING:
    from structure_gen import AddConnection, Generated, Proposal, Refined, Trial
    from wmjax.report import LinkWorth, StructureWorth
    from wmjax.series import Observations
    from wmjax.spec import Connection, ModelSpec
    from wmjax.store import Run

_SPAN = (1960, 2060)
_LAST = 2019.0  # of the observations: 2020 is no year like others
_DRAFTING = 30.0  # seconds at most
_DATA = (
    "world.pop_persons", "world.gdp_2015usd", "world.co2_ffi_gtco2", "countries.CHN.gdp_2015usd",
    "countries.CHN.pop_persons", "countries.IND.gdp_2015usd", "countries.USA.gdp_2015usd",
)  # fmt: skip


@final
@dataclass(frozen=True)
class Drafted:
    """A draft without links, the links that were proposed for it, and who wrote it; `why`: why no
    language model did."""

    base: ModelSpec
    links: tuple[Connection, ...]
    written: Generated | None
    why: str = ""


@final
@dataclass(frozen=True)
class StructureFound:
    """The draft and what the search made of it."""

    drafted: Drafted
    refined: Refined


def structure_stage(settings: Any, run: Run) -> StructureFound:
    """Drafts, measures, keeps. Whatever the model answers, the result is valid and scored."""
    from structure_gen import Screening, SearchBudget, refine
    from wmjax.series import load_observations

    drafted = _drafted(settings, run)
    if drafted.why:
        print(f"    {drafted.why}")
    if drafted.written is not None:
        drafted.written.save(run.folder / "structure")
        print(f"    {drafted.written.words().splitlines()[0]}\n    {drafted.written.shares}")
    names = [v.observed for v in drafted.base.variables.values() if v.observed]
    seen = load_observations(sorted(set(names))).window(None, _LAST)
    with progress("refine") as show:
        refined = refine(
            drafted.base, seen, proposers=[*_proposers(drafted), Screening()], origins=3,
            population=1, wanted=4, checkpoint=run.folder / "structure" / "search",
            budget=SearchBudget(seconds=settings.structure_seconds, rounds=2), progress=show,
        )  # fmt: skip
    refined.save(run.folder / "structure")
    _record(refined, run)
    return StructureFound(drafted, refined)


def _drafted(settings: Any, run: Run) -> Drafted:
    """By the language model of the settings; from data if there is none."""
    if settings.llm is None:
        return _from_data("No language model was chosen: the draft is read from data alone.")
    try:
        with asked(settings.llm, settings, run) as llm:
            return _written(settings, run, llm)
    except UserError as error:
        if settings.llm.get("provider") != "local":
            raise
        return _from_data(f"{error.place}: {error.found}: the draft is read from data alone; "
                          f"{error.hint}")  # fmt: skip


def _written(settings: Any, run: Run, llm: Any) -> Drafted:
    from structure_gen import Brief, generate

    brief = Brief(text=settings.brief, start=_SPAN[0], end=_SPAN[1], depth=2, breadth=2,
                  quantities=2, parts=0, conditions=0, resolution="yearly")  # fmt: skip
    with progress("draft") as show:
        found = generate(
            brief, llm=llm, style=style_for(settings.llm), folder=run.folder / "structure",
            until=_first_origin(), seconds=_DRAFTING, progress=show,
        )  # fmt: skip
    if found.spent:
        raise BudgetSpent(f"the budget is spent; with a larger one: wmjax runs resume {run.id}")
    links = tuple(c for c in found.spec.connections if c.form is not None)
    others = tuple(c for c in found.spec.connections if c.form is None)
    return Drafted(found.spec.model_copy(update={"connections": others}), links, found)


def _first_origin() -> float:
    """Before it everything only teaches; no starting value is read from later years."""
    return _SPAN[0] + 0.4 * (_LAST - _SPAN[0])


def _from_data(why: str) -> Drafted:
    from structure_gen import from_data
    from wmjax.series import load_observations

    seen: Observations = load_observations(list(_DATA))
    spec = from_data(seen, name="read from data", start=_SPAN[0], end=_SPAN[1],
                     until=_first_origin())  # fmt: skip
    base = spec.model_copy(update={"connections": ()})
    return Drafted(base, spec.connections, None, why)


def _proposers(drafted: Drafted) -> list[Any]:
    from structure_gen._proposal import Scripted

    return [Scripted(tuple(_proposals(drafted)))]


def _proposals(drafted: Drafted) -> list[Proposal]:
    from structure_gen import AddConnection, Proposal

    author = "data"
    if drafted.written is not None:
        author = str(drafted.written.spec.provenance.author)
    return [
        Proposal(edit=AddConnection(connection=c), origin=author, reasoning=c.reasoning)
        for c in drafted.links
    ]


def _record(refined: Refined, run: Run) -> None:
    run.metrics(
        {
            "structure_draft_score": refined.draft_score,
            "structure_score": refined.score,
            "structure_kept": len(refined.steps),
            "structure_tried": len(refined.tried),
        }
    )
    for trial in refined.tried:
        run.event("trial", trial.words())


def structure_worth(found: StructureFound) -> StructureWorth:
    """What the report says of the structure."""
    from structure_gen import HINDSIGHT
    from wmjax.report import StructureWorth

    written, refined = found.drafted.written, found.refined
    spec = found.drafted.base
    by_model = written is not None
    facts = [
        ("Brief", spec.description if by_model else "none: read from data"),
        ("Author", str(spec.provenance.author) if by_model else "wmjax, from data"),
        ("Actors", ", ".join(a.name for a in spec.actors)),
        ("Measured", ", ".join(sorted(v.observed for v in spec.variables.values() if v.observed))),
    ]
    return StructureWorth(
        facts=tuple(facts), shares=str(written.shares) + "." if written else found.drafted.why,
        verdict=tuple(refined.words().split("\n")[:2]) + _test(refined),
        links=tuple(_worths(found)), hindsight=HINDSIGHT if by_model else "",
        missing=tuple(map(str, written.incomplete)) if written else (),
    )  # fmt: skip


def _test(refined: Refined) -> tuple[str, ...]:
    t = refined.test
    if t is None or not refined.steps:
        return ()
    better = "better" if t.gain > 0 else "not better"
    return (f"On {t.start + 1:g} to {t.end:g}, which neither draft nor search had seen, the result "
            f"is {better} than the draft: {t.gain:+.1f} nats.",)  # fmt: skip


def _worths(found: StructureFound) -> list[LinkWorth]:
    """Each proposed link once: as it was taken in, or as it was measured first."""
    from structure_gen import AddConnection

    steps = {str(t.proposal.edit): t for t in found.refined.steps}
    first: dict[str, Trial] = {}
    for trial in found.refined.tried:
        if isinstance(trial.proposal.edit, AddConnection):
            first.setdefault(str(trial.proposal.edit), trial)
    worths = [_worth(steps.get(name, trial), name in steps) for name, trial in first.items()]
    return [*worths, *_unmeasured(found.drafted.links, first)]


def _worth(trial: Trial, is_kept: bool) -> LinkWorth:
    from wmjax.report import LinkWorth

    edit: Any = trial.proposal.edit
    rivals = f"not to be told from: {'; '.join(trial.rivals)}" if trial.rivals else ""
    fate = "kept" if is_kept else "drawn" if trial.ruling in ("accepted", "better") else "lost"
    why = rivals if is_kept else trial.ruling
    return LinkWorth(
        edit.connection.source, edit.connection.target, _form(edit.connection),
        trial.proposal.origin, fate, trial.gain, trial.error, trial.price, why,
    )  # fmt: skip


def _unmeasured(links: Sequence[Connection], tried: dict[str, Trial]) -> list[LinkWorth]:
    from structure_gen import AddConnection
    from wmjax.report import LinkWorth

    edits: list[AddConnection] = [AddConnection(connection=c) for c in links]
    return [
        LinkWorth(c.source, c.target, _form(c), c.origin or "", "not measured", 0.0, 0.0, 0.0,
                  "the time was over")
        for c, edit in zip(links, edits, strict=True) if str(edit) not in tried
    ]  # fmt: skip


def _form(c: Connection) -> str:
    late = f", {c.delay:g} years late" if c.delay else ""
    return f"{c.form or 'stated'} {c.polarity}{late}".strip()
