"""Hydra: composition, multirun and launchers, with its mistakes put into our words."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from wmjax._resources import resource_dir
from wmjax.app._explain import explain
from wmjax.app._report_error import report
from wmjax.app._settings import read_settings
from wmjax.app._verbs import Verb
from wmjax.app._words import hydra_arguments


# Hydra keeps its own record of a job in the working directory; ours is the run store.
_QUIET = (
    "hydra.run.dir=.",
    "hydra.output_subdir=null",
    "hydra/job_logging=none",
    "hydra/hydra_logging=none",
    "hydra.sweep.dir=${store.path}/multirun/${now:%Y-%m-%d_%H-%M-%S}",
    "hydra.sweep.subdir=.",
)


class JobFailed(Exception):
    """A job in another process failed and has said why; `args` are its exit status and, if what it
    said is not heard here, where that lies."""


@dataclass
class _Task:
    """What Hydra calls with the settings of each job, and what came of it."""

    verb: Verb
    words: tuple[str, ...]
    statuses: list[int] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)

    def one(self, config: DictConfig) -> None:
        # Hydra would print the overrides of a job that raises; the error says more.
        try:
            self.statuses.append(self._run(config, words=self.words))
        except Exception as error:
            self.failures.append(error)

    def of_many(self, config: DictConfig) -> None:
        """Says itself what went wrong: it may run in another process."""
        number = HydraConfig.get().job.num
        print(f"[{number}] {' '.join(HydraConfig.get().overrides.task)}", file=sys.stderr)
        try:
            status = self._run(config, job=number)
        except Exception as error:
            status = report(error, f"[{number}] ")
        self.statuses.append(status)
        launcher = HydraConfig.get().launcher
        if status and "basic_launcher" not in launcher._target_:
            folder = str(launcher.get("submitit_folder", "")).removesuffix("/%j")
            raise JobFailed(status, folder and f"[{number}] failed; what it said is in {folder}")

    def _run(self, config: DictConfig, **context: Any) -> int:
        module = importlib.import_module(f"wmjax.app._{self.verb.name}")
        plain = cast(dict[str, Any], OmegaConf.to_container(config, resolve=True))
        plain |= {"llm": None} if (plain.get("llm") or {}).get("provider") == "none" else {}
        return module.run(read_settings(module.Settings, {**plain, **context}, self.verb))


def run_verb(verb: Verb, words: list[str]) -> int:
    """Composes the settings of a verb and runs it, once or (`-m`) many times.

    **Returns:** the exit status; of many jobs the highest.

    **Raises:** `UserError` for settings that do not exist or have the wrong type.
    """
    flags, overrides = hydra_arguments(verb, words)
    task = _Task(verb, tuple(words))

    def job(config: DictConfig) -> None:
        many = HydraConfig.get().mode == RunMode.MULTIRUN
        (task.of_many if many else task.one)(config)

    try:
        with _hydra_process(verb, [*flags, *_QUIET, *overrides]):
            _entry(verb, job)()
    except JobFailed as failed:
        status, where = failed.args
        print(where, end="\n" if where else "", file=sys.stderr)
        return status
    except Exception as error:
        raise explain(error, verb, overrides) from error
    if task.failures:
        raise task.failures[0]
    return max(task.statuses, default=0)


def _entry(verb: Verb, job: Callable[[DictConfig], None]) -> Callable[[], None]:
    folder = str(resource_dir("conf"))
    return hydra.main(version_base="1.3", config_path=folder, config_name=verb.name)(job)


@contextmanager
def _hydra_process(verb: Verb, arguments: list[str]) -> Iterator[None]:
    """Hydra reads its arguments, and whether to leave tracebacks to us, from the process."""
    before, full = sys.argv, os.environ.get("HYDRA_FULL_ERROR")
    sys.argv = [f"wmjax {verb.name}", *arguments]
    os.environ["HYDRA_FULL_ERROR"] = "1"
    try:
        yield
    finally:
        sys.argv = before
        os.environ.pop("HYDRA_FULL_ERROR")
        if full is not None:
            os.environ["HYDRA_FULL_ERROR"] = full
