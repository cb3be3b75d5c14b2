"""Names: reserved or given twice, dimensions and series that do not exist."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

from wmjax.spec._functions import FUNCTIONS, TIME_NAMES
from wmjax.spec._issue import Issue
from wmjax.spec._names import spelling_hint
from wmjax.spec._variable import Series
from wmjax.spec.check._codes import issue
from wmjax.spec.check._context import Context


_WORDS = ("if", "else", "or", "and", "not")


def name_issues(context: Context) -> Iterator[Issue]:
    """Names that are reserved or given twice, dimensions that do not exist."""
    spec = context.spec
    for part, names in (("variables", spec.variables), ("dimensions", spec.dimensions)):
        for name in names:
            if name in FUNCTIONS or name in TIME_NAMES or name.lower() in _WORDS:
                yield issue("reserved-name", f"{part}.{name}",
                            f"{name!r} is a word of the expression language",
                            f"rename it, for example {name}_value")  # fmt: skip
    for name in (*spec.dimensions, *spec.fields):
        if name in spec.variables:
            yield issue(
                "duplicate-name",
                f"variables.{name}",
                f"{name!r} is also a dimension",
                "rename one of the two",
                "warning",
            )
    lists = {"actors": spec.actors, "events": spec.events, "checks": spec.checks}
    for part, documents in lists.items():
        for name, times in Counter(d.name for d in documents).items():
            if times > 1:
                yield issue(
                    "duplicate-name",
                    f"{part}.{name}",
                    f"{times} {part} are named {name!r}",
                    "rename all but one",
                )


def dimension_issues(context: Context) -> Iterator[Issue]:
    """Dimensions of variables and aliases that do not exist, or stand twice."""
    known = {*context.spec.dimensions, *context.spec.fields}
    for name, dimension in context.spec.dimensions.items():
        alias = dimension.alias
        if alias is not None and alias not in known | context.lost:
            yield _no_dimension(context, f"dimensions.{name}.alias", alias)
        elif alias is not None and name not in context.dims.elements and _circle(context, name):
            yield issue(
                "dimension-unknown",
                f"dimensions.{name}.alias",
                f"the aliases go round in a circle from {name!r}",
                "list elements in one",
            )
    for name, variable in context.spec.variables.items():
        path = f"variables.{name}.dims"
        for dim in dict.fromkeys(variable.dims):
            if dim not in known | context.lost:
                yield _no_dimension(context, path, dim)
            if variable.dims.count(dim) > 1:
                yield issue("dimension-clash", path, f"{name!r} has dimension {dim!r} twice",
                            f"make an alias: `{dim}_2: {{alias: {dim}}}`")  # fmt: skip


def _circle(context: Context, name: str) -> bool:
    seen, dimensions = set(), context.spec.dimensions
    while name in dimensions and name not in seen:
        seen.add(name)
        name = dimensions[name].alias or ""
    return name in seen


def _no_dimension(context: Context, path: str, name: str) -> Issue:
    known = (*context.spec.dimensions, *context.spec.fields)
    hint = spelling_hint(name, known, "add it under dimensions")
    return issue("dimension-unknown", path, f"there is no dimension {name!r}", hint)


def series_issues(context: Context) -> Iterator[Issue]:
    """Catalogue ids that do not exist, where the catalogue is known."""
    catalogue = context.catalogue
    if catalogue is None:
        return
    for path, _, series in measured(context):
        if series not in catalogue and (path.endswith(".data") or _is_id(series, catalogue)):
            hint = spelling_hint(series, catalogue, "see `wmjax data list`")
            yield issue("unknown-series", path, f"the catalogue has no series {series!r}", hint)


def measured(context: Context) -> Iterator[tuple[str, str, str]]:
    """What names a series: the path, the variable, the series."""
    for name, variable in context.spec.variables.items():
        if variable.observed is not None:
            yield f"variables.{name}.observed", name, variable.observed
        if isinstance(variable, Series) and variable.data is not None:
            yield f"variables.{name}.data", name, variable.data


def _is_id(series: str, catalogue: Collection[str]) -> bool:
    """Whether it names a series of the catalogue and not a column of somebody's own table."""
    return "." in series and series.split(".")[0] in {known.split(".")[0] for known in catalogue}
