"""Which series of the catalogue measures a quantity of an actor."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

import numpy as np

from wmjax._errors import UserError
from wmjax.series import CatalogueEntry, SeriesValues, catalogue, series_values
from wmjax.spec import convert_factor


_COUNTRIES = {
    "ARG": "argentina", "AUS": "australia", "BRA": "brazil", "CAN": "canada", "CHN": "china",
    "DEU": "germany", "EGY": "egypt", "ESP": "spain", "FRA": "france", "GBR": "united kingdom",
    "IDN": "indonesia", "IND": "india", "IRN": "iran", "ITA": "italy", "JPN": "japan",
    "KOR": "south korea", "MEX": "mexico", "NGA": "nigeria", "PAK": "pakistan", "POL": "poland",
    "RUS": "russia", "SAU": "saudi arabia", "THA": "thailand", "TUR": "turkey",
    "USA": "united states", "VNM": "vietnam", "ZAF": "south africa",
}  # fmt: skip
_ALIKE = 0.34  # shared words over all words, above which a series is taken for the quantity
_DULL = frozenset("of the and per in at by to a total annual mean years both all with for".split())


@functools.lru_cache(maxsize=4096)
def offered(actor: str, category: str, words: str, most: int = 40) -> tuple[CatalogueEntry, ...]:
    """Series that may measure something of an actor, the likeliest first.

    **Arguments:** `words`: what the world is about; they decide the order."""
    code = country_code(actor)
    prefix = "world." if category == "world" else f"countries.{code}." if code else ""
    if prefix:
        about = tokens(words)
        mine = [e for e in entries() if e.id.startswith(prefix)]
        return tuple(sorted(mine, key=lambda e: -_interest(e, about))[:most])
    wanted = tokens(f"{actor} {words}")
    rest = [e for e in entries() if not e.id.startswith("countries.")]
    ranked = sorted(rest, key=lambda e: -alike(wanted, entry_tokens(e)))
    return tuple(e for e in ranked if alike(wanted, entry_tokens(e)) > 0)[:12]


def _interest(entry: CatalogueEntry, about: frozenset[str]) -> float:
    """Words in common with what is asked; people and output concern every question."""
    name = entry.id.rpartition(".")[2]
    return len(about & entry_tokens(entry)) + (name in ("pop_persons", "gdp_2015usd"))


def matching(name: str, meaning: str, unit: str, among: Sequence[CatalogueEntry]) -> str:
    """The id of the series that says the same in other words, in a unit that can be converted; ""
    if there is none."""
    wanted = tokens(name)
    best = max(among, key=lambda e: alike(wanted, entry_tokens(e)), default=None)
    if best is None or not convertible(best.unit, unit):
        return ""
    close = max(alike(wanted, entry_tokens(best)), alike(tokens(meaning), entry_tokens(best)))
    return best.id if close >= _ALIKE else ""


def present_value(id: str, year: float) -> float:
    """The value of a series at a time; the nearest there is outside of its dates."""
    times, values = numbers(id)
    return float(np.interp(year, times, values))


def mean_growth(id: str, until: float | None = None) -> float:
    """Mean relative growth per unit of time up to a moment; 0 for series that are not positive, or
    of which nothing is known by then."""
    times, values = numbers(id)
    seen = times <= (np.inf if until is None else until)
    times, values = times[seen], values[seen]
    if len(times) < 2 or values[0] <= 0 or values[-1] <= 0:
        return 0.0
    return float(np.log(values[-1] / values[0]) / (times[-1] - times[0]))


def convertible(a: str, b: str) -> bool:
    """Whether two units measure the same; an unstated one fits everything."""
    try:
        convert_factor(a, b)
    except UserError:
        return not (a and b)
    return True


def country_code(actor: str) -> str | None:
    """The code of a country of the catalogue."""
    text = actor.strip().lower()
    here = {e.id.split(".")[1] for e in entries() if e.id.startswith("countries.")}
    if text.upper() in here:
        return text.upper()
    for code, name in _COUNTRIES.items():
        if code in here and text in (name, f"the {name}"):
            return code
    return None


@functools.cache
def country_names() -> tuple[str, ...]:
    """The countries of the catalogue, as they are written."""
    here = {e.id.split(".")[1] for e in entries() if e.id.startswith("countries.")}
    return tuple(sorted(name.title() for code, name in _COUNTRIES.items() if code in here))


def largest_economies(count: int) -> list[str]:
    """Names of the countries of the catalogue with the largest last output."""
    last = {n: _output(n) for n in country_names()}
    return sorted(last, key=lambda n: -last[n])[:count]


def _output(country: str) -> float:
    id = f"countries.{country_code(country)}.gdp_2015usd"
    return float(numbers(id).values[-1]) if any(e.id == id for e in entries()) else 0.0


@functools.cache
def entries() -> tuple[CatalogueEntry, ...]:
    return tuple(catalogue())


@functools.cache
def numbers(id: str) -> SeriesValues:
    return series_values(id)


def entry_tokens(entry: CatalogueEntry) -> frozenset[str]:
    return _entry_tokens(entry.id, entry.meaning)


@functools.cache
def _entry_tokens(id: str, meaning: str) -> frozenset[str]:
    return tokens(id.rpartition(".")[2]) | tokens(meaning)


_SAME = {"pop": "population", "persons": "population", "life": "life", "exp": "expectancy",
         "tfr": "fertility", "co2": "carbon", "gmst": "temperature", "degc": "temperature",
         "hdi": "development", "rd": "research", "invest": "investment", "deprec": "depreciation",
         "ag": "agriculture", "ch4": "methane", "ffi": "fossil", "emissions": "carbon",
         "output": "gdp", "terr": "territorial"}  # fmt: skip


def tokens(text: str) -> frozenset[str]:
    words: list[str] = re.findall(r"[a-z]+\d*|\d+", text.lower().replace("_", " "))
    return frozenset(str(_SAME.get(w, w)) for w in words if w not in _DULL)


def alike(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / min(len(a | b), max(2 * len(a), 1)) if a and b else 0.0
