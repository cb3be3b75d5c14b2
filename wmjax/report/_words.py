"""Names and units as a reader wants them."""

from __future__ import annotations

import re
import unicodedata


_SPELT = {
    "gdp": "GDP", "tfp": "TFP", "hdi": "HDI", "co2": "CO₂", "ch4": "CH₄", "n2o": "N₂O",
    "erf": "ERF", "gmst": "GMST", "tfr": "TFR", "rd": "R&D", "usa": "USA", "eu": "EU",
}  # fmt: skip
_UNITS = {
    "usd": "US$", "usd_ppp": "PPP US$", "percent": "%", "permille": "‰", "kelvin": "K",
    "degC": "°C", "dimensionless": "", "1": "",
}  # fmt: skip
_MANY = {"person": "people", "year": "years", "day": "days", "month": "months", "week": "weeks"}
_SYMBOL = re.compile(r"[A-Za-zµ°]{1,2}[²³]?|mol|nmol|µmol|ppm|ppb")


def readable(name: str) -> str:
    """A name of a spec as words: `gdp_growth` as "GDP growth", `people[0_4]` as it stands."""
    if "[" in name:
        return name
    text = " ".join(_SPELT.get(word, word) for word in name.replace("_", " ").split()) or name
    return text[:1].upper() + text[1:]


def readable_unit(unit: str) -> str:
    """A unit of a spec as words: `usd/person/year` as "US$ per person per year"."""
    parts = [_unit_part(part) for part in unit.replace("**", "^").split("/")]
    if len(parts) == 1:
        return _MANY.get(unit, parts[0])
    first = _MANY.get(parts[0], parts[0])
    if all(_SYMBOL.fullmatch(part) for part in parts):
        return "/".join(parts)
    return " per ".join([first, *parts[1:]]).strip()


def _unit_part(part: str) -> str:
    words = [_UNITS.get(word, word) for word in part.split("*")]
    text = "·".join(word for word in words if word)
    return text.replace("^2", "²").replace("^3", "³")


def shortened(text: str, most: int) -> str:
    """At most so many characters, with an ellipsis where something was cut."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def slug(text: str) -> str:
    """Lower-case ASCII letters, digits and hyphens, 1 to 60 of them: safe as id and file name."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "x"


class Slugs:
    """Hands out slugs, each once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def __call__(self, text: str) -> str:
        first = slug(text)
        found, count = first, 1
        while found in self._taken:
            count += 1
            found = f"{first}-{count}"
        self._taken.add(found)
        return found


def listed(items: list[str]) -> str:
    """a, b and c."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"
