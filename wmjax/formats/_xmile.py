"""A spec as an XMILE document.

Format: OASIS, XML Interchange Language for System Dynamics (XMILE) Version 1.0, 2015.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from wmjax._errors import SpecError
from wmjax.formats._book import Book
from wmjax.formats._events import expand_events
from wmjax.formats._functions import SWITCHES, number
from wmjax.formats._rest import rest, rest_summary, rest_text
from wmjax.formats._scenario import under_scenario
from wmjax.formats._units import unit_equation
from wmjax.formats._variables import Variables
from wmjax.formats._xml import add, clean
from wmjax.program import expand_connections
from wmjax.spec import Call, Issue, ModelSpec, Scenario, Series, check_spec, walk
from wmjax.spec._formula import formulas


_NAMESPACE = "http://docs.oasis-open.org/xmile/ns/XMILE/v1.0"
_ISEE = "http://iseesystems.com/XMILE"
_OURS = "urn:wmjax:xmile:1"
_METHODS = {"euler": "Euler", "rk2": "RK2", "rk4": "RK4"}
_SHOWN = 8


class XmileWarning(UserWarning):
    """What other programs will see differently in an XMILE file."""


@dataclass(frozen=True)
class Xmile:
    """An XMILE document.

    - `text`: the file.
    - `issues`: what other programs will see differently: changed names, switches inside a step.
    - `kept`: what XMILE has no words for; it stands in an element of our own, which other programs
      pass over.
    """

    text: str
    issues: tuple[Issue, ...] = ()
    kept: tuple[str, ...] = ()


def write_xmile(spec: ModelSpec, scenario: Scenario | None = None) -> str:
    """The text of an XMILE file that runs as the spec does under the scenario.

    Warns, with `XmileWarning`, of everything in `Xmile.issues`.

    **Raises:** `SpecError` for a spec with errors; `UserError` for what XMILE cannot say.
    """
    document = to_xmile(spec, scenario)
    for issue in document.issues:
        warnings.warn(str(issue), XmileWarning, stacklevel=2)
    return document.text


def to_xmile(spec: ModelSpec, scenario: Scenario | None = None) -> Xmile:
    """The spec as XMILE, and what is to know about it.

    Connections and events become equations, the scenario changed numbers. The text depends on the
    spec alone.

    **Raises:** `SpecError` for a spec with errors; `UserError` for what XMILE cannot say.
    """
    errors = [i for i in check_spec(spec, units=False) if i.severity == "error"]
    if errors:
        raise SpecError(f"model {spec.name!r}", errors)
    full = expand_events(under_scenario(expand_connections(spec), scenario))
    book = Book(full)
    variables = Element("variables")
    variables.extend(list(Variables(book).elements()))
    left = rest(spec)
    root = _root(book, scenario)
    SubElement(root, "model").append(variables)
    if left:
        add(root, "wmjax:rest", rest_text(left))
    indent(root)
    body = tostring(root, encoding="unicode")
    text = f'<?xml version="1.0" encoding="utf-8"?>\n{body}\n'
    return Xmile(text, tuple(_issues(book, spec, scenario)), rest_summary(left))


def _root(book: Book, scenario: Scenario | None) -> Element:
    """Everything before the model."""
    spec = book.spec
    root = Element("xmile", {"version": "1.0", "xmlns": _NAMESPACE, "xmlns:isee": _ISEE,
                             "xmlns:wmjax": _OURS})  # fmt: skip
    root.append(_header(book, scenario))
    specs = SubElement(root, "sim_specs", {
        "method": _METHODS[spec.time.method], "time_units": clean(spec.time.unit),
    })  # fmt: skip
    if spec.time.stride > 1:
        specs.set("isee:save_interval", number(spec.time.saving))
    for tag, value in (("start", spec.time.start), ("stop", spec.time.end), ("dt", spec.time.step)):
        add(specs, tag, number(value))
    if spec.units:
        units = SubElement(root, "model_units")
        for name, definition in spec.units.items():
            unit = SubElement(units, "unit", {"name": clean(name)})
            if definition:
                add(unit, "eqn", unit_equation(definition))
    if book.ranges:
        dimensions = SubElement(root, "dimensions")
        for dim, names in book.elements.items():
            one = SubElement(dimensions, "dim", {"name": book.dimensions[dim]})
            for name in names.values():
                SubElement(one, "elem", {"name": name})
    return root


def _header(book: Book, scenario: Scenario | None) -> Element:
    from wmjax import __version__

    spec, header = book.spec, Element("header")
    if book.ranges:
        most = max((len(v.dims) for v in spec.variables.values()), default=0)
        options = SubElement(header, "options")
        SubElement(options, "uses_arrays", {"maximum_dimensions": str(max(most, 1))})
    add(header, "vendor", "wmjax")
    SubElement(header, "product", {"version": __version__, "lang": "en"}).text = "wmjax"
    add(header, "name", spec.name if scenario is None else f"{spec.name}, {scenario.name}")
    if spec.description:
        add(header, "caption", spec.description.strip())
    return header


def _issues(book: Book, spec: ModelSpec, scenario: Scenario | None) -> Iterator[Issue]:
    renamed = list(book.renamed().items())
    if renamed:
        pairs = ", ".join(f"{ours!r} is {theirs!r}" for ours, theirs in renamed[:_SHOWN])
        more = f", and {len(renamed) - _SHOWN} more" if len(renamed) > _SHOWN else ""
        yield Issue(
            code="xmile-names", path="variables", severity="warning",
            message=f"names that XMILE does not allow, or does not tell apart: {pairs}{more}",
            hint="rename them here if other programs are to show them so",
        )  # fmt: skip
    events = (*spec.events, *(scenario.events if scenario else ()))
    if spec.time.method != "euler" and (events or _switches(book.spec)):
        yield Issue(
            code="xmile-switch", path="time.method", severity="warning",
            message=f"other programs see steps, pulses and events inside a step of "
            f"{spec.time.method}; wmjax lets them stand still there",
            hint="method: euler runs alike everywhere",
        )  # fmt: skip


def _switches(spec: ModelSpec) -> bool:
    found = (f.expression for f in formulas(spec) if f.expression is not None)
    calls = {n.function for e in found for n in walk(e) if isinstance(n, Call)}
    stairs = (v for v in spec.variables.values() if isinstance(v, Series))
    return bool(calls & SWITCHES) or any(s.interpolation != "linear" for s in stairs)
