"""`wmjax tax`: the tax laboratory."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from wmjax.app._console import progress, table
from wmjax.app._generate import Limit, asked
from wmjax.app._recorded import recorded
from wmjax.app._settings import JaxSettings
from wmjax.app._tax_tracker import Told, Tracker, tracked
from wmjax.tax import Options


if TYPE_CHECKING:
    from wmjax.app._tax_found import Lived
    from wmjax.store import Run
    from wmjax.tax import Plan, Step


class Settings(JaxSettings, Options):
    """The options of `wmjax.tax` and what the command line adds; `sweep` is the multirun that a
    run belongs to."""

    llm: dict[str, Any] | None = None
    money: Limit = None
    tokens: Annotated[int, Field(ge=0)] | None = None
    calls: Annotated[int, Field(ge=0)] | None = None
    regret: bool = True
    tracker: Tracker = Tracker()
    sweep: str | None = None

    @functools.cached_property
    def options(self) -> Options:
        return Options(**{name: getattr(self, name) for name in Options.model_fields})


def run(settings: Settings) -> int:
    from wmjax.tax import check_options

    check_options(settings.options, llm=settings.llm is not None)
    return recorded("tax", settings, work, seed=settings.seed)


def work(settings: Settings, run: Run) -> int:
    from wmjax.app._tax_found import judged, save
    from wmjax.app._tax_report import write

    with tracked(settings.tracker, settings, run) as told:
        found = judged(_live(settings, run, told), settings.regret)
        told.results(save(found, run))
    _print(found)
    print(f"report: {write(found, settings, run)}")
    return 0


def _live(settings: Settings, run: Run, told: Told) -> Lived:
    """Runs the society to its end, or on from where it stopped."""
    from wmjax.app._tax_found import Lived
    from wmjax.tax import Journal, laboratory

    path = run.checkpoint_path("steps.jsonl")
    known = path.read_bytes().count(b"\n") if path.exists() else 0
    with (
        asked(settings.llm, settings, run) as llm,
        Journal(path) as journal,
        progress("tax") as show,
    ):
        lived = Lived(laboratory(settings.options, llm))
        calendar = lived.laboratory.setting.calendar

        def watch(step: Step, plan: Plan | None) -> None:
            row = lived.add(step, plan)
            show(step.time + 1, calendar.steps, f"welfare {step.welfare:.6g}")
            if step.time >= known:
                told.step(row)
            if step.time >= known and calendar.ends_year(step.time):
                run.metrics(_numbers(row), step.time)

        society = lived.laboratory.society
        few = society.economy.skill.shape[0] <= _MANY
        keep = None if few else settings.history_len
        lived.history = society.run(calendar, journal=journal, keep=keep, watch=watch)
    return lived


_MANY = 10_000  # workers up to which all steps are kept in memory


def _numbers(row: dict[str, Any]) -> dict[str, float]:
    return {k: float(v) for k, v in row.items() if k != "time" and isinstance(v, int | float)}


def _print(found: Any) -> None:
    from wmjax.app._tax_found import shown_rows

    columns, rows = shown_rows(found)
    table(found.title, columns, rows)
    for line in found.words:
        print(line)
