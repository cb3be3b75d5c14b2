"""Runs that the store keeps, and how one that was cut short goes on."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from wmjax._errors import StoreError, UserError, WmjaxError
from wmjax.app._follower import unheard_run
from wmjax.app._inputs import keep_inputs, with_inputs
from wmjax.app._jax import is_follower, prepare_jax
from wmjax.app._report_error import failure
from wmjax.app._settings import Compute, JaxSettings, VerbSettings, read_settings
from wmjax.app._verbs import find_verb


if TYPE_CHECKING:
    from wmjax.spec import ModelSpec
    from wmjax.store import Run, RunRecord, RunStore

_ROOM = 64 * 2**20  # bytes free before anything starts

S = TypeVar("S", bound=JaxSettings)


def open_store(settings: VerbSettings) -> RunStore:
    from wmjax.store import RunStore

    return RunStore(settings.store.path)


def recorded(
    verb: str,
    settings: S,
    work: Callable[[S, Run], int],
    spec: ModelSpec | Mapping[str, Any] | None = None,
    seed: int | None = None,
) -> int:
    """Does `work` as a new run of the store, once it is clear that there is room and a device."""
    store = open_store(settings)
    store.preflight(_ROOM)
    prepare_jax(settings.compute)
    config = settings.model_dump(exclude={"job", "words"})
    if is_follower():
        return _unheard(verb, work, settings, config)
    opened = store.start(verb, config=config, spec=spec, seed=seed, argv=settings.words)
    with _totalled(store, opened) as run:
        keep_inputs(config, run.folder)
        return _worked(work, settings, run)


def resume(
    store: RunStore,
    run_id: str,
    compute: Compute | None = None,
    limits: Mapping[str, float] | None = None,
) -> int:
    """Takes up a run where it stopped, on the devices it had or on others; its precision stays,
    and so do the files that it read.

    **Arguments:**

    - `limits`: other limits than it had, of money, tokens, calls or seconds.

    **Raises:** `StoreError` if it is done, worked on, or of a verb that cannot go on; `UserError`
    for limits that its verb does not have.
    """
    record = store.get(run_id)
    module = _module(record)
    config = _config(store, record)
    if compute is not None:
        config["compute"] = compute.model_dump() | {"precision": config["compute"]["precision"]}
    config |= _limits(record, limits or {})
    settings = read_settings(module.Settings, config, find_verb(record.verb))
    prepare_jax(settings.compute)
    if is_follower():
        return _unheard(record.verb, module.work, settings, config)
    opened = store.resume(record.id, done=getattr(module, "REOPENS", False))
    with _totalled(store, opened) as run:
        for name, limit in (limits or {}).items():
            run.event("limit", f"{name}={limit:g}")
        return _worked(module.work, settings, run)


def repeat(store: RunStore, run_id: str) -> int:
    """Does again what a run did, as a new run, from the files that it read.

    **Raises:** `StoreError` if its verb keeps no runs.
    """
    record = store.get(run_id)
    module = _module(record)
    config = _config(store, record)
    return module.run(read_settings(module.Settings, config, find_verb(record.verb)))


def _config(store: RunStore, record: RunRecord) -> dict[str, Any]:
    """The configuration of a run, with the files that it read, in the store it was found in."""
    return with_inputs(record.config, record.folder) | {"store": {"path": str(store.path)}}


def _module(record: RunRecord) -> Any:
    module = importlib.import_module(f"wmjax.app._{find_verb(record.verb).name}")
    if not hasattr(module, "work"):
        raise StoreError(
            f"run {record.id}", f"a run of {record.verb!r}", "one that can go on", record.command()
        )
    return module


def _limits(record: RunRecord, limits: Mapping[str, float]) -> Mapping[str, float]:
    """**Raises:** `UserError` for limits that a verb does not have."""
    strange = [name for name in limits if name not in record.config]
    if strange:
        known = [n for n in ("money", "tokens", "calls", "seconds") if n in record.config]
        raise UserError(
            f"wmjax runs resume, {', '.join(strange)}", f"a run of {record.verb!r}",
            f"limits that it has: {', '.join(known) or 'none'}", record.command(),
        )  # fmt: skip
    return limits


@contextmanager
def _totalled(store: RunStore, opened: AbstractContextManager[Run]) -> Iterator[Run]:
    """A run that asked language models ends with what they took, however it ends."""
    run_id = ""
    try:
        with opened as run:
            run_id = run.id
            yield run
    finally:
        for total in store.costs("run", [run_id]) if run_id else ():
            print(f"language models: {total}", flush=True)


def _unheard(
    verb: str, work: Callable[[S, Run], int], settings: S, config: Mapping[str, Any]
) -> int:
    """Computes with the first process of a job, which writes and speaks for all."""
    alone = settings.model_copy(update={"output": None} if hasattr(settings, "output") else {})
    with unheard_run(verb, config) as run:
        return _worked(work, alone, run)


def _worked(work: Callable[[S, Run], int], settings: S, run: Run) -> int:
    try:
        return work(settings, run)
    except (WmjaxError, BrokenPipeError):
        raise
    except Exception as error:
        raise failure(error, run.folder) from error
