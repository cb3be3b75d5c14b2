"""Runs told to a tracker beside the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


@contextmanager
def tracked(
    tracker: Tracker, settings: JaxSettings, run: Run
) -> Iterator[Callable[[dict[str, Any]], None]]:
    """What to call with the row of each step: aggregates, and no series for each worker.

    **Raises:** `UserError` if the extra is not installed.
    """
    if tracker.name == "none":
        yield lambda row: None
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
        yield lambda row: told.log(_numbers(row), step=row["time"])
        failed = 0
    finally:
        told.finish(exit_code=failed)


def _numbers(row: dict[str, Any]) -> dict[str, float]:
    return {k: v for k, v in row.items() if k != "time" and isinstance(v, int | float)}
