"""World Bank indicators by `wbgapi`, kept in the cache."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from wmjax._errors import DataError
from wmjax.series._cache import check_name, keep_table
from wmjax.series._catalogue import load_cached
from wmjax.series._download import offline
from wmjax.series._observations import Observations


_TIMEOUT = 30.0
_SOURCE = "World Bank, World Development Indicators"
_LICENCE = "CC BY 4.0 with World Bank dispute terms"
_OTHER_TERMS = {
    "MS.MIL.": "SIPRI terms may apply: non-commercial, and only a small part of a data set",
    "EG.": "IEA terms may apply: several releases label this series so",
}
_UNITS = {
    "AG.LND.ARBL.HA": "ha",
    "AG.YLD.CREL.KG": "kg/ha",
    "EG.USE.PCAP.KG.OE": "kg/person/year",
    "IP.PAT.RESD": "1/year",
    "NY.GDP.MKTP.KD": "usd/year",
    "SI.POV.GINI": "percent",
    "SP.DYN.CBRT.IN": "permille/year",
    "SP.DYN.CDRT.IN": "permille/year",
    "SP.DYN.LE00.IN": "year",
    "SP.DYN.TFRT.IN": "1",
    "SP.POP.TOTL": "person",
}
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._]*")
_ECONOMY = re.compile(r"[A-Za-z0-9]{2,3}")


def fetch_world_bank(
    codes: str | Sequence[str],
    economies: str | Sequence[str],
    start: int,
    end: int,
    cache: Path | None = None,
    *,
    name: str | None = None,
    units: Mapping[str, str] | None = None,
) -> Observations:
    """Fetches yearly indicators, keeps them in the cache and loads them.

    **Arguments:**

    - `codes`: such as "SP.POP.TOTL"; `economies`: such as "WLD" or ["USA", "IND"].
    - `start`, `end`: the first and last year.
    - `cache`: the folder of the cache; default `$WMJAX_CACHE/series`, else `~/.cache/wmjax/series`.
    - `name`: what to call the table; by default made from codes and economies. Its series become
        "cache.NAME.ECONOMY.CODE".
    - `units`: the unit of each code that wmjax does not know; without it the unit is unstated.

    **Raises:** `DataError`: "offline: ..." without network; `wbgapi` not installed; a code,
    economy or year that is wrong or has no value. Nothing is kept then.
    """
    asked = [codes] if isinstance(codes, str) else list(codes)
    places = [economies] if isinstance(economies, str) else list(economies)
    _check(asked, places, start, end)
    table_name = name or _default_name(asked, places)
    check_name(table_name)
    rows = _rows(_client(), asked, places, start, end)
    said = _statements(rows, units or {})
    return load_cached(keep_table(table_name, _as_csv(rows), said, cache))


def _client() -> Any:
    try:
        import wbgapi  # pyright: ignore[reportMissingImports]
    except ImportError:
        hint = 'pip install "wmjax[live]"'
        raise DataError("World Bank", "wbgapi is not installed", "the extra `live`", hint) from None
    wbgapi.get_options.setdefault("timeout", _TIMEOUT)
    return wbgapi


def _check(codes: list[str], economies: list[str], start: int, end: int) -> None:
    for what, given, form in (("code", codes, _CODE), ("economy", economies, _ECONOMY)):
        wrong = [text for text in given if not form.fullmatch(text)]
        if wrong or not given:
            hint = "for example SP.POP.TOTL" if what == "code" else "for example WLD or USA"
            raise DataError(f"World Bank {what}", repr(wrong), f"at least one {what}", hint)
    if not 1900 <= start <= end <= 2200:
        found, hint = f"{start} to {end}", "for example 1960 to 2020"
        raise DataError("World Bank years", found, "a first and a last year", hint)


def _rows(
    client: Any, codes: list[str], economies: list[str], start: int, end: int
) -> list[tuple[int, str, float]]:
    """(year, series, value) for each value that is not blank."""
    years = range(start, end + 1)
    try:
        answer = client.data.fetch(codes, economies, years, skipBlanks=True, numericTimeKeys=True)
        rows = [_row(each) for each in answer]
    except OSError as error:
        raise offline(client.endpoint, _root(error)) from None
    except (client.APIError, client.URLError, LookupError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        hint = "check the codes, economies and years at data.worldbank.org"
        raise DataError("World Bank", reason, "an answer with values", hint) from None
    if not rows:
        found = f"no value of {', '.join(codes)} for {', '.join(economies)} in {start} to {end}"
        raise DataError("World Bank", found, "at least one value", "ask for other years")
    return sorted(set(rows))


def _row(said: Mapping[str, Any]) -> tuple[int, str, float]:
    return int(said["time"]), f"{said['economy']}.{said['series']}", float(said["value"])


def _root(error: BaseException) -> Exception:
    """The innermost reason: the outer ones repeat the whole request."""
    while isinstance(cause := getattr(error, "reason", None) or error.__context__, Exception):
        error = cause
    return error if isinstance(error, Exception) else OSError(str(error))


def _default_name(codes: list[str], economies: list[str]) -> str:
    text = "wb_" + "_".join([*codes, *economies]).replace(".", "_")
    if len(text) <= 60:
        return text
    return f"{text[:50]}_{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _statements(rows: list[tuple[int, str, float]], units: Mapping[str, str]) -> dict[str, Any]:
    names = sorted({series for _, series, _ in rows})
    return {
        "source": _SOURCE,
        "licence": _LICENCE,
        "frequency": "year",
        "series": {name: _about(name.split(".", 1)[1], units) for name in names},
    }


def _about(code: str, units: Mapping[str, str]) -> dict[str, str]:
    share = "percent" if code.endswith(".ZS") else ""
    terms = next((said for start, said in _OTHER_TERMS.items() if code.startswith(start)), "")
    return {
        "unit": units.get(code) or _UNITS.get(code, share),
        "source": f"{_SOURCE} {code}",
        "licence": terms or _LICENCE,
        "note": terms,
    }


def _as_csv(rows: Iterable[tuple[int, str, float]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("time", "series", "value"))
    writer.writerows((year, series, repr(value)) for year, series, value in rows)
    return out.getvalue()
