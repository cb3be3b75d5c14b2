"""Elements of XMILE, filled."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement

from wmjax.formats._book import Book
from wmjax.formats._points import Curve
from wmjax.formats._units import unit_equation
from wmjax.formats._values import Texts
from wmjax.formats._xml import add, clean
from wmjax.spec import Variable


def begun(tag: str, name: str, *, doc: str = "", unit: str = "") -> Element:
    """An element with its name, documentation and unit."""
    element = Element(tag, {"name": clean(name)})
    if doc:
        add(element, "doc", doc)
    if unit:
        add(element, "units", unit_equation(unit))
    return element


def begun_as(tag: str, name: str, variable: Variable, *, unit: str | None = None) -> Element:
    """An element that says what a variable says about itself."""
    source = f"Source: {variable.source}" if variable.source else ""
    about = "\n".join(filter(None, (variable.doc, source)))
    return begun(tag, name, doc=about, unit=variable.unit if unit is None else unit)


def filled(book: Book, element: Element, dims: Sequence[str], texts: Texts) -> Element:
    """The element with its dimensions and equations."""
    if dims:
        inside = SubElement(element, "dimensions")
        for dim in dims:
            SubElement(inside, "dim", {"name": book.dimensions[dim]})
    for key, text in texts.items():
        one = SubElement(element, "element", {"subscript": ",".join(key)}) if key else element
        add(one, "eqn", text)
    return element


def with_points(element: Element, curve: Curve) -> Element:
    """The element with a graphical function; a `gf` is one itself."""
    inside = element if element.tag == "gf" else SubElement(element, "gf")
    add(inside, "xpts", curve.xs)
    add(inside, "ypts", curve.ys)
    return element
