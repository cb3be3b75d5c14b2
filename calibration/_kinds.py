"""Arguments of the kind they should be."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from calibration._fit_file import FitFile
from calibration._free import FreeParameter
from wmjax._errors import UserError, UserErrors
from wmjax.model import CompiledModel
from wmjax.series import Observations


def check_kinds(
    model: object, observations: object, settings: object, terms: object, free: object
) -> None:
    """**Raises:** `UserErrors` for arguments of another kind than they should be."""
    kinds = {
        "model": (model, CompiledModel, "a compiled model", "wmjax.compile_model(...) gives one"),
        "observations": (observations, Observations, "observations",
                         "wmjax.load_observations(...) makes them of a CSV or a DataFrame"),
        "settings": (settings, FitFile | Mapping | str | os.PathLike | None,
                     "a fit file, its path or a mapping of its keys", ""),
        "terms": (terms, Sequence | None, "a list of FitTerm", ""),
        "free": (free, Mapping | Sequence | None, "a list of names, or a mapping from them to"
                 " FreeParameter", "for example free=['saving']"),
    }  # fmt: skip
    wrong = [
        UserError(name, f"a {type(value).__name__}", wanted, hint)
        for name, (value, kind, wanted, hint) in kinds.items() if not isinstance(value, kind)
    ]  # fmt: skip
    if isinstance(free, str):
        wrong.append(UserError("free", repr(free), "a list of names", f"free=[{free!r}]"))
    if isinstance(free, Mapping):
        wrong += [
            UserError(f"free.{name}", repr(value), "a FreeParameter",
                      "calibration.FreeParameter(bounds=(0, 1)), for example")
            for name, value in free.items() if not isinstance(value, FreeParameter)
        ]  # fmt: skip
    if wrong:
        raise wrong[0] if len(wrong) == 1 else UserErrors(wrong)
