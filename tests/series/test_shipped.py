"""The shipped tables against published figures, pandas and pint."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pint
import pytest

from wmjax._errors import DataError
from wmjax._resources import resource_dir
from wmjax.series import catalogue, describe, load_observations, series_values


_FOLDER = resource_dir("data") / "series"


def _columns() -> pd.DataFrame:
    return pd.read_csv(_FOLDER / "columns.csv", dtype=str, keep_default_na=False)


def _value(name: str, year: int) -> float:
    one = load_observations(name)[name]
    return float(one.values[one.times == year][0])


@pytest.mark.parametrize(
    ("name", "year", "known", "tolerance"),
    [
        ("world.pop_persons", 2000, 6.172e9, 1e-4),
        ("world.gdp_2015usd", 2015, 75.72e12, 1e-4),
        ("world.co2_ppm", 2000, 368.96, 1e-5),
        ("world.co2_ffi_gtco2", 2000, 25.51, 1e-3),
        ("world.life_exp_years", 2000, 67.70, 1e-4),
        ("world.tfr_births_per_woman", 2000, 2.72, 2e-3),
        ("world.capital_output_ratio_years", 2000, 4.06, 2e-3),
        ("countries.USA.pop_persons", 2000, 281.5e6, 1e-3),
        ("countries.USA.co2_terr_t", 2000, 5.98e9, 5e-3),
        ("countries.USA.gdp_2015usd", 2015, 18.3e12, 1e-2),
        ("countries.CHN.gdp_2015usd", 2015, 11.28e12, 5e-3),
    ],
)
def test_known_figures(name: str, year: int, known: float, tolerance: float) -> None:
    assert _value(name, year) == pytest.approx(known, rel=tolerance)


def test_population_grows_by_births_minus_deaths() -> None:
    world = load_observations("world").to_dataframe()
    growth = np.log(world["world.pop_persons"]).diff().iloc[2:] * 1000
    natural = (world["world.birth_rate_per1000"] - world["world.death_rate_per1000"]).rolling(2)
    assert float((growth - natural.mean().iloc[2:]).abs().max()) < 0.8


def test_every_value_is_the_files_own() -> None:
    world = pd.read_csv(_FOLDER / "world.csv", index_col="year")
    ours = load_observations("world").to_dataframe()
    assert [f"world.{c}" for c in world.columns] == list(ours.columns)
    np.testing.assert_array_equal(ours.to_numpy(), world.to_numpy(dtype=float))
    countries = pd.read_csv(_FOLDER / "countries.csv", index_col=["iso3", "year"])
    for place in ("USA", "NGA", "RUS"):
        here = load_observations(f"countries.{place}").to_dataframe()
        theirs = countries.loc[place].dropna(axis=1, how="all")
        assert list(here.columns) == [f"countries.{place}.{c}" for c in theirs.columns]
        np.testing.assert_array_equal(here.to_numpy(), theirs.to_numpy(dtype=float))


def test_every_column_says_where_it_comes_from_and_how_good_it_is() -> None:
    columns = _columns()
    for table in ("world", "countries"):
        header = pd.read_csv(_FOLDER / f"{table}.csv", nrows=0).columns
        named = set(columns.loc[columns["table"] == table, "column"])
        assert set(header) - {"year", "iso3"} == named
    assert (columns["status"] == "open").all()
    for field in ("unit", "unit_symbol", "source", "licence", "sigma_note"):
        assert columns[field].str.strip().ne("").all(), field
    assert (columns["sigma_abs"].ne("") | columns["sigma_rel"].ne("")).all()
    assert columns["sigma_note"].str.match("judged: |spread between sources").all()


def test_no_source_with_closed_terms() -> None:
    closed = r"\b(BP|SIPRI|IEA|IHME|IPUMS|Clio-Infra|EIU|Freedom House|Shift|NC|ND)\b"
    for _, row in _columns().iterrows():
        assert not re.search(closed, row["source"]), row["column"]
        if row["column"] != "food_kcal_per_person_day":  # its row tells of an older licence
            assert not re.search(closed, row["licence"]), row["column"]


def test_columns_count_the_values() -> None:
    tables = {t: pd.read_csv(_FOLDER / f"{t}.csv") for t in ("world", "countries")}
    for _, row in _columns().iterrows():
        table = tables[row["table"]]
        present = table[table[row["column"]].notna()]
        found = (present["year"].min(), present["year"].max(), len(present))
        assert found == (int(row["first"]), int(row["last"]), int(row["n"])), row["column"]
    assert all(table["year"].max() == 2020 for table in tables.values())


def test_units_can_be_read() -> None:
    registry = pint.UnitRegistry()
    for definition in ("person = [person]", "usd = [usd]", "usd_ppp = [usd_ppp]", "ppb = 1e-9"):
        registry.define(definition)
    for symbol in _columns()["unit_symbol"]:
        registry.Unit(symbol)
    ratio = registry.Unit("usd_ppp") / registry.Unit("usd/year")
    assert not ratio.is_compatible_with("year"), "dollars of two kinds must not cancel"


def test_sigma_is_the_stated_one() -> None:
    world = load_observations("world")
    people = world["world.pop_persons"]
    np.testing.assert_allclose(people.sigma, 0.003 * people.values)
    np.testing.assert_allclose(world["world.co2_ppm"].sigma, 0.5)
    np.testing.assert_allclose(world["world.gmst_degc"].sigma, 0.05)
    volcanic = world["world.erf_volcanic_wm2"]
    np.testing.assert_allclose(volcanic.sigma**2, 0.05**2 + (0.2 * volcanic.values) ** 2)
    for one in load_observations(["world", "countries"]).values():
        assert (one.sigma > 0).all(), one.name
        assert one.frequency == "year" and not one.estimated


def test_catalogue_agrees_with_what_is_loaded() -> None:
    entries = {e.id: e for e in catalogue()}
    loaded = load_observations(["world", "countries"])
    assert set(loaded) <= set(entries)
    for name, one in loaded.items():
        entry = entries[name]
        assert (entry.first, entry.last, entry.n) == (one.times[0], one.times[-1], len(one))
        assert entry.unit and entry.source and entry.licence and entry.meaning
    assert "countries.NGA.invest_share_pct_gdp" not in entries


def test_describe_names_source_licence_and_defects() -> None:
    text = describe("world.food_kcal_per_person_day")
    for part in ("kcal/day/person", "1961 to 2013", "FAO", "CC BY", "supply, not intake"):
        assert part in text
    assert describe("countries.NGA").startswith("countries.NGA: 14 series")


def test_series_values_for_a_forcing() -> None:
    times, values = series_values("world.erf_solar_wm2")
    assert times[0] == 1960 and values[0] == 0.094969
    with pytest.raises(DataError):
        series_values("countries.USA")


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ("world.co2_pm", "world.co2_ppm"),
        ("wrld", "world"),
        ("countries.USB", "countries.USA"),
        ("cache.nothing", "no series"),
        ("cache", "no series"),
        ("cache.", "no series"),
        ("world.", "no series"),
    ],
)
def test_unknown_names_are_answered_with_near_ones(wrong: str, hint: str) -> None:
    with pytest.raises(DataError) as caught:
        load_observations(wrong)
    assert hint in str(caught.value)


def test_the_readme_prints_every_attribution() -> None:
    text = Path(_FOLDER / "README.md").read_text(encoding="utf-8")
    for owner in (
        "World Population\n  Prospects 2024",
        "World Development Indicators",
        "Penn World Table 10.01",
        "10.5281/zenodo.7883757",
        "Global Carbon Project",
        "USDA",
        "FAOSTAT",
        "Human Development Report",
        "Gapminder",
        "Our World in Data",
    ):
        assert owner in text
