"""What names of units mean: those of a spec, a few of ours, and pint's."""

from __future__ import annotations

import difflib
import functools
import math
from collections.abc import Mapping
from typing import Any

from wmjax.spec._unit import Unit, UnitError, read_unit


DEFAULT_UNITS: Mapping[str, str] = {
    "person": "", "people": "person", "persons": "person", "capita": "person",
    "usd": "", "dollar": "usd", "dollars": "usd", "$": "usd", "usd_ppp": "",
    "eur": "", "€": "eur", "gbp": "", "£": "gbp",
    "unit": "", "units": "unit",
    "dmnl": "1", "dimensionless": "1", "unitless": "1", "fraction": "1",
    "percent": "0.01", "%": "percent", "permille": "0.001", "‰": "permille",
    "ppm": "1e-6", "ppb": "1e-9", "ppt": "1e-12",
    "degC": "kelvin", "°C": "kelvin", "decade": "10 year",
}  # fmt: skip
"""Units besides pint's; an empty text makes a base unit. Temperatures are differences: a change of
one degC is a change of one kelvin."""

_PURE_BASES = ("radian", "count")
_COMMON = ("year", "month", "week", "day", "hour", "second", "kilogram", "gram", "tonne", "metre",
           "meter", "kelvin", "joule", "watt", "hectare", "litre", "mole", "calorie", "barrel",
           "pascal", "newton", "volt", "kWh", "GtC", "GtCO2")  # fmt: skip

Reduced = tuple[float, tuple[tuple[str, float], ...]]


class UnitSystem:
    """The units of one spec: its own definitions first, then `DEFAULT_UNITS`, then pint's names
    with their prefixes. A name that none of them has is a base unit of its own."""

    def __init__(self, definitions: Mapping[str, str]) -> None:
        self._definitions = {**DEFAULT_UNITS, **definitions}
        self._own = tuple(definitions)
        self._reduced: dict[str, Reduced] = {}

    def read(self, text: str) -> Unit | None:
        """The unit of a text; None for an empty one, which states nothing.

        **Raises:** `UnitError` if the text is no unit.
        """
        return read_unit(text) if text.strip() else None

    def ratio(self, unit: Unit, other: Unit) -> float | None:
        """How many of `other` make one `unit`; None if they measure different things."""
        (scale, powers), (other_scale, other_powers) = self.reduce(unit), self.reduce(other)
        return scale / other_scale if powers == other_powers else None

    def reduce(self, unit: Unit) -> Reduced:
        """The unit in base units."""
        total = Unit(unit.scale)
        for name, power in unit.powers:
            scale, powers = self._base(name)
            total = total * Unit(scale, powers) ** power
        return total.scale, total.powers

    def unknown(self, unit: Unit) -> list[str]:
        """The names in a unit that nobody has defined."""
        return [name for name, _ in unit.powers if not self._known(name)]

    def near(self, name: str) -> str:
        """The nearest spelling of a known unit, or an empty text."""
        candidates = {n.lower(): n for n in (*_COMMON, *self._definitions)}
        near = difflib.get_close_matches(name.lower(), candidates, n=1, cutoff=0.75)
        return candidates[near[0]] if near else ""

    def cycle(self) -> tuple[str, ...]:
        """Definitions that go round in a circle, or nothing."""
        for start in self._own:
            path = self._descend(start, ())
            if path:
                return path
        return ()

    def _descend(self, name: str, path: tuple[str, ...]) -> tuple[str, ...]:
        if name in path:
            return (*path[path.index(name) :], name)
        for inner in self._inside(name):
            found = self._descend(inner, (*path, name))
            if found:
                return found
        return ()

    def _inside(self, name: str) -> list[str]:
        unit = self._definition(name)
        return [n for n, _ in unit.powers] if unit else []

    def _definition(self, name: str) -> Unit | None:
        """What the definition of a name says; None for a base unit, or one that says nothing."""
        text = self._definitions.get(name, "").strip()
        if not text or text.startswith("["):
            return None
        try:
            return read_unit(text)
        except UnitError:
            return None

    def _known(self, name: str) -> bool:
        return self._meaning(name) in self._definitions or _pint(self._meaning(name)) is not None

    def _meaning(self, name: str) -> str:
        """The name itself, or in lower case where only that is known (`Year`, `USD`)."""
        if name in self._definitions or _pint(name) is not None or len(name) < 3:
            return name
        lower = name.lower()
        return lower if lower in self._definitions or _pint(lower) is not None else name

    def _base(self, name: str) -> Reduced:
        if name not in self._reduced:
            self._reduced[name] = 1.0, ((name, 1.0),)  # holds while a circle is followed
            self._reduced[name] = self._resolve(self._meaning(name))
        return self._reduced[name]

    def _resolve(self, name: str) -> Reduced:
        unit = self._definition(name)
        if unit is not None:
            return self.reduce(unit)
        found = None if name in self._definitions else _pint(name)
        return found or (1.0, ((name, 1.0),))


@functools.lru_cache(maxsize=64)
def _system(definitions: tuple[tuple[str, str], ...]) -> UnitSystem:
    return UnitSystem(dict(definitions))


def unit_system(definitions: Mapping[str, str] | None = None) -> UnitSystem:
    """The units that a spec's `units` mapping makes, shared between equal mappings."""
    return _system(tuple(sorted((definitions or {}).items())))


def convert_factor(from_unit: str, to_unit: str, units: Mapping[str, str] | None = None) -> float:
    """What a number in `from_unit` is multiplied by to be in `to_unit`.

    An empty text states no unit, and the factor is 1.

    **Raises:** `UnitError` naming both if they measure different things.
    """
    system = unit_system(units)
    source, target = system.read(from_unit), system.read(to_unit)
    if source is None or target is None:
        return 1.0
    ratio = system.ratio(source, target)
    if ratio is not None:
        return ratio
    strange = [*system.unknown(source), *system.unknown(target)]
    hint = "correct one of the two units"
    if strange:
        hint = f"{', '.join(map(repr, strange))} is no known unit: define it under `units`"
    raise UnitError(
        f"units {from_unit!r} and {to_unit!r}", repr(from_unit),
        f"a unit that can be turned into {to_unit!r}", hint,
    )  # fmt: skip


@functools.cache
def _registry() -> Any:
    import pint  # here and nowhere else, as it takes 0.6 s

    return pint.UnitRegistry(cache_folder=None)


@functools.lru_cache(maxsize=4096)
def _pint(name: str) -> Reduced | None:
    """A name of pint in base units, or None.

    A one-letter prefix before a full name is not believed: pint would read `hare` as a hecto-are
    and `unit` as a micro-nit.
    """
    from pint import PintError

    registry = _registry()
    try:
        prefix, unit, _ = registry.parse_unit_name(name)[0]
        if prefix and not name.startswith(prefix) and name.removesuffix("s").endswith(unit):
            return None
        factor, base = registry.get_base_units(name)
    except (PintError, IndexError, AttributeError, ValueError, TypeError):
        return None
    scale = float(factor)
    powers = ((n, round(float(p), 9)) for n, p in base._units.items() if n not in _PURE_BASES)
    return (scale, tuple(sorted(powers))) if math.isfinite(scale) and scale > 0 else None
