"""The model, scenario and solver that settings name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from wmjax._errors import UserError, UserErrors
from wmjax.app._settings import Solver


if TYPE_CHECKING:
    from wmjax.model import CompiledModel
    from wmjax.spec import ModelSpec, Scenario

ParameterValues: TypeAlias = "dict[str, float | list[float]]"


def compiled(source: str, parameters: Mapping[str, float | list[float]]) -> CompiledModel:
    """The compiled model with other values for some of its parameters."""
    from wmjax.model import compile_model, with_parameters

    model = compile_model(source)
    return with_parameters(model, dict(parameters)) if parameters else model


def check_names(
    spec: ModelSpec, parameters: Mapping[str, object] | None = None, save: list[str] | None = None
) -> None:
    """See that the names are parameters (or lookups) and variables of the model.

    **Raises:** `UserError` with all that are not.
    """
    kinds = {name: variable.kind for name, variable in spec.variables.items()}
    numbers = [name for name, kind in kinds.items() if kind in ("parameter", "lookup")]
    values = [name for name, kind in kinds.items() if kind != "lookup"]
    mistakes = [
        UserError(
            f"parameters.{name}", repr(name), "a parameter or a lookup", nearest(name, numbers)
        )
        for name in parameters or ()
        if name not in numbers
    ]
    mistakes += [
        UserError("save", repr(name), "a variable", nearest(name, values))
        for name in save or ()
        if name not in values
    ]
    if mistakes:
        raise mistakes[0] if len(mistakes) == 1 else UserErrors(mistakes)


def chosen_scenario(source: str, wanted: str | None) -> Scenario | None:
    """A scenario of the model by its name, or the only one of a file.

    **Raises:** `UserError` that names the scenarios there are.
    """
    if wanted is None:
        return None
    return chosen_scenarios(source, [wanted])[0]


def chosen_scenarios(source: str, wanted: Iterable[str] | None) -> list[Scenario]:
    """Scenarios by name or file; all of the model if `wanted` is None."""
    from wmjax.spec import Scenario, load_scenarios, model_path

    folder = model_path(source).parent / "scenarios"
    known = load_scenarios(folder) if folder.is_dir() else {}
    if wanted is None:
        return list(known.values())
    found: list[Scenario] = []
    for name in wanted:
        if name in known:
            found.append(known[name])
        elif name == "baseline":
            found.append(Scenario(name=name))
        elif Path(name).is_file():
            found += load_scenarios(name).values()
        else:
            raise UserError(
                f"scenario {name!r}", f"no scenario of {source!r} and no file",
                ", ".join(known) or "a path of a scenario file", nearest(name, known),
            )  # fmt: skip
    return found


def futures(source: str, wanted: Iterable[str] | None) -> dict[str, Scenario | None]:
    """Scenarios by name, for a sweep or a forecast: the baseline first, in it if all are wanted."""
    found: dict[str, Scenario | None] = {s.name: s for s in chosen_scenarios(source, wanted)}
    if wanted is not None and "baseline" not in found:
        return found
    return {"baseline": found.pop("baseline", None), **found}


def explicit_solver(solver: Solver, stated: str) -> Any:
    """The solver that `simulate` takes: a name of ours, or one of diffrax with its tolerances."""
    name = solver.name or stated
    if name in ("euler", "rk2", "rk4"):
        return name
    import diffrax

    from wmjax.sim import Diffrax

    kind = getattr(diffrax, name.capitalize())
    controller = diffrax.PIDController(rtol=solver.rtol or 1e-8, atol=solver.atol or 1e-10)
    return Diffrax(kind(), controller, max_steps=solver.max_steps or 100_000)


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint with the known names that are spelt most like `name`."""
    names = list(known)
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    if near:
        return "did you mean " + " or ".join(map(repr, near)) + "?"
    shown = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    return f"there are: {shown}" if names else ""
