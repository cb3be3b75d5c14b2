"""Units: texts, definitions, and every equation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wmjax.spec._actor import Lever
from wmjax.spec._formula import Formula
from wmjax.spec._issue import Issue
from wmjax.spec._names import read_name
from wmjax.spec._unit import UnitError
from wmjax.spec._units import Units, literal
from wmjax.spec._variable import Lookup
from wmjax.spec.check._codes import issue
from wmjax.spec.check._context import Context
from wmjax.spec.check._naming import measured


def unit_issues(context: Context) -> Iterator[Issue]:
    """Issues of the units of the spec."""
    units = Units(context.spec)
    yield from _texts(context, units)
    yield from _stated(context)
    for formula in context.formulas:
        if formula.expression is not None:
            yield from _formula(context, units, formula)
    for name, lever in context.spec.levers.items():
        yield from _lever(units, f"levers.{name}.unit", lever)
    yield from _series(context, units)


def _series(context: Context, units: Units) -> Iterator[Issue]:
    """Series of the catalogue that measure something else than their variable."""
    stated = context.catalogue if isinstance(context.catalogue, Mapping) else {}
    for path, name, series in measured(context):
        ours, theirs = units.variable(name), units.read(stated.get(series, ""))
        if ours is None or theirs is None or units.system.ratio(theirs, ours) is not None:
            continue
        yield issue("unit-clash", path,
                    f"the series {series!r} is in {theirs}, {name!r} in {ours}",
                    "mend the unit of the variable, or name another series")  # fmt: skip


def _places(context: Context) -> Iterator[tuple[str, str]]:
    """Every unit text with its path."""
    spec = context.spec
    yield "time.unit", spec.time.unit
    for name, text in spec.units.items():
        if not text.strip().startswith("["):
            yield f"units.{name}", text
    for name, field in spec.fields.items():
        yield f"fields.{name}.unit", field.unit
    for name, variable in spec.variables.items():
        yield f"variables.{name}.unit", variable.unit
        if isinstance(variable, Lookup):
            yield f"variables.{name}.x.unit", variable.x.unit
            yield f"variables.{name}.y.unit", variable.y.unit
    for name, lever in spec.levers.items():
        yield f"levers.{name}.unit", lever.unit


def _texts(context: Context, units: Units) -> Iterator[Issue]:
    """Texts that are no unit, names that nobody defined, definitions in a circle."""
    seen: set[str] = set(context.lost)
    for path, text in _places(context):
        try:
            unit = units.system.read(text)
        except UnitError as error:
            yield issue("syntax", path, f"{error.found} is no unit; wanted {error.wanted}",
                        error.hint)  # fmt: skip
            continue
        for name in units.system.unknown(unit) if unit is not None else ():
            if name not in seen:
                seen.add(name)
                near = units.system.near(name)
                define = f'define it: `units: {{{name}: ""}}`'
                yield issue("unit-unknown", path, f"the unit {name!r} is not defined",
                            f"did you mean {near!r}? or {define}" if near else define)  # fmt: skip
    circle = units.system.cycle()
    if circle:
        yield issue("unit-clash", f"units.{circle[0]}",
                    f"the definitions go round in a circle: {' -> '.join(circle)}",
                    "define one of them without the others")  # fmt: skip


def _stated(context: Context) -> Iterator[Issue]:
    """One summary of the variables without unit, if others have one."""
    variables = context.spec.variables
    bare = [
        name for name, v in variables.items()
        if not v.unit.strip() and not (isinstance(v, Lookup) and v.y.unit.strip())
    ]  # fmt: skip
    if bare and len(bare) < len(variables):
        listed = ", ".join(bare[:5]) + (f" and {len(bare) - 5} more" if len(bare) > 5 else "")
        yield issue("unit-missing", "variables",
                    f"{len(bare)} of {len(variables)} variables have no unit and are not checked: "
                    f"{listed}", "state units; 1 is a pure number")  # fmt: skip


def _formula(context: Context, units: Units, formula: Formula) -> Iterator[Issue]:
    assert formula.expression is not None
    found: dict[tuple[str, str], Issue] = {}

    def report(code: str, message: str, hint: str) -> None:
        found.setdefault((code, message), issue(code, formula.path, message, hint))

    unit = units.of(formula.expression, report)
    wanted = units.variable(formula.owner) if formula.owner else None
    if formula.role in ("inflow", "outflow") and wanted is not None and units.time is not None:
        flow = context.spec.variables.get(getattr(formula.expression, "name", ""))
        if flow is not None and flow.kind not in ("stock", "lookup"):
            what = f"the {formula.role} {formula.text} of {formula.owner!r}"
            units.fit(unit, wanted / units.time, what, report)
    elif formula.role in ("equation", "initial") and not literal(formula.expression):
        units.fit(unit, wanted, f"the {formula.role} of {formula.owner!r}", report)
    yield from found.values()


def _lever(units: Units, path: str, lever: Lever) -> Iterator[Issue]:
    found: list[Issue] = []
    units.fit(
        units.read(lever.unit),
        units.variable(read_name(lever.target).name),
        f"the lever on {lever.target!r}",
        lambda code, message, hint: found.append(issue(code, path, message, hint)),
    )
    yield from found
