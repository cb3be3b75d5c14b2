"""Workers, planners and utilities by name: ours, and those of entry points."""

from __future__ import annotations

import difflib
import importlib.metadata
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jaxtyping import Array, Float

from wmjax._errors import UserError
from wmjax.llm import LanguageModel
from wmjax.tax._calendar import Calendar
from wmjax.tax._economy import Economy
from wmjax.tax._options import Options
from wmjax.tax._preferences import PUBLISHED, Isoelastic, Preferences, QuasiLinear
from wmjax.tax._schedule import Schedule
from wmjax.tax._society import Governor, Workforce
from wmjax.tax._welfare import Welfare
from wmjax.tax.personas import Persona


GROUPS = {
    "worker_type": "wmjax.tax.workers",
    "planner_type": "wmjax.tax.planners",
    "utility": "wmjax.tax.preferences",
}
"""Groups of entry points by the option that names one of them."""


@dataclass(frozen=True)
class Setting:
    """What makers of workers and planners know.

    - `floors`: of the brackets, $/yr; `start`: the rates until somebody sets others.
    - `llm`: the language model of the run, if it has one.
    """

    options: Options
    economy: Economy
    welfare: Welfare
    floors: Float[Array, " brackets"]
    start: Schedule
    calendar: Calendar
    personas: Sequence[Persona] = ()
    llm: LanguageModel | None = None

    def need_llm(self, what: str) -> LanguageModel:
        """**Raises:** `UserError` without a language model."""
        return need_llm(what, self.llm)


def need_llm(what: str, llm: LanguageModel | None) -> LanguageModel:
    """**Raises:** `UserError` without a language model."""
    if llm is None:
        raise UserError(
            what, "no language model", "one that answers",
            "llm=local needs no key; others: llm=openai llm.model=NAME",
        )  # fmt: skip
    return llm


UTILITIES: Mapping[str, Callable[[], Preferences]] = {
    "quasi_linear": QuasiLinear, "published": lambda: PUBLISHED, "isoelastic": Isoelastic,
}  # fmt: skip
"""Preferences by name, made without arguments."""


def names(option: str) -> tuple[str, ...]:
    """What an option (worker_type, planner_type, utility) may be, entry points included."""
    found = {point.name for point in importlib.metadata.entry_points(group=GROUPS[option])}
    return tuple(sorted({*_ours(option), *found}))


def check_name(option: str, name: str) -> str:
    """The name as it is registered; capitals as in LLM Economist are allowed.

    **Raises:** `UserError` with the nearest name.
    """
    known = names(option)
    for spelled in (name, name.lower()):
        if spelled in known:
            return spelled
    near = difflib.get_close_matches(name.lower(), known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else "docs/tax.md says how to add one"
    raise UserError(option, repr(name), ", ".join(known), hint)


def make_preferences(name: str) -> Preferences:
    """**Raises:** `UserError` for an unknown name."""
    return _maker("utility", name)()


def make_workforce(name: str, setting: Setting) -> Workforce:
    """**Raises:** `UserError` for an unknown name, or one that needs a language model."""
    return _maker("worker_type", name)(setting)


def make_governor(name: str, setting: Setting) -> Governor:
    """A governor, or in the loop whatever has `plan(economy, welfare)`.

    **Raises:** as `make_workforce`, and for what is neither.
    """
    from wmjax.tax._governors import Computed

    made = _maker("planner_type", name)(setting)
    plan = getattr(made, "plan", None)
    if not callable(plan):
        wanted = "plan(economy, welfare), or async plan(economy, welfare, history)"
        raise UserError(f"planner_type={name}", type(made).__name__, wanted)
    return made if inspect.iscoroutinefunction(plan) else Computed(made)


def _maker(option: str, name: str) -> Callable[..., Any]:
    known = check_name(option, name)
    ours = _ours(option)
    if known in ours:
        return ours[known]
    return next(iter(importlib.metadata.entry_points(group=GROUPS[option], name=known))).load()


def _ours(option: str) -> Mapping[str, Callable[..., Any]]:
    if option == "utility":
        return UTILITIES
    from wmjax.tax._makers import PLANNERS, WORKERS

    return WORKERS if option == "worker_type" else PLANNERS
