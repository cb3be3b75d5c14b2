"""`wmjax refine`: a better structure, by a search scored on years that no fit has seen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from wmjax._errors import BudgetSpent, UserError, WmjaxError
from wmjax.app._console import progress
from wmjax.app._fitted import FitChoices, observed, protocol
from wmjax.app._generate import LARGER, Limit, asked, style_for, write_spec
from wmjax.app._output import check_output
from wmjax.app._recorded import recorded
from wmjax.app._settings import Count, Text


if TYPE_CHECKING:
    from calibration import FitFile
    from structure_gen import Refined
    from wmjax.spec import ModelSpec
    from wmjax.store import Run

_KINDS = (".yaml", ".yml", ".json")
Share = Annotated[float, Field(ge=0, lt=0.5)]


class Settings(FitChoices):
    llm: dict[str, Any] | None = None
    style: Literal["full", "terse"] | None = None
    news: Text | None = None
    edits: Text | None = None
    money: Limit
    tokens: Annotated[int, Field(ge=0)] | None
    calls: Annotated[int, Field(ge=0)] | None
    evaluations: Count
    seconds: Limit
    rounds: Count
    population: Count
    wanted: Count
    origins: list[float] | Count
    test: Share
    risk: Annotated[float, Field(gt=0, lt=1)]
    workers: Count
    output: Text | None


def run(settings: Settings) -> int:
    if settings.output is not None:
        check_output(settings.numbered(settings.output), _KINDS)
    if settings.news is not None and settings.llm is None:
        raise UserError("wmjax refine, news", "no language model that could read them",
                        "llm=local, openai, anthropic, ...")  # fmt: skip
    from wmjax.spec import load_spec

    spec = load_spec(settings.model)
    observed(settings, spec)
    return recorded("refine", settings, work, spec, settings.seed)


def work(settings: Settings, run: Run) -> int:
    from structure_gen import SearchBudget, load_edits, refine
    from wmjax.spec import load_spec

    spec = load_spec(settings.model)
    budget = SearchBudget(evaluations=settings.evaluations, seconds=settings.seconds,
                          rounds=settings.rounds)  # fmt: skip
    proposals = None if settings.edits is None else load_edits(settings.edits)
    with progress("refine") as show, asked(settings.llm, settings, run) as llm:
        found = refine(
            spec, observed(settings, spec), settings=_file(settings), budget=budget,
            proposals=proposals, llm=llm, style=settings.style or style_for(settings.llm),
            origins=settings.origins, test=settings.test, population=settings.population,
            risk=settings.risk, wanted=settings.wanted, workers=settings.workers,
            checkpoint=run.folder / "search", progress=show,
        )  # fmt: skip
    print(found.words())
    _recorded(found, run)
    found.save(run.folder)
    print(f"written: {_written(found, settings, run)}")
    if settings.news is not None:
        _extended(found.spec, settings, run)
    if found.spent:
        raise BudgetSpent(f"{found.spent}; to ask on: wmjax runs resume {run.id} {LARGER}")
    if found.unasked and not found.heard:
        raise WmjaxError(
            "the language model gave no answer, the search went on without it: "
            f"{found.unasked[0]}; to ask again: wmjax runs resume {run.id}"
        )
    return 0


def _extended(spec: ModelSpec, settings: Settings, run: Run) -> None:
    """Edits that news ask for, for a reader: nothing of it is in the result."""
    from structure_gen import propose_extensions, save_edits

    seen = observed(settings, spec)
    now = max(float(s.times[-1]) for s in seen.values())
    with asked(settings.llm, settings, run) as llm:
        found = propose_extensions(spec, now, news=[settings.news or ""], llm=llm)
    path = save_edits(found, run.folder / "extensions.json")
    print(f"{len(found)} extensions for you to review, none of them done:")
    for proposal in found:
        print(f"  {proposal.edit}")
    print(f"written: {path}; wmjax convert model=... edits=... does what is left in it, and "
          "refine edits=... measures it")  # fmt: skip


def _recorded(found: Refined, run: Run) -> None:
    run.metrics({"draft_score": found.draft_score, "score": found.score,
                 "draft_skill": found.draft_skill, "skill": found.skill,
                 "accepted": len(found.steps), "tried": len(found.tried)})  # fmt: skip
    for trial in found.tried:
        run.event("trial", trial.words())
    if found.test is not None:
        run.metric("test_gain", found.test.gain)


def _written(found: Refined, settings: Settings, run: Run) -> Path:
    if settings.output is None:
        return run.folder / "refined.yaml"
    return write_spec(found.spec, settings.numbered(settings.output), run)


def _file(settings: Settings) -> FitFile | None:
    """What a fit file or a protocol asks, None if there is neither and nothing was chosen."""
    from calibration import FitFile

    file = protocol(settings)
    if settings.free is not None:
        file = file.changed(parameters=settings.free)
    return None if file == FitFile() else file
