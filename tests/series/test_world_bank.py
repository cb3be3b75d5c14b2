"""`fetch_world_bank` through wbgapi, against a loopback server that speaks the Bank's API v2."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from wmjax._errors import DataError
from wmjax.series import describe, fetch_world_bank, load_observations


wbgapi = pytest.importorskip("wbgapi")


def _page(rows: list[dict]) -> list:
    return [{"page": 1, "pages": 1, "per_page": 1000, "total": len(rows)}, rows]


def _concepts(*concepts: dict) -> dict:
    return {
        "page": 1,
        "per_page": 1000,
        "total": len(concepts),
        "source": [{"id": "2", "concept": list(concepts)}],
    }


def _country(code: str, iso2: str, region: str) -> dict:
    empty = {"id": "", "iso2code": "", "value": ""}
    return {
        "id": code,
        "iso2Code": iso2,
        "name": code,
        "capitalCity": "",
        "longitude": "",
        "latitude": "",
        "region": {"id": region, "iso2code": "", "value": ""},
        "adminregion": empty,
        "lendingType": empty,
        "incomeLevel": empty,
    }


def _data(rows: list[tuple[str, str, int, float | None]]) -> dict:
    data = [
        {
            "variable": [
                {"concept": "Country", "id": economy, "value": economy},
                {"concept": "Series", "id": code, "value": code},
                {"concept": "Time", "id": f"YR{year}", "value": str(year)},
            ],
            "value": value,
        }
        for code, economy, year, value in rows
    ]
    source = {"id": "2", "name": "World Development Indicators", "data": data}
    return {"page": 1, "per_page": 1000, "total": len(data), "source": source}


@pytest.fixture
def bank(replay, cache: Path, monkeypatch: pytest.MonkeyPatch):
    """The server, with the Bank's lists; wbgapi asks it, and has nothing remembered."""
    monkeypatch.setattr(wbgapi, "endpoint", replay.address + "/v2")
    monkeypatch.setattr(wbgapi.source, "_concepts", {})
    monkeypatch.setattr(wbgapi.time, "_time_values", {})
    for name, empty in (("_localized_metadata", {}), ("_iso2Codes", {}), ("_class_data", None)):
        monkeypatch.setattr(wbgapi.economy, name, empty)
    names = [{"id": n, "value": n} for n in ("Country", "Series", "Time")]
    replay.json("/v2/en/sources/2/concepts", _concepts(*names))
    years = [{"id": f"YR{y}", "value": str(y)} for y in range(1998, 2003)]
    replay.json("/v2/en/sources/2/time/all", _concepts({"id": "Time", "variable": years}))
    for path in ("region", "incomelevel", "lendingtype"):
        replay.json(f"/v2/en/{path}", _page([]))
    countries = [_country("USA", "US", "NAC"), _country("WLD", "1W", "NA")]
    replay.json("/v2/en/country/all", _page(countries))
    return replay


def _path(codes: str, economies: str, years: range) -> str:
    times = ";".join(f"YR{y}" for y in years)
    return f"/v2/en/sources/2/series/{codes}/country/{economies}/time/{times}"


