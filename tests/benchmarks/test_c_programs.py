"""The generated C programs compute what simulate computes, and refuse what they cannot."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wmjax
from benchmarks import _c
from benchmarks._world3 import OUTPUTS, SWEPT, draws
from wmjax._errors import UserError


needs_gcc = pytest.mark.skipif(_c.compiler() is None, reason="no gcc")

EVERYTHING: dict[str, Any] = {
    "name": "everything",
    "time": {"start": 0, "end": 12, "step": 0.25},
    "variables": {
        "a": {"kind": "parameter", "value": 1.3},
        "b": {"kind": "parameter", "value": 0.7},
        "even": {"kind": "lookup", "x": {"points": [0, 1, 2, 3]},
                 "y": {"points": [1, 2, 1.5, 4]}},
        "long": {"kind": "lookup", "x": {"points": list(range(20))},
                 "y": {"points": [(7 * i) % 5 for i in range(20)]}},
        "mid": {"kind": "lookup", "outside": "extrapolate", "x": {"points": list(range(12))},
                "y": {"points": [(3 * i) % 4 for i in range(12)]}},
        "uneven": {"kind": "lookup", "outside": "extrapolate", "x": {"points": [0, 1, 1.5, 4]},
                   "y": {"points": [1, 2, 1.5, 4]}},
        "jump": {"kind": "lookup", "x": {"points": [0, 2, 2, 3]}, "y": {"points": [1, 2, 3, 1]}},
        "s": {"kind": "stock", "initial": "a * 2", "inflows": ["f"], "outflows": ["g"]},
        "f": {"kind": "flow", "equation":
              "even(s / b) * b + step(0.1, 3) + pulse(2, 1) + 0.01 * ramp(0.5, 1, 9)"},
        "g": {"kind": "flow", "equation":
              "0.1 * s if time < 5 else 0.2 * uneven(s) * s / (1 + s ^ 2)"},
        "waves": {"kind": "auxiliary", "equation":
                  "max(sin(s), cos(s), min(a, b)) + tan(a / 9) + arcsin(b / 9) + arccos(b / 9)"
                  " + arctan(s) + sinh(b) + cosh(b) + tanh(s) + smooth3(f, 3) + delay1(g, 2)"},
        "curves": {"kind": "auxiliary", "equation":
                   "exp(-s) + ln(s) + log10(s) + log(s, 2) + sqrt(abs(s)) + s ^ 0.5 + s ^ 3"},
        "steps": {"kind": "auxiliary", "equation":
                  "zidz(a, b - s) + xidz(1, 0, 3) + round(s) + integer(s) + modulo(s, 2)"
                  " + sign(b - s) + pulse_train(1, 0.5, 3, 9) + time_step + final_time"},
        "logic": {"kind": "auxiliary", "equation":
                  "(1 if s > 2 and not (s > 4) or f = g else 0) + (s >= 1) + (s <= 3) + (s <> f)"
                  " + (a if s < b else s) + -s"},
        "tables": {"kind": "auxiliary", "equation": "long(9 * s) + mid(9 * s - 20) + jump(s)"},
    },
}  # fmt: skip
WATCHED = ("s", "f", "g", "waves", "curves", "steps", "logic", "tables")


@needs_gcc
def test_scalar_program_follows_simulate_at_every_step(tmp_path: Path) -> None:
    model = wmjax.compile_model(EVERYTHING)
    program = _c.Scalar(model.spec, WATCHED, tmp_path)
    found = program.path(program.arguments(_values(model)))
    wanted = wmjax.simulate(model, save=WATCHED)
    for i, name in enumerate(WATCHED):
        np.testing.assert_allclose(found[:, i], wanted[name], rtol=1e-12, atol=1e-12)


@needs_gcc
@pytest.mark.parametrize("division", ["hardware", "reciprocal"])
@pytest.mark.parametrize("flags", [_c.FLAGS["vector"], ("-O1",)], ids=["wide", "any processor"])
def test_lanes_follow_simulate(division: Any, flags: tuple[str, ...], tmp_path: Path) -> None:
    model = wmjax.compile_model(EVERYTHING)
    some = {"a": np.linspace(1.1, 1.6, 11)}  # not a multiple of the lanes
    program = _c.Lanes(model.spec, WATCHED, ("a",), tmp_path, division, flags)
    found = program.finals(*program.arguments(_values(model), some))
    for run, a in enumerate(some["a"]):
        end = wmjax.simulate(model, {"a": float(a)}, save=WATCHED)
        wanted = [float(end[n][-1]) for n in WATCHED]
        np.testing.assert_allclose(found[:, run], wanted, rtol=1e-12, atol=1e-12)


@needs_gcc
def test_world3_in_c_is_our_world3(tmp_path: Path) -> None:
    model = wmjax.compile_model("world3")
    values = _values(model)
    scalar = _c.Scalar(model.spec, OUTPUTS, tmp_path)
    run = wmjax.simulate(model, save=OUTPUTS)
    wanted = np.stack([np.asarray(run[n]) for n in OUTPUTS], axis=1)
    np.testing.assert_allclose(scalar.path(scalar.arguments(values)), wanted, rtol=1e-9)

    some = draws(values, 16)
    ends = scalar.finals(scalar.arguments(values, some))
    np.testing.assert_allclose(ends[3], _end(model, some, 3), rtol=1e-9)
    for division in ("hardware", "reciprocal"):
        lanes = _c.Lanes(model.spec, OUTPUTS, SWEPT, tmp_path, division)
        np.testing.assert_allclose(lanes.finals(*lanes.arguments(values, some)).T, ends, rtol=1e-9)


@needs_gcc
def test_exact_quotients_have_the_bits_of_division(tmp_path: Path) -> None:
    """Nothing else differs between the two programs, so every bit of a long run shows it."""
    spec = {
        "name": "quotients", "time": {"start": 0, "end": 50, "step": 1},
        "variables": {
            "p": {"kind": "parameter", "value": 3.0},
            "x": {"kind": "stock", "initial": 1.7, "inflows": ["up"], "outflows": ["down"]},
            "up": {"kind": "flow", "equation": "(x + 1) / p"},
            "down": {"kind": "flow", "equation": "x / (p + 0.1)"},
        },
    }  # fmt: skip
    some = {"p": np.random.default_rng(3).uniform(1.5, 90, 4096)}
    ends = []
    for division in ("hardware", "reciprocal"):
        program = _c.Lanes(wmjax.load_spec(spec), ("x",), ("p",), tmp_path, division)
        ends.append(program.finals(*program.arguments({}, some)))
    assert (ends[0] == ends[1]).all()
    assert len(set(ends[0][0])) > 4000


@needs_gcc
def test_rows_of_tables_are_sought_where_they_were_last(tmp_path: Path) -> None:
    """To and fro, by small steps and by leaps, and beyond both ends."""
    spec: dict[str, Any] = {
        "name": "to and fro", "time": {"start": 0, "end": 30, "step": 0.25},
        "variables": {
            "near": {"kind": "auxiliary", "equation": "6 * sin(time / 3)"},
            "far": {"kind": "auxiliary", "equation": "9 * sin(20 * time)"},
            "p": {"kind": "parameter", "value": 1},
            "s": {"kind": "stock", "initial": "p"},
        },
    }  # fmt: skip
    watched = []
    for outside in ("hold", "extrapolate"):
        for name, x in (("even", [-2, -1, 0, 1, 2]), ("uneven", [-2, -1.5, 0, 2, 3])):
            spec["variables"][f"{outside}_{name}"] = {
                "kind": "lookup", "outside": outside, "x": {"points": x},
                "y": {"points": [1, 4, 2, 8, 5]},
            }  # fmt: skip
            for where in ("near", "far"):
                watched.append(f"{outside}_{name}_{where}")
                equation = f"{outside}_{name}({where}) + s"
                spec["variables"][watched[-1]] = {"kind": "auxiliary", "equation": equation}
    text, _ = _c.scalar_program(wmjax.load_spec(spec), watched)
    assert text.count("    find(") == 4 and text.count("    find_at(") == 4
    program = _c.Scalar(wmjax.load_spec(spec), watched, tmp_path)
    found = program.path(program.arguments({"p": 1.0}))
    wanted = wmjax.simulate(wmjax.compile_model(spec), save=tuple(watched))
    for i, name in enumerate(watched):
        np.testing.assert_allclose(found[:, i], wanted[name], rtol=1e-12, atol=1e-12, err_msg=name)


def test_what_nothing_needs_is_left_out() -> None:
    whole, _ = _c.scalar_program(wmjax.load_spec(EVERYTHING), WATCHED)
    part, _ = _c.scalar_program(wmjax.load_spec(EVERYTHING), ("g",))
    assert "atan(" in whole and "atan(" not in part
    assert len(part) < len(whole)


@needs_gcc
def test_the_programs_stand_alone(tmp_path: Path) -> None:
    """A compiler and the C library are all that they need."""
    spec = wmjax.load_spec(EVERYTHING)
    wanted = wmjax.simulate(wmjax.compile_model(spec), save=WATCHED)
    programs = (_c.scalar_program(spec, WATCHED)[0], _c.lanes_program(spec, WATCHED, ("a",))[0])
    for i, text in enumerate(programs):
        c, program = tmp_path / f"{i}.c", tmp_path / f"{i}"
        c.write_text(text)
        subprocess.run([str(_c.compiler()), "-O1", c, "-o", program, "-lm"], check=True)
        done = subprocess.run([program], check=True, capture_output=True, text=True)
        found = [float(x) for x in done.stdout.split()]
        np.testing.assert_allclose(found, [float(wanted[n][-1]) for n in WATCHED], rtol=1e-12)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"time": {"start": 0, "end": 1, "step": 1, "method": "rk4"}}, "'rk4'"),
        ({"outside": {"kind": "series", "times": [0, 1], "values": [1, 2]},
          "s": {"kind": "stock", "initial": 1, "inflows": ["f"]},
          "f": {"kind": "flow", "equation": "outside"}}, "a series"),
        ({"s": {"kind": "stock", "initial": 1, "inflows": ["f[x]"]},
          "p": {"kind": "parameter", "dims": ["d"], "value": [1, 2]},
          "f": {"kind": "flow", "dims": ["d"], "equation": "0.1 * p"}}, "array, 'p'"),
    ],
    ids=["method", "series", "dimensions"],
)  # fmt: skip
def test_what_c_lacks_is_named(change: dict[str, Any], words: str) -> None:
    time = change.get("time", {"start": 0, "end": 1, "step": 1})
    variables = {k: v for k, v in change.items() if k != "time"}
    variables.setdefault("s", {"kind": "stock", "initial": 1})
    spec = {"name": "no", "time": time, "dimensions": {"d": ["x", "y"]}, "variables": variables}
    with pytest.raises(UserError, match="leave this model out") as raised:
        _c.scalar_program(wmjax.load_spec(spec), ("s",))
    assert words in raised.value.found


def _values(model: Any) -> dict[str, float]:
    return {n: float(v) for n, v in model.parameters.items()}


def _end(model: Any, some: dict[str, np.ndarray], run: int) -> list[float]:
    chosen = {n: float(v[run]) for n, v in some.items()}
    end = wmjax.simulate(model, chosen, save=OUTPUTS)
    return [float(end[n][-1]) for n in OUTPUTS]
