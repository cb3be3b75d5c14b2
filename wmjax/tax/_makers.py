"""How the workers and planners that have a name are made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax.numpy as jnp

from wmjax._errors import UserError
from wmjax.tax._governors import Learner
from wmjax.tax._neural import Neural, NeuralPlanner, trained_habits
from wmjax.tax._planner import Held, Planner
from wmjax.tax._registry import Setting
from wmjax.tax._regret import baselines, optima
from wmjax.tax._saez import Saez
from wmjax.tax._society import Workforce
from wmjax.tax._workforces import Bounded, Fixed, Mixed, Rational, fixed_hours


def _fixed(setting: Setting) -> Workforce:
    return Fixed(fixed_hours(setting.economy.skill.shape[0], setting.options.seed))


def _rational(setting: Setting) -> Workforce:
    """At once in the scenario `rational`, with habits otherwise."""
    speed = setting.options.speed
    if setting.options.scenario == "rational" and speed is None:
        return Rational()
    share = (
        1.0 if speed is None and setting.options.scenario == "democratic" else (speed or 30) / 100
    )
    return Bounded(share, setting.personas)


def _neural(setting: Setting) -> Workforce:
    return Neural(trained_habits(setting.economy, setting.floors, setting.options.seed))


def _llm(setting: Setting) -> Workforce:
    from wmjax.tax.language import LanguageWorkers, Surveyed

    cast = language_cast(setting, "worker_type=llm")
    workers = LanguageWorkers(cast)
    return workers if setting.options.scenario == "rational" else Surveyed(workers, cast)


def _one_llm(setting: Setting) -> Workforce:
    """Worker 0 knows that it is one of many; the others have fixed hours."""
    from wmjax.tax.language import LanguageWorkers, Surveyed

    cast = language_cast(setting, "worker_type=one_llm")
    workers = LanguageWorkers(cast, (0,), _fixed(setting))
    return workers if setting.options.scenario == "rational" else Surveyed(workers, cast, (0,))


def _one(make: Callable[[Setting], Workforce]) -> Callable[[Setting], Workforce]:
    """Worker 0 of one kind, all others with fixed hours."""

    def mixed(setting: Setting) -> Workforce:
        from dataclasses import replace

        first = replace(setting, economy=setting.economy.of([0]), personas=setting.personas[:1])
        rest = setting.economy.skill.shape[0] - 1
        return Mixed([0], make(first), Fixed(fixed_hours(rest, setting.options.seed)))

    return mixed


WORKERS: Mapping[str, Callable[[Setting], Workforce]] = {
    "fixed": _fixed, "rational": _rational, "neural": _neural, "llm": _llm,
    "one_rational": _one(_rational), "one_neural": _one(_neural), "one_llm": _one_llm,
}  # fmt: skip


def _saez(setting: Setting) -> Planner:
    return Saez(setting.floors, None, _elasticity(setting))


def _elasticity(setting: Setting) -> Any:
    """One for each bracket, one for all, or None to be measured."""
    stated, brackets = setting.options.elasticity, setting.floors.shape[0]
    if isinstance(stated, list) and len(stated) != brackets:
        raise UserError(
            "elasticity", f"{len(stated)} numbers", f"one for each of {brackets} brackets",
            "one number is for all brackets; left out, it is measured",
        )  # fmt: skip
    return jnp.asarray(stated) if isinstance(stated, list) else stated


def _known(name: str) -> Callable[[Setting], Planner]:
    def make(setting: Setting) -> Planner:
        options = setting.options
        flat = setting.options.rates
        percent = flat if isinstance(flat, int | float) else 50.0
        known = baselines(setting.floors, year=options.year, filing=options.filing, percent=percent)
        return known[name]

    return make


def _us_fed(setting: Setting) -> Planner:
    """The law on its own brackets if they are asked for, else put onto those of the run."""
    own = setting.options.bracket_setting
    named = isinstance(own, str) and own.lower() == "us_fed"
    return _known("us_fed" if named else "us_fed_mapped")(setting)


def _grid(setting: Setting) -> Planner:
    from wmjax.tax._planner import Grid

    step = setting.options.grid_step
    if step is not None:
        return Grid(setting.floors, step)
    return optima(setting.economy, setting.floors)["grid"]


def _gradient(setting: Setting) -> Planner:
    return optima(setting.economy, setting.floors, setting.options.starts)["gradient"]


def _bayes(setting: Setting) -> Planner:
    from wmjax.tax._bayes import Bayes

    return Bayes(setting.floors, setting.options.trials, setting.options.seed)


def _learner(setting: Setting) -> Any:
    seed = setting.options.seed
    return Learner(setting.floors, setting.calendar, seed)


def _language_planner(setting: Setting) -> Any:
    from wmjax.tax.language import LanguagePlanner

    return LanguagePlanner(language_cast(setting, "planner_type=llm"), setting.start)


PLANNERS: Mapping[str, Callable[[Setting], Any]] = {
    "fixed": lambda setting: Held(setting.start), "none": _known("none"), "us_fed": _us_fed,
    "uniform": _known("uniform"), "saez": _saez, "saez_flat": _known("saez_flat"),
    "saez_three": _known("saez_three"), "saez_learned": _learner,
    "gradient": _gradient, "grid": _grid, "bayes": _bayes,
    "neural": lambda s: NeuralPlanner(s.floors, s.options.seed), "llm": _language_planner,
}  # fmt: skip


def language_cast(setting: Setting, what: str) -> Any:
    """The agents of a run that are language models.

    **Raises:** `UserError` without a language model.
    """
    from wmjax.tax.language import Cast, Guidance, Recall, prompting

    return Cast(
        setting.need_llm(what), setting.personas, prompting(setting.options.prompt_algo),
        Recall(setting.options.history_len), Guidance(setting.calendar, setting.options.said),
    )  # fmt: skip
