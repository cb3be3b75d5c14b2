"""Which column of a table is what: long or wide."""

from __future__ import annotations

import re
from dataclasses import dataclass

from wmjax.series._mistakes import Mistakes
from wmjax.series._table import TIME_NAMES, Table


_SERIES_NAMES = ("series", "variable", "indicator")
_VALUE_NAMES = ("value",)
_LONG_EXTRAS = ("unit", "sigma", "source", "licence", "license", "note")
# A unit stands behind a space, `cases [person]`; without one, `gdp[USA]` is an element of an array.
_WITH_UNIT = re.compile(r"(.*\S)\s+\[([^\[\]]*)\]", re.DOTALL)
_SIGMA_NAME = re.compile(r"(.*\S)[ _]sigma", re.DOTALL)


@dataclass(frozen=True)
class Cells:
    """One series of the table: its cells, and what the header or a column says about it."""

    name: str
    column: str
    rows: tuple[tuple[int, str, str], ...]
    units: tuple[tuple[int | None, str], ...] = ()
    texts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Layout:
    """The time column's name and cells, and the series."""

    time_column: str
    times: tuple[tuple[int, str], ...]
    series: tuple[Cells, ...]


def split_unit(header: str) -> tuple[str, str | None]:
    """`"cases [person]"` -> `("cases", "person")`; `"cases"` -> `("cases", None)`."""
    m = _WITH_UNIT.fullmatch(header)
    return (m[1], m[2].strip()) if m else (header, None)


def lay_out(table: Table, mistakes: Mistakes) -> Layout | None:
    """Finds the time column and the series; adds to `mistakes` and gives None if it cannot."""
    names = [split_unit(h)[0].casefold() for h in table.header]
    time = _time_index(table, names, mistakes)
    if time is None:
        return None
    is_long = _is_long(names, time)
    series = _long(table, names, time, mistakes) if is_long else _wide(table, time, mistakes)
    if not series and not len(mistakes):
        mistakes.add(
            "no column of values", "a time column and at least one series", "add the values"
        )
    return Layout(table.header[time], tuple(table.column(time)), tuple(series))


def _time_index(table: Table, names: list[str], mistakes: Mistakes) -> int | None:
    found = [i for i, name in enumerate(names) if name in TIME_NAMES]
    exact = [i for i in found if names[i] == "time"]
    # Beside a year, "T" is more likely a temperature than a second time.
    words = [i for i in found if names[i] != "t"]
    best = exact or words or found
    if len(best) == 1:
        return best[0]
    columns = ", ".join(table.header[i] for i in found) or ", ".join(table.header[:8])
    mistakes.add(
        f"{len(found)} time columns among: {columns}",
        "one column named time, year, date, month, week or day",
        "rename the column that holds the time to 'time'"
        if not found
        else "write the time in one column, such as 2000-01, and name it 'time'",
    )
    return None


def _is_long(names: list[str], time: int) -> bool:
    others = {name for i, name in enumerate(names) if i != time}
    if not others & set(_VALUE_NAMES):
        return False
    return bool(others & set(_SERIES_NAMES)) or others <= {*_VALUE_NAMES, *_LONG_EXTRAS}


def _wide(table: Table, time: int, mistakes: Mistakes) -> list[Cells]:
    parts = {i: split_unit(h) for i, h in enumerate(table.header) if i != time}
    by_name = {name: i for i, (name, _) in parts.items()}
    sigma_of = _sigma_columns(by_name)
    out: dict[str, Cells] = {}
    for i, (name, _) in parts.items():
        if i in sigma_of.values():
            continue
        if name in out:
            mistakes.add("a second column of this name", "each name once", "rename it", column=name)
            continue
        sigma = sigma_of.get(name)
        rows = tuple((r, c[i], "" if sigma is None else c[sigma]) for r, c in table.rows)
        stated = [parts[k][1] for k in (i, sigma) if k is not None]
        units = tuple((None, u) for u in stated if u is not None)
        out[name] = Cells(name, table.header[i], rows, units)
    return list(out.values())


def _sigma_columns(by_name: dict[str, int]) -> dict[str, int]:
    matches = {name: _SIGMA_NAME.fullmatch(name) for name in by_name}
    return {m[1]: by_name[name] for name, m in matches.items() if m and m[1] in by_name}


def _long(table: Table, names: list[str], time: int, mistakes: Mistakes) -> list[Cells]:
    roles = _long_roles(table, names, time, mistakes)
    groups: dict[str, list[tuple[int, dict[str, str]]]] = {}
    for row, cells in table.rows:
        said = {role: cells[i] for role, i in roles.items()}
        name = said.get("series", split_unit(table.header[roles["value"]])[0])
        if not name:
            column = table.header[roles["series"]]
            mistakes.add("no name", "the name of the series", "name it", row=row, column=column)
        else:
            groups.setdefault(name, []).append((row, said))
    header_unit = split_unit(table.header[roles["value"]])[1]
    column = table.header[roles["value"]]
    return [_long_cells(name, column, header_unit, rows) for name, rows in groups.items()]


def _long_roles(table: Table, names: list[str], time: int, mistakes: Mistakes) -> dict[str, int]:
    roles: dict[str, int] = {}
    for i, name in enumerate(names):
        if i == time:
            continue
        role = "series" if name in _SERIES_NAMES else "licence" if name == "license" else name
        if role not in ("series", "value", *_LONG_EXTRAS) or role in roles:
            mistakes.add(
                "a column that a table with one value a row does not have",
                "only time, series, value, unit, sigma, source, licence, note",
                "remove it, or write one column a series",
                column=table.header[i],
            )
        else:
            roles[role] = i
    return roles


def _long_cells(
    name: str, column: str, header_unit: str | None, rows: list[tuple[int, dict[str, str]]]
) -> Cells:
    units = [] if header_unit is None else [(None, header_unit)]
    units += [(row, said["unit"]) for row, said in rows if said.get("unit")]
    texts = {
        key: "; ".join(dict.fromkeys(said[key] for _, said in rows if said.get(key)))
        for key in ("source", "licence", "note")
    }
    cells = tuple((row, said["value"], said.get("sigma", "")) for row, said in rows)
    return Cells(name, column, cells, tuple(units), tuple(texts.items()))
