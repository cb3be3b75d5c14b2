"""`wmjax backtest`: score forecasts of years the fit has not seen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from wmjax.app._console import progress
from wmjax.app._fitted import FitChoices, apart, check_asked, observed, protocol, span
from wmjax.app._jax import chosen_devices
from wmjax.app._output import check_output, write_whole
from wmjax.app._recorded import open_store, recorded
from wmjax.app._settings import Text, Window


if TYPE_CHECKING:
    from calibration import Backtest
    from wmjax.store import Run


class Settings(FitChoices):
    fit_window: Window | None
    score_window: Window | None
    origins: list[float] | None
    horizon: Annotated[float, Field(gt=0)] | None
    baselines: list[Text] | None
    draws: Annotated[int, Field(ge=2)] | None
    apart: list[Text] | None
    output: Text | None
    report: Text | None = None


def run(settings: Settings) -> int:
    if settings.output is not None:
        check_output(settings.numbered(settings.output), (".csv",))
    from wmjax.spec import load_spec

    spec = load_spec(settings.model)
    check_asked(
        settings, spec, fit_window=span(settings.fit_window),
        score_window=span(settings.score_window), origins=settings.origins,
        horizon=settings.horizon, baselines=settings.baselines,
    )  # fmt: skip
    return recorded("backtest", settings, work, spec, settings.seed)


def work(settings: Settings, run: Run) -> int:
    found = scored(settings, run.checkpoint_path("backtest"))
    print(skill_table(found, apart(settings)))
    if found.unscored:
        print(f"not scored, for want of data: {', '.join(found.unscored)}")
    _exposed(settings, run)
    skill = found.without(apart(settings)).summary
    run.metrics({"ratio": skill.ratio, "won": skill.won, "coverage_90": skill.coverage_90})
    found.save(run.folder)
    print(f"written: {_copied(found, settings, run) if settings.output else run.folder}")
    if settings.report is not None:
        print(f"report: {_report(found, settings, run)}")
    return 0


def _report(found: Backtest, settings: Settings, run: Run) -> Path:
    from wmjax.app._backtest_report import backtest_content
    from wmjax.report import write_report

    record = open_store(settings).get(run.id)
    facts = {"Run": run.id, "Seed": str(settings.seed)}
    content = backtest_content(found, apart(settings), record.command(), facts)
    with progress("report") as show:
        return write_report(settings.report or "report", content, progress=show)


def _exposed(settings: Settings, run: Run) -> None:
    """Says so where a language model, which has read about the years scored, wrote the model."""
    from structure_gen import HINDSIGHT, is_model_written
    from wmjax.spec import load_spec

    if is_model_written(load_spec(settings.model)):
        print(HINDSIGHT)
        run.event("hindsight", HINDSIGHT)


def scored(settings: Settings, checkpoint: Path) -> Backtest:
    """Fits with a bar and scores what was left out."""
    from calibration import backtest
    from wmjax.model import compile_model
    from wmjax.spec import load_spec

    spec = load_spec(settings.model)
    with progress("backtest") as show:
        return backtest(
            compile_model(spec), observed(settings, spec), settings=protocol(settings),
            fit_window=span(settings.fit_window), score_window=span(settings.score_window),
            origins=settings.origins, horizon=settings.horizon, baselines=settings.baselines,
            draws=settings.draws, free=settings.free, key=settings.seed, checkpoint=checkpoint,
            devices=chosen_devices(settings.compute), progress=show,
        )  # fmt: skip


def skill_table(found: Backtest, aside: tuple[str, ...] = ()) -> str:
    """The scores as text: where the model wins, where it loses, and whether the aims are met."""
    from wmjax.app._story import skill_frames, title
    from wmjax.report import skill_text

    judged, others = skill_frames(found, aside)
    text = skill_text(judged, title=title(found))
    return text if others.empty else f"{text}\n\n{skill_text(others, title='apart', aims=())}"


def _copied(found: Backtest, settings: Settings, run: Run) -> Path:
    path = settings.numbered(settings.output or "")
    write_whole(path, lambda draft: found.table().to_csv(draft, index=False))
    run.event("output", str(path.absolute()))
    return path
