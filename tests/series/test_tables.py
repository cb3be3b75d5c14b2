"""A user's own tables: every form that is welcome, every mistake that is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wmjax._errors import DataError, UserError, UserErrors
from wmjax.series import Observations, load_observations
from wmjax.series._build import Statements, build_series
from wmjax.series._sidecar import Sidecar, read_sidecar
from wmjax.series._table import table_from_bytes


_WIDE = "time,susceptible [person],infected [person]\n0,990,10\n1,980,20\n3,,35\n"


def _load(folder: Path, text: str | bytes, **stated: object) -> Observations:
    path = folder / "mine.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return load_observations(path, **stated)  # type: ignore[arg-type]


def _mistakes(folder: Path, text: str | bytes, **stated: object) -> list[UserError]:
    with pytest.raises(UserError) as caught:
        _load(folder, text, **stated)
    error = caught.value
    return list(error.errors) if isinstance(error, UserErrors) else [error]


def test_wide_with_units_in_the_header(tmp_path: Path) -> None:
    found = _load(tmp_path, _WIDE)
    assert list(found) == ["susceptible", "infected"]
    one = found["susceptible"]
    assert (one.unit, one.frequency) == ("person", "step")
    assert one.times.tolist() == [0, 1] and one.values.tolist() == [990, 980]
    assert np.isnan(one.sigma).all()


def test_long_with_unit_and_sigma(tmp_path: Path) -> None:
    text = (
        "year,variable,value,unit,sigma,source\n"
        "2000,a b,1.5,m,0.1,us\n2000,c,2,kg,,them\n2001,a b,2.5,m,.,us\n"
    )
    found = _load(tmp_path, text)
    one = found["a b"]
    assert (one.unit, one.frequency, one.source) == ("m", "year", "us")
    assert one.values.tolist() == [1.5, 2.5]
    np.testing.assert_array_equal(one.sigma, [0.1, np.nan])
    assert found["c"].unit == "kg"


def test_one_series_as_time_and_value(tmp_path: Path) -> None:
    assert _load(tmp_path, "t,value\n0,1\n1,2\n")["value"].values.tolist() == [1, 2]


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + _WIDE,
        _WIDE.replace(",", ";"),
        _WIDE.replace(",", "\t"),
        _WIDE.replace("\n", "\r\n"),
        _WIDE.replace("\n", "\r"),
        "# a comment, with; marks\n\n" + _WIDE + "\n\n",
        _WIDE.replace(",", " , ").replace("990", '"990"'),
        _WIDE.replace("\n", ",\n"),
        "time,susceptible [person],infected [person]\n3,NA,35\n1,980,20\n0,990,10\n",
        _WIDE.replace("3,,35", "3,.,35\n4,NaN,nan"),
    ],
)
def test_forms_of_csv_give_the_same_numbers(tmp_path: Path, text: str) -> None:
    wanted = _load(tmp_path, _WIDE).to_dataframe()
    pd.testing.assert_frame_equal(_load(tmp_path, text).to_dataframe(), wanted)


def test_a_file_of_pandas_is_read_to_the_last_bit(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=(50, 3)) * 10.0 ** np.arange(-9, 41)[:, None]
    frame = pd.DataFrame(
        values, columns=["x", "y[a,b]", "z w"], index=pd.Index(range(50), name="time")
    )
    frame.to_csv(tmp_path / "mine.csv")
    found = load_observations(tmp_path / "mine.csv")
    assert list(found) == list(frame.columns)
    np.testing.assert_array_equal(found.to_dataframe().to_numpy(), values)
    np.testing.assert_array_equal(load_observations(frame).to_dataframe().to_numpy(), values)


def test_a_part_of_a_frame_keeps_its_time_column() -> None:
    frame = pd.DataFrame({"time": [0, 1, 2], "x": [1.0, None, 3.0]})
    one = load_observations(frame[frame["x"].notna()])["x"]
    assert one.times.tolist() == [0, 2]


def test_a_temperature_called_t_is_no_time(tmp_path: Path) -> None:
    found = _load(tmp_path, "year,T [kelvin]\n2000,1\n2001,2\n")
    assert found["T"].times.tolist() == [2000, 2001]
    assert list(_load(tmp_path, "time,year\n0,1960\n1,1961\n")) == ["year"]


def test_units_from_the_caller_and_from_beside(tmp_path: Path) -> None:
    text = "month,cases,deaths\n2020-01,5,1\n2020-02,7,2\n"
    found = _load(tmp_path, text, units={"cases": "person", "deaths": "person"})
    assert found["deaths"].unit == "person"
    (tmp_path / "mine.csv.meta.yaml").write_text(
        "source: our clinic\nlicence: CC0\nseries:\n"
        "  cases: {unit: person, sigma: 2, note: tests only}\n  deaths: {unit: person}\n"
    )
    one = _load(tmp_path, text)["cases"]
    assert (one.unit, one.source, one.licence, one.note) == (
        "person",
        "our clinic",
        "CC0",
        "tests only",
    )
    assert one.sigma.tolist() == [2, 2]


def test_sigma_columns_of_a_wide_table(tmp_path: Path) -> None:
    found = _load(tmp_path, "time,x,x_sigma,x_sigma_b\n0,1,0.5,9\n1,2,,8\n")
    assert list(found) == ["x", "x_sigma_b"]
    np.testing.assert_array_equal(found["x"].sigma, [0.5, np.nan])


def test_a_unit_that_is_not_stated_is_asked_for(tmp_path: Path) -> None:
    text = "year,cases\n2000,5\n2001,7\n"
    (only,) = _mistakes(tmp_path, text)
    assert "'cases [person]'" in only.hint and "units={'cases': 'person'}" in only.hint
    assert _load(tmp_path, text, default_units={"cases": "person"})["cases"].unit == "person"
    assert _load(tmp_path, text, units={"cases": ""})["cases"].unit == ""


def test_model_time_needs_no_unit(tmp_path: Path) -> None:
    days = "".join(f"{k},{k * k}\n" for k in range(121))
    one = _load(tmp_path, "time [day],infected\n" + days)["infected"]
    assert (one.unit, one.frequency, len(one)) == ("", "step", 121)


def test_all_mistakes_of_a_file_come_together(tmp_path: Path) -> None:
    text = "year,a [m],b [kg]\n2000,1,2\n2000,3,4\n2001,five,6\n2002,7\nlast,8,inf\n"
    places = [e.place for e in _mistakes(tmp_path, text)]
    assert places == [
        "mine.csv, row 5",
        "mine.csv, row 6, column 'year'",
        "mine.csv, row 3, column 'year'",
        "mine.csv, row 4, column 'a [m]'",
        "mine.csv, row 6, column 'b [kg]'",
    ]
    for error in _mistakes(tmp_path, text):
        assert error.found and error.wanted and error.hint and error.exit_status == 2


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "no rows"),
        ("\n\n# only a comment\n", "no rows"),
        ("time,x\n", "without rows"),
        ("x,y\n1,2\n", "0 time columns"),
        ("year,month,x\n2000,1,5\n", "2 time columns"),
        ("time\n1\n", "no column of values"),
        ("time,x,x\n0,1,2\n", "second column"),
        ("time,x [m],x [m]\n0,1,2\n", "second column"),
        ("time,x [m],x [kg]\n0,1,2\n", "second column"),
        ("time,,x\n0,1,2\n", "no name"),
        ("time,series,value,country\n0,a,1,USA\n", "'country'"),
        ("time,series,value\n0,,1\n", "no name"),
        ("time,series,value,unit\n0,a,1,m\n1,a,2,km\n", "'km'"),
        ("time,series,value\n0,a,1\n1,b,2\n0,a,3\n", "again, as in row 2"),
        ("time,x,x_sigma\n0,1,0\n", "above zero"),
        ("time,x\n0,1,2\n", "3 cells"),
        ("time,x\n0,NA\n", "no value of 'x'"),
        ('time,x\n0,"1,234"\n', "decimal point"),
        ("time,x\n0,1_000\n", "1_000"),
        ("time,x\n0,٣\n", "finite number"),
        (b"time,x\n0,\xff\n", "not UTF-8"),
        ("time,x\n0,1\n".encode("utf-16"), "UTF-16"),
        (b"time,x\n0,\x001\n", "zero bytes"),
        ("time,x\n0," + "9" * 140_000 + "\n", "field larger"),
        ("time,x\n0," + "9" * 400 + "\n", "finite number"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str | bytes, part: str) -> None:
    assert any(part in str(error) for error in _mistakes(tmp_path, text))


def test_a_unit_that_differs_from_the_stated_one(tmp_path: Path) -> None:
    (only,) = _mistakes(tmp_path, _WIDE, units={"infected": "kg"})
    assert "'kg'" in only.found and "'person'" in only.wanted
    with pytest.raises(DataError, match="'person'"):
        load_observations("world.pop_persons", units={"world.pop_persons": "kg"})
    assert _load(tmp_path, "time,x [m / s]\n0,1\n", units={"x": "m/s"})["x"].unit == "m / s"


def test_units_of_a_series_that_is_not_there(tmp_path: Path) -> None:
    (only,) = _mistakes(tmp_path, _WIDE, units={"infektd": "person"})
    assert "infektd" in only.found and "infected" in only.wanted


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("series: {cases: {unit: person, colour: red}}", "colour"),
        ("series: {nobody: {unit: person}}", "nobody"),
        ("series: {infected: {unit: kg}}", "'kg'"),
        ("series: {infected: {sigma: -1}}", "above zero"),
        ("frequency: fortnight", "fortnight"),
        ("series: [1]", "mapping"),
        ("- 1", "mapping"),
        ("a: [", "YAML"),
        ("note: 2000-99-99", "YAML"),
        ("note: {a: b}", "text"),
        ("note: !!bool x", "YAML"),
        ("series: {infected: {sigma: !!timestamp x}}", "YAML"),
    ],
)
def test_mistakes_beside_the_table(tmp_path: Path, text: str, part: str) -> None:
    (tmp_path / "mine.csv.meta.yaml").write_text(text)
    assert any(part in str(error) for error in _mistakes(tmp_path, _WIDE))


def test_many_mistakes_are_cut_but_counted(tmp_path: Path) -> None:
    errors = _mistakes(tmp_path, "time,x\n" + "".join(f"{k},no\n" for k in range(500)))
    assert len(errors) == 4 and "497 more" in errors[-1].found and "column 'x'" in errors[-1].place
    many = ",".join(f"c{k}" for k in range(100))
    errors = _mistakes(tmp_path, f"time,{many}\n1" + ",no" * 100 + "\n")
    assert len(errors) == 51 and "50 more" in errors[-1].found


def test_paths_that_cannot_be_read(tmp_path: Path) -> None:
    for source in (tmp_path / "none.csv", tmp_path, "a" * 5000, "x\x00y", "x\x00y.csv", ""):
        with pytest.raises(DataError):
            load_observations(source)
    with pytest.raises(DataError):
        load_observations(3)  # type: ignore[arg-type]


def test_own_and_shipped_together(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text(_WIDE)
    both = load_observations(["world.co2_ppm", tmp_path / "mine.csv"], units={"infected": "person"})
    assert list(both) == ["world.co2_ppm", "susceptible", "infected"]


@settings(max_examples=200, deadline=None)
@given(st.text("{}[]:,-!&*|>'\"# \nabc019.e\t%@?"), st.sampled_from(["", "series: ", "!!"]))
def test_any_text_beside_is_read_or_refused(tmp_path_factory, text: str, start: str) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.meta.yaml"
    path.write_text(start + text)
    try:
        read_sidecar(path)
    except UserError as error:
        assert str(error)


def _read(data: bytes) -> None:
    try:
        build_series(table_from_bytes("fuzz", data), Statements(), Sidecar())
    except UserError as error:
        assert str(error)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    _read(data)


_PIECES = [
    "time",
    "year",
    "value",
    "series",
    "x",
    "x [m]",
    "x_sigma",
    "unit",
    "1",
    "2000",
    "2000-01",
]
_PIECES += [
    "2000-W01",
    "1e400",
    "-0",
    "",
    " ",
    ".",
    "NA",
    '"',
    "#",
    "[",
    "]",
    "\r",
    "\0",
    "é",
    "٣",
    "=",
]


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from([*_PIECES, ",", ",", "\n", "\n", ";", "\t"]), max_size=40))
def test_anything_like_a_table_is_read_or_refused(pieces: list[str]) -> None:
    _read("".join(pieces).encode())


def test_series_that_are_not_wanted_may_be_anything(tmp_path: Path) -> None:
    text = "year,cases,rain,note\n2000,5,wet,first\n2001,7,1.5,\n"
    found = _load(tmp_path, text, wanted=["cases"])
    assert list(found) == ["cases"] and found["cases"].unit == ""
    assert found["cases"].place == "mine.csv, column 'cases'"
    (only,) = _mistakes(tmp_path, text, wanted=["rain"])
    assert "'wet'" in only.found and "'rain'" in only.place
    array = "year,x[a],x[b],y\n2000,1,2,\n"
    assert list(_load(tmp_path, array, wanted=["x"])) == ["x[a]", "x[b]"]
