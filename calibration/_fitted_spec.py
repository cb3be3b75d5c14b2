"""A fitted model as a document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from wmjax.model import CompiledModel
from wmjax.spec import Lookup, ModelSpec, Parameter


def fitted_spec(model: CompiledModel, names: Iterable[str]) -> ModelSpec:
    """The model's spec with the present numbers of these parameters and lookups."""
    spec = model.spec
    changed: dict[str, Any] = dict(spec.variables)
    for name in dict.fromkeys(names):
        old = changed[name]
        if isinstance(old, Lookup):
            y = tuple(float(v) for v in np.asarray(model.lookups[name].y))
            changed[name] = old.model_copy(update={"y": old.y.model_copy(update={"points": y})})
        elif isinstance(old, Parameter):
            value = np.asarray(model.parameters[name], float).tolist()
            changed[name] = Parameter.model_validate({**old.model_dump(), "value": value})
    return ModelSpec.model_validate({**spec.model_dump(by_alias=True), "variables": {
        n: v.model_dump(by_alias=True) for n, v in changed.items()}})  # fmt: skip