def test_indicators_are_kept_with_their_terms(bank) -> None:
    rows = [
        ("SP.POP.TOTL", "USA", 2001, 284968955),
        ("SP.POP.TOTL", "USA", 2000, 282162411),
        ("SP.POP.TOTL", "WLD", 2000, 6161885616.5),
        ("MS.MIL.XPND.GD.ZS", "USA", 2000, 3.0867),
        ("MS.MIL.XPND.GD.ZS", "USA", 2001, None),
    ]
    bank.json(_path("SP.POP.TOTL;MS.MIL.XPND.GD.ZS", "USA;WLD", range(2000, 2002)), _data(rows))
    codes = ["SP.POP.TOTL", "MS.MIL.XPND.GD.ZS"]
    found = fetch_world_bank(codes, ["USA", "WLD"], 2000, 2001, name="wdi")
    people = found["cache.wdi.USA.SP.POP.TOTL"]
    assert (people.unit, people.frequency) == ("person", "year")
    assert people.times.tolist() == [2000, 2001]
    assert people.values.tolist() == [282162411, 284968955]
    assert people.source.endswith("SP.POP.TOTL") and people.licence.startswith("CC BY 4.0")
    assert people.note == ""
    military = found["cache.wdi.USA.MS.MIL.XPND.GD.ZS"]
    assert military.values.tolist() == [3.0867] and military.unit == "percent"
    assert "SIPRI" in military.note and "SIPRI" in military.licence
    assert found["cache.wdi.WLD.SP.POP.TOTL"].values.tolist() == [6161885616.5]
    bank.answers.clear()
    assert list(load_observations("cache.wdi.WLD")) == ["cache.wdi.WLD.SP.POP.TOTL"]
    assert "SIPRI" in describe("cache.wdi.USA.MS.MIL.XPND.GD.ZS")


def test_a_name_is_made_and_units_are_taken(bank, tmp_path: Path) -> None:
    bank.json(_path("XX.Y", "USA", range(2000, 2001)), _data([("XX.Y", "USA", 2000, 5)]))
    found = fetch_world_bank("XX.Y", "USA", 2000, 2000, tmp_path / "mine", units={"XX.Y": "kg"})
    assert found["cache.wb_XX_Y_USA.USA.XX.Y"].unit == "kg"
    (meta,) = (tmp_path / "mine").glob("wb_XX_Y_USA/*/meta.json")
    assert json.loads(meta.read_text())["fetched"]


def test_a_code_that_the_bank_does_not_know(bank, cache: Path) -> None:
    message = [{"id": "120", "key": "Invalid value", "value": "The parameter is not valid"}]
    bank.json(_path("NO.SUCH", "USA", range(2000, 2001)), [{"message": message}])
    with pytest.raises(DataError, match="Invalid value"):
        fetch_world_bank("NO.SUCH", "USA", 2000, 2000)
    bank.json(_path("NO.SUCH", "USA", range(2000, 2001)), _data([("NO.SUCH", "USA", 2000, None)]))
    with pytest.raises(DataError, match="no value of NO.SUCH"):
        fetch_world_bank("NO.SUCH", "USA", 2000, 2000)
    bank.json(_path("NO.SUCH", "USA", range(2000, 2001)), {"total": 1, "source": [1]})
    with pytest.raises(DataError, match="World Bank"):
        fetch_world_bank("NO.SUCH", "USA", 2000, 2000)
    assert not cache.exists()


def test_offline_is_said_in_one_line(bank, cache: Path) -> None:
    bank.stop()
    with pytest.raises(DataError) as caught:
        fetch_world_bank("SP.POP.TOTL", "USA", 2000, 2001)
    assert caught.value.found.startswith("offline: ") and "\n" not in str(caught.value)
    assert "refused" in caught.value.found
    assert not cache.exists()


@pytest.mark.parametrize(
    ("codes", "economies", "start", "end"),
    [
        ([], "USA", 2000, 2001),
        ("SP.POP.TOTL", [], 2000, 2001),
        ("SP/POP", "USA", 2000, 2001),
        ("SP.POP.TOTL", "US;A", 2000, 2001),
        ("SP.POP.TOTL", "USA", 2001, 2000),
    ],
)
def test_what_is_asked_must_make_sense(bank, codes, economies, start: int, end: int) -> None:
    with pytest.raises(DataError):
        fetch_world_bank(codes, economies, start, end)
    assert bank.asked == []


def test_without_the_extra_the_message_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['wbgapi'] = None\n"
        "from wmjax.series import fetch_world_bank\n"
        "try: fetch_world_bank('SP.POP.TOTL', 'USA', 2000, 2001)\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "DataError" in done.stdout and 'pip install "wmjax[live]"' in done.stdout


def test_the_package_imports_neither_jax_nor_wbgapi() -> None:
    code = (
        "import sys, wmjax.series; print(sorted({'jax', 'wbgapi', 'requests'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
