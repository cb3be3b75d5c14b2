"""Units in the form that XMILE gives them."""

from __future__ import annotations

from wmjax.spec import UnitError
from wmjax.spec._unit import read_unit


def unit_equation(text: str) -> str:
    """A product of units and its divisors, `kg*m^2/s^2`; text that is no unit stays as it is."""
    try:
        unit = read_unit(text)
    except UnitError:
        return text
    above = [_power(name, power) for name, power in unit.powers if power > 0]
    below = [_power(name, -power) for name, power in unit.powers if power < 0]
    scale = [f"{unit.scale:.17g}"] if unit.scale != 1 or not above else []
    return "/".join(["*".join(scale + above), *below])


def _power(name: str, power: float) -> str:
    return name if power == 1 else f"{name}^{power:g}"
