"""What every part of a spec has in common: frozen, closed, of values that cannot be edited."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Annotated, Any, NoReturn, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, FiniteFloat


K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Document(BaseModel):
    """A frozen part of a spec; unknown keys are errors."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, use_attribute_docstrings=True
    )


class FrozenDict(dict[K, V]):
    """A mapping that cannot be edited, so that a document holding it is a value."""

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("a spec is a value: make a changed copy with `model_copy(update=...)`")

    __setitem__ = __delitem__ = clear = pop = popitem = _refuse
    setdefault = update = __ior__ = _refuse  # pyright: ignore[reportAssignmentType]

    def __reduce__(self) -> tuple[type[FrozenDict[K, V]], tuple[dict[K, V]]]:
        return type(self), (dict(self),)  # copies are made whole, not item by item

    def __hash__(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        return hash(frozenset(self.items()))


def _as_text(value: Any) -> Any:
    """Equations may be written as bare numbers in a file."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return repr(float(value))


def _as_unit(value: Any) -> Any:
    """A pure number may be written as `unit: 1` in a file."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return f"{value:g}"


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Mapping = Annotated[dict[K, V], AfterValidator(FrozenDict)]
"""A mapping frozen on validation."""

Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r'^[^"\[\]\x00-\x1f]+$')]
"""A name: anything but quotes, square brackets and control characters."""

Equation = Annotated[str, BeforeValidator(_as_text), Field(min_length=1, max_length=20_000)]
"""An expression of wmjax's language, as text; parsed by `parse_expression`, never executed."""

UnitText = Annotated[str, BeforeValidator(_as_unit)]
"""A unit, such as `person/year`; `1` for a pure number; empty if unstated."""

Names = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]
"""A list of names; one name may stand alone."""

Interval = tuple[FiniteFloat, FiniteFloat]
