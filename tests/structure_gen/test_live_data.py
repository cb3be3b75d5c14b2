"""Live data: the World Bank's wire format from a loopback server; the Bank itself on request."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from structure_gen import Brief, Generated, generate
from tests.series.conftest import Replay
from tests.structure_gen.author import answer
from wmjax.llm import Request, language_model, scripted
from wmjax.series import describe, world_bank_indicators
from wmjax.spec import check_spec


wbgapi = pytest.importorskip("wbgapi")

YEARS = range(1990, 2011)
TREES, CODE = "Forest area (sq. km)", "AG.LND.FRST.K2"
_LIST = {"SP.POP.TOTL": "Population, total", CODE: TREES, "IT.CEL.SETS": "Mobile subscriptions"}


def _paged(rows: list[dict[str, Any]]) -> list[Any]:
    return [{"page": 1, "pages": 1, "per_page": 1000, "total": len(rows)}, rows]


def _concept(name: str, values: dict[str, str]) -> dict[str, Any]:
    found = [{"id": k, "value": v} for k, v in values.items()]
    return {"page": 1, "per_page": 1000, "total": len(found),
            "source": [{"id": "2", "concept": [{"id": name, "variable": found}]}]}  # fmt: skip


def _data(code: str, economy: str) -> dict[str, Any]:
    rows = [
        {"variable": [{"concept": "Country", "id": economy, "value": economy},
                      {"concept": "Series", "id": code, "value": code},
                      {"concept": "Time", "id": f"YR{y}", "value": str(y)}],
         "value": 1_570_000.0 + 20_000 * (y - 1990)}
        for y in YEARS
    ]  # fmt: skip
    source = {"id": "2", "name": "World Development Indicators", "data": rows}
    return {"page": 1, "per_page": 1000, "total": len(rows), "source": source}


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Replay]:
    """A server with the Bank's lists; wbgapi asks it, and remembers nothing."""
    monkeypatch.setenv("WMJAX_CACHE", str(tmp_path / "cache"))
    server = Replay()
    monkeypatch.setattr(wbgapi, "endpoint", server.address + "/v2")
    monkeypatch.setattr(wbgapi.source, "_concepts", {})
    monkeypatch.setattr(wbgapi.time, "_time_values", {})
    for name, empty in (("_localized_metadata", {}), ("_iso2Codes", {}), ("_class_data", None)):
        monkeypatch.setattr(wbgapi.economy, name, empty)
    names = [{"id": n, "value": n} for n in ("Country", "Series", "Time")]
    concepts = {"page": 1, "per_page": 1000, "total": 3, "source": [{"id": "2", "concept": names}]}
    server.json("/v2/en/sources/2/concepts", concepts)
    server.json("/v2/en/sources/2/time/all", _concept("Time", {f"YR{y}": str(y) for y in YEARS}))
    server.json("/v2/en/sources/2/series/all", _concept("Series", _LIST))
    for path in ("region", "incomelevel", "lendingtype", "country/all"):
        server.json(f"/v2/en/{path}", _paged([]))
    yield server
    server.stop()


def _world(name: str, meaning: str, sources: tuple[Any, ...]) -> Generated:
    def reply(request: Request) -> Any:
        found = answer(request)
        if "quantities" in found:
            found["quantities"].append({
                "name": name, "group": "resources", "kind": "stock", "unit": "1", "value": 1.0,
                "uncertainty_percent": 10, "part_of": "", "series": "", "meaning": meaning,
            })  # fmt: skip
        return found

    brief = Brief(text="forests", depth=2, start=1990, end=2010, quantities=6)
    return generate(brief, llm=language_model(scripted(reply)), sources=sources)


def test_a_quantity_without_a_series_gets_an_indicator_with_its_terms(bank: Replay) -> None:
    times = ";".join(f"YR{y}" for y in YEARS)
    bank.json(f"/v2/en/sources/2/series/{CODE}/country/CHN/time/{times}", _data(CODE, "CHN"))
    found = _world("forest area", "trees", ("catalogue", "world_bank"))
    forest = found.spec.variables["China.forest_area"]
    assert forest.observed == f"cache.wb_AG_LND_FRST_K2_CHN.CHN.{CODE}"
    assert found.spec.variables["China.forest_area.start"].value == pytest.approx(1_570_000)
    assert "CC BY 4.0" in describe(forest.observed) and CODE in describe(forest.observed)
    assert found.spec.variables["China.gdp"].observed == "countries.CHN.gdp_2015usd"
    assert found.spec.variables["Japan.forest_area"].observed is None  # the Bank said no
    assert any(i.stage == "data" and "Japan" in i.part for i in found.incomplete)
    assert not [i for i in check_spec(found.spec) if i.severity == "error"]


def test_nothing_is_searched_unless_it_is_allowed_or_where_nothing_fits(bank: Replay) -> None:
    _world("forest area", "trees", ("catalogue",))
    assert not bank.asked
    found = _world("odd thing", "nobody measures it", ("catalogue", "world_bank"))
    assert not any("/country/CHN/time" in path for path in bank.asked)
    assert found.spec.variables["China.odd_thing"].observed is None


def test_without_a_network_the_generation_goes_on(bank: Replay) -> None:
    bank.stop()
    found = _world("forest area", "trees", ("world_bank",))
    assert found.spec.variables["China.forest_area"].observed is None
    assert any("offline" in i.reason for i in found.incomplete)


@pytest.mark.live
def test_the_bank_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WMJAX_CACHE", str(tmp_path / "cache"))
    assert len(world_bank_indicators()) > 1000
    found = _world("forest area", "trees", ("catalogue", "world_bank"))
    assert str(found.spec.variables["China.forest_area"].observed).startswith("cache.wb_AG_LND")
