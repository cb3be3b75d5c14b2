"""Where the entries of a tape find what they do not compute: numbers, time, events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import jax.numpy as jnp

from wmjax.model._inputs import Inputs
from wmjax.model._operations import Clock, Value
from wmjax.model._table import Tables
from wmjax.program import Program


@dataclass(frozen=True)
class Sources:
    """What a tape is evaluated from, at one time.

    - `read`: the value of a parameter, series or stock, with the shape of its dimensions.
    - `tables`: lookups by name.
    """

    program: Program
    read: Callable[[str], Value]
    tables: Tables
    clock: Clock
    inputs: Inputs | None

    def affected(self, name: str, value: Value) -> Value:
        """The value of a variable under what acts on it from outside."""
        if self.inputs is None or name not in self.inputs.effects:
            return value
        return self.inputs.effects[name](jnp.asarray(value), self.clock)
