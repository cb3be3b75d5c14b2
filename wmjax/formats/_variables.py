"""Variables of a spec as elements of XMILE."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from xml.etree.ElementTree import Element, SubElement

from wmjax.formats._book import Book
from wmjax.formats._chains import Stage
from wmjax.formats._elements import begun, begun_as, filled, with_points
from wmjax.formats._equations import Equations, constants, write, written
from wmjax.formats._functions import number
from wmjax.formats._names import quoted
from wmjax.formats._points import lookup_curve, series_curve
from wmjax.formats._values import Texts
from wmjax.formats._xml import add
from wmjax.spec import Auxiliary, Flow, Lookup, Parameter, Series, Stock, Variable
from wmjax.spec._names import read_name


class Variables:
    """Writes the variables of one book."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._feeding: set[tuple[str, str]] = set()

    def elements(self) -> Iterator[Element]:
        """All, each after the variables made for it; tables that nothing reads come last."""
        variables = self.book.spec.variables
        for name, variable in variables.items():
            yield from self._written(name, variable)
        for name, variable in variables.items():
            if isinstance(variable, Lookup) and name not in self.book.read:
                xmile = self.book.variables[name]
                element = begun_as("gf", xmile, variable, unit=variable.y.unit)
                yield with_points(element, lookup_curve(variable))

    def _written(self, name: str, variable: Variable) -> Iterator[Element]:
        match variable:
            case Flow():
                yield from self._equation("flow", name, variable, variable.equation)
            case Auxiliary():
                yield from self._equation("aux", name, variable, variable.equation)
            case Parameter():
                yield self._parameter(name, variable)
            case Series():
                yield self._series(name, variable)
            case Stock():
                yield from self._stock(name, variable)
            case Lookup():
                return

    def _equation(
        self, tag: str, name: str, variable: Variable, formula: str | Mapping[str, str]
    ) -> Iterator[Element]:
        equations = written(self.book, name, formula, variable.dims)
        yield from self._besides(equations, variable.dims)
        element = begun_as(tag, self.book.variables[name], variable)
        yield filled(self.book, element, variable.dims, equations.texts)

    def _parameter(self, name: str, parameter: Parameter) -> Element:
        element = begun_as("aux", self.book.variables[name], parameter)
        if parameter.bounds is not None:
            low, high = map(number, parameter.bounds)
            SubElement(element, "range", {"min": low, "max": high})
        texts = constants(self.book, parameter.value, parameter.dims)
        return filled(self.book, element, parameter.dims, texts)

    def _series(self, name: str, series: Series) -> Element:
        """Data as a graphical function of time."""
        element = begun_as("aux", self.book.variables[name], series)
        curve = series_curve(self.book.spec, name, series)
        return with_points(filled(self.book, element, series.dims, {(): "TIME"}), curve)

    def _stock(self, name: str, stock: Stock) -> Iterator[Element]:
        equations = written(self.book, name, stock.initial, stock.dims)
        yield from self._besides(equations, stock.dims)
        xmile = self.book.variables[name]
        initial = begun("aux", self._free(f"{xmile} initial"), unit=stock.unit)
        element = begun_as("stock", xmile, stock)
        yield from self._started(element, initial, stock.dims, equations.texts)
        for tag, flows in (("inflow", stock.inflows), ("outflow", stock.outflows)):
            for flow in flows:
                feeding = self._own_flow(tag, flow, stock)
                if feeding is None:
                    feeding = self.book.names.take(self._free(f"{xmile} {tag}"))
                    yield self._pipe(feeding, name, flow, stock)
                add(element, tag, quoted(feeding))
        yield element

    def _started(
        self, element: Element, initial: Element, dims: Sequence[str], texts: Texts
    ) -> Iterator[Element]:
        """Gives a stock its initial value; values that differ by element take a variable of their
        own, as some readers know one initial equation for all elements only."""
        if () not in texts:
            name = self.book.names.take(initial.attrib["name"])
            yield filled(self.book, initial, dims, texts)
            subscripts = (self.book.dimensions[d] for d in dims)
            texts = {(): self.book.reference(name, subscripts)}
        filled(self.book, element, dims, texts)

    def _own_flow(self, tag: str, flow: str, stock: Stock) -> str | None:
        """The flow itself, if it has the dimensions of the stock and feeds or empties no other."""
        variable = self.book.spec.variables.get(flow)
        if not isinstance(variable, Flow) or variable.dims != stock.dims:
            return None
        if (tag, flow) in self._feeding:
            return None
        self._feeding.add((tag, flow))
        return self.book.variables[flow]

    def _pipe(self, made: str, owner: str, flow: str, stock: Stock) -> Element:
        """A flow made for a stock, equal to what the spec lets it be fed by."""
        reference = read_name(flow)
        equations = write(self.book, owner, reference, stock.dims)
        unit = self.book.spec.variables[reference.name].unit
        return filled(self.book, begun("flow", made, unit=unit), stock.dims, equations.texts)

    def _besides(self, equations: Equations, dims: Sequence[str]) -> Iterator[Element]:
        """The variables made for the equations of another."""
        for call in equations.calls:
            lookup = self.book.spec.variables[call.lookup]
            assert isinstance(lookup, Lookup)
            harmless = dict.fromkeys(equations.texts, number(call.curve.points[0][0]))
            element = begun_as("aux", call.name, lookup, unit=lookup.y.unit)
            over = () if call.scalar else dims
            texts = harmless | call.equations
            yield with_points(filled(self.book, element, over, texts), call.curve)
        for stage in equations.stages:
            yield from self._stage(stage, equations, dims)

    def _stage(self, stage: Stage, equations: Equations, dims: Sequence[str]) -> Iterator[Element]:
        """One stage of a smooth or delay: its flows and its stock. The flow that feeds a stage of a
        delay may be the one that empties the stage before."""
        idle = dict.fromkeys(equations.texts, "0.0")
        for flow, texts in ((stage.inflow, stage.feeding), (stage.outflow, stage.emptying)):
            if texts:
                yield filled(self.book, begun("flow", flow), dims, idle | texts)
        element = begun("stock", stage.stock)
        initial = begun("aux", self._free(f"{stage.stock} initial"))
        yield from self._started(element, initial, dims, idle | stage.initial)
        add(element, "inflow", quoted(stage.inflow))
        if stage.outflow:
            add(element, "outflow", quoted(stage.outflow))
        yield element

    def _free(self, wanted: str) -> str:
        return self.book.names.free(wanted)
