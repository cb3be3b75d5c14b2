"""Runs told to a tracker beside the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from wmjax._errors import UserError
from wmjax.app._settings import JaxSettings, Part


if TYPE_CHECKING:
    from wmjax.store import Run


class Tracker(Part):
    """Who hears of each step: nobody, or Weights & Biases, which stays on this machine unless
    `mode` is online."""

    name: Literal["none", "wandb"] = "none"
    project: str = "wmjax-tax"
    entity: str | None = None
    mode: Literal["offline", "online"] = "offline"


@dataclass(frozen=True)
class Told:
    """What to call with the row of each step, and with the results at the end: aggregates, and no
    series for each worker."""

    step: Callable[[dict[str, Any]], object]
    results: Callable[[dict[str, Any]], object]


@contextmanager
def tracked(tracker: Tracker, settings: JaxSettings, run: Run) -> Iterator[Told]:
    """A run as the tracker hears of it.

    **Raises:** `UserError` if the extra is not installed.
    """
    if tracker.name == "none":
        yield Told(lambda row: None, lambda numbers: None)
        return
    try:
        import wandb
    except ImportError:
        raise UserError(
            "tracker=wandb", "no wandb", "the package wandb", "pip install 'wmjax[wandb]'"
        ) from None
    options = settings.model_dump(exclude={"job", "words", "llm", "tracker"})
    told = wandb.init(
        project=tracker.project, entity=tracker.entity, mode=tracker.mode, name=run.id, id=run.id,
        resume="allow" if tracker.mode == "online" else None, dir=run.folder, config=options,
        settings=wandb.Settings(console="off", silent=True),
    )  # fmt: skip
    failed = 1
    try:
        yield Told(
            lambda row: told.log(_numbers(row), step=row["time"]),
            lambda numbers: told.summary.update(_numbers(numbers)),
        )
        failed = 0
    finally:
        told.finish(exit_code=failed)


def _numbers(row: dict[str, Any]) -> dict[str, float]:
    return {k: v for k, v in row.items() if k != "time" and isinstance(v, int | float)}
