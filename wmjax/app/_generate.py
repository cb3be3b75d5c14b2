"""`wmjax generate`: a structure written by a language model, or read from data."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from wmjax._errors import BudgetSpent, UserError, WmjaxError
from wmjax.app._console import progress
from wmjax.app._fitted import Units
from wmjax.app._output import check_output, write_whole
from wmjax.app._recorded import recorded
from wmjax.app._settings import Count, JaxSettings, Text


if TYPE_CHECKING:
    from structure_gen import Brief, Generated
    from wmjax.series import Observations
    from wmjax.spec import ModelSpec
    from wmjax.store import Run

REOPENS = True  # `wmjax runs resume` asks again for answers that were deleted
_KINDS = (".yaml", ".yml", ".json")
Limit = Annotated[float, Field(ge=0)] | None
LARGER = "calls=100 (or money=, tokens=, seconds=)"


class Settings(JaxSettings):
    llm: dict[str, Any] | None
    brief: Text | None
    observations: Text | None = None
    units: Units = {}
    start: int | None
    end: int | None
    resolution: Literal["yearly", "monthly", "weekly"] | None
    depth: Annotated[int, Field(ge=1, le=4)] | None
    breadth: Count
    quantities: Count
    parts: Annotated[int, Field(ge=0, le=3)]
    until: float | None
    repairs: Annotated[int, Field(ge=0)]
    style: Literal["full", "terse"] | None = None
    sources: list[Literal["catalogue", "world_bank", "web_search"]] = ["catalogue"]
    seconds: Limit = None
    money: Limit
    tokens: Annotated[int, Field(ge=0)] | None
    calls: Annotated[int, Field(ge=0)] | None
    output: Text | None


def run(settings: Settings) -> int:
    if settings.output is not None:
        check_output(settings.numbered(settings.output), _KINDS)
    if settings.llm is None:
        _seen(settings)
    else:
        _brief(settings)
    return recorded("generate", settings, work)


def work(settings: Settings, run: Run) -> int:
    if settings.llm is None:
        return _read(settings, run)
    from structure_gen import generate

    with progress("generate") as show, asked(settings.llm, settings, run) as llm:
        found = generate(
            _brief(settings), llm=llm, folder=run.folder,
            style=settings.style or style_for(settings.llm), repairs=settings.repairs,
            until=settings.until, sources=settings.sources, seconds=settings.seconds,
            progress=show,
        )  # fmt: skip
    print(found.words())
    run.metrics({"written": found.shares.written, "kept": found.shares.kept,
                 "repaired": found.shares.repaired, "rejected": found.shares.rejected,
                 "incomplete": len(found.incomplete), "issues": len(found.issues)})  # fmt: skip
    found.save(run.folder)
    print(f"written: {_written(found.spec, settings, run)}")
    _told(found, settings, run)
    return 0


def _told(found: Generated, settings: Settings, run: Run) -> None:
    """What is there is valid and saved; why it is not all.

    **Raises:** `BudgetSpent` where money, tokens, calls or time were; `WmjaxError` where no call
    was answered. Either way the run can be taken up again.
    """
    on = f"wmjax runs resume {run.id}"
    if found.spent:
        raise BudgetSpent(f"{found.spent}; for the rest: {on} {LARGER}")
    if found.late:
        raise BudgetSpent(f"the time of {settings.seconds:g} s is over, {len(found.incomplete)} "
                          f"parts are incomplete; for the rest: {on}")  # fmt: skip
    if found.unanswered:
        raise WmjaxError(f"all {found.failed} calls to the language model failed, the first: "
                         f"{found.incomplete[0]}; to ask again: {on}")  # fmt: skip


def _read(settings: Settings, run: Run) -> int:
    """A structure without any language model."""
    from structure_gen import from_data

    spec = from_data(_seen(settings), start=settings.start, end=settings.end, until=settings.until)
    links = sum(c.form is not None for c in spec.connections)
    print(f"read from data: {len(spec.variables)} variables, {links} links")
    print(f"written: {_written(spec, settings, run)}")
    return 0


def _seen(settings: Settings) -> Observations:
    """**Raises:** `UserError` if it was not said what to read."""
    from wmjax.series import load_observations

    if settings.observations is None:
        raise UserError(
            "wmjax generate, observations", "neither a language model nor observations",
            "a CSV with a time column and one column for each series, or names of the catalogue",
            "observations=FILE.csv, or llm=local",
        )  # fmt: skip
    names = _columns(settings.observations)  # units that the table does not state stay open
    return load_observations(settings.observations, units=settings.units, wanted=names)


def _columns(source: str) -> list[str] | None:
    """The series of a wide table; None for others, which name their series themselves."""
    if not source.lower().endswith(".csv") or not Path(source).is_file():
        return None
    with open(source, newline="", encoding="utf-8-sig") as file:
        header = [name.strip() for name in next(csv.reader(file), [])]
    return None if "series" in header else header[1:]


def made(llm: dict[str, Any], settings: Any, run: Run) -> Any:
    """The language model that settings describe, logged in the run and held to its budget."""
    from wmjax.llm import Budget, language_model

    money = None if settings.money is None else Decimal(str(settings.money))
    limits = {"money": money, "tokens": settings.tokens, "calls": settings.calls}
    stated = any(v is not None for v in limits.values())
    budget = Budget(**limits) if stated else None
    return language_model(llm, sink=run.exchanges, budget=budget)


@contextmanager
def asked(llm: dict[str, Any] | None, settings: Any, run: Run) -> Iterator[Any]:
    """As `made`, with its connections closed at the end; None for none."""
    from wmjax.llm import run_async

    if llm is None:
        yield None
        return
    model = made(llm, settings, run)
    try:
        yield model
    finally:
        run_async(model.close())


def style_for(llm: dict[str, Any] | None) -> Literal["full", "terse"]:
    """Few words for the small model that comes with wmjax."""
    small = llm is not None and llm.get("provider") == "local" and not llm.get("path")
    return "terse" if small else "full"


def write_spec(spec: ModelSpec, path: Path, run: Run) -> Path:
    from wmjax.spec import save_spec

    write_whole(path, lambda draft: save_spec(spec, draft))
    run.event("output", str(path.absolute()))
    return path


def _written(spec: ModelSpec, settings: Settings, run: Run) -> Path:
    if settings.output is None:
        return write_spec(spec, run.folder / "generated.yaml", run)
    return write_spec(spec, settings.numbered(settings.output), run)


def _brief(settings: Settings) -> Brief:
    from structure_gen import as_brief

    if settings.brief is None:
        raise UserError("wmjax generate, brief", "nothing", "brief=...",
                        'for example: wmjax generate brief="AI and ageing to 2060"')  # fmt: skip
    given = {k: getattr(settings, k) for k in ("start", "end", "resolution", "depth", "breadth",
                                               "quantities", "parts")}  # fmt: skip
    if settings.start is not None and settings.end is not None and settings.end <= settings.start:
        raise UserError("wmjax generate, end", f"{settings.end}", f"a year after {settings.start}")
    return as_brief(settings.brief).model_copy(update=given)
