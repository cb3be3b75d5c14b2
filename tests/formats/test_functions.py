"""Every function and operator, run by other engines from an XMILE file.

Where an engine cannot run what XMILE says, the table `UNABLE` holds the reason, and the test that
it still cannot.
"""

from __future__ import annotations

import pytest

from tests.formats.engines import ENGINES, agree, aux, model
from wmjax.formats import to_xmile
from wmjax.spec import FUNCTIONS, Call, parse_expression, walk


X = "(time - 3.3)"  # passes zero, between whole numbers
P = "(time / 10 + 0.05)"  # from 0.05 to 0.85

EQUATIONS = {
    "elementary": {
        "exponential": f"exp({X})",
        "logarithm": f"ln({P})",
        "to ten": f"log10({P})",
        "natural": f"log({P})",
        "to base": f"log({P}, 2)",
        "root": f"sqrt({P})",
        "size of": f"abs({X})",
        "sign of": f"sign({X}) + sign(0)",
        "sine": f"sin({X})",
        "cosine": f"cos({X})",
        "tangent": f"tan({P})",
        "arc sine": f"arcsin({P})",
        "arc cosine": f"arccos({P})",
        "arc tangent": f"arctan({X})",
        "hyperbolic sine": f"sinh({X})",
        "hyperbolic cosine": f"cosh({X})",
        "hyperbolic tangent": f"tanh({X})",
        "tiny": f"sinh({X} / 1e6) + tanh({X} / 1e7)",
        "far": "tanh(1000 * time)",
    },
    "rounding": {
        "cut off": f"integer({X})",
        "rounded": f"round({X})",
        "halves": "round(time - 2.5)",
        "remainder": f"modulo({X}, 0.7)",
        "remainder of a negative": f"modulo({X}, -0.7)",
    },
    "arithmetic": {
        "powers": "-time^2^0.5 + 2^-1 + (-2)^2 + power(time, 2) + power(-3, 2)",
        "rest": "9 - (4 - time) - 2",
        "quotients": "8 / 4 / (time + 1) * 2 / (3 / 2)",
        "signs": "-time - -2 * -(time + 1)",
        "least": f"min({X}, 1)",
        "greatest": f"max({X}, 1, 2.5 - time, -1)",
        "guarded": f"zidz(1, time - 2) + xidz(1, {X} * 1e-7, time)",
        "only one": "min(time)",
        "large": "1e300 * time",
        "small": "1.5e-12 * time",
        "number": "3",
    },
    "choices": {
        "comparisons": f"(time > 2) + (time >= 2) + 10 * (time < 3) - (time <= 1) * ({X} <> 0)",
        "alike": "(time = 2) * 5 + (time != 2)",
        "choice": f"1 if {X} > 0 else 2",
        "inside": "2 * (time if time > 2 else 1 / (time - 9)) - 1",
        "chosen": "if_then_else(time > 5, 1, 2) + if_then_else(time - 1, 1, 2)",
        "row": "1 if time < 1 else 2 if time < 3 and not time = 2 else 3",
        "both": "1 if (time > 1 and time < 3) or time = 5 and not (time > 4 or time < 2) else 0",
        "numbers": "(time and 1) + (time or 0) + (not time) + (not (time > 2))",
        "lazy": "1 / (time - 2) if time <> 2 else 0",
        "notional": "time",
        "order": "notional + 1",
    },
    "inputs": {
        "step up": "step(3, 2) + step(time, 2.1) - step(1, 2.2)",
        "slope": "ramp(0.5, 2)",
        "slope to": "ramp(0.5, 2, 5) + ramp(-1, 6, 20) + ramp(1, 5, 3)",
        "start": "initial(time + 7)",
    },
    "clock": {
        "pulsed": "pulse(2, 1.5) + 2 * pulse(4.1, 0) + 4 * pulse(3, 0.3)",
        "train": "pulse_train(1, 0.5, 2, 6.1)",
        "step of time": "time_step",
        "ends": "final_time - initial_time",
    },
    "memory": {
        "input": "3 + sin(time)",
        "takes": "2 + time / 4",
        "s1": "smooth(input, takes)",
        "s2": "smooth(input, takes, 1)",
        "s3": "smooth3(input, takes)",
        "s4": "smooth3(input, 3, 1) * 2",
        "s5": "smooth_n(input, takes, 1, 2)",
        "s6": "smooth_n(input, 3, input, 1)",
        "s7": "1 + smooth_n(input, 5, 2, 4)",
        "d1": "delay1(input, takes)",
        "d2": "delay1(input, takes, 1)",
        "d3": "delay3(input, takes)",
        "d4": "delay3(input, 3, 1)",
        "d5": "delay_n(input, takes, 1, 2)",
        "d6": "delay_n(input, 3, input, 1) + delay_n(input, 5, 2, 4)",
        "in each other": "smooth(delay1(input, 2), takes) - smooth3(input / takes, 3 + s1)",
        "loop": "smooth(1 + 0.1 * loop, 2, 3)",
        "loop of three": "delay3(1 + 0.1 * other, 4, 2)",
        "other": '3 - 0.5 * "loop of three"',
    },
    "reductions": {"value of many": "sum(0) + mean(2) + prod(3) + size(side)"},
}

UNABLE = {
    ("PySD", "clock"): "does not know DT, STARTTIME and STOPTIME",
}


def _spec(group: str, **time: str):
    variables = {name: aux(text) for name, text in EQUATIONS[group].items()}
    dimensions = {"side": ["left", "right"]} if group == "reductions" else {}
    return model(variables, time=time, dimensions=dimensions)


@pytest.mark.parametrize("group", EQUATIONS)
@pytest.mark.parametrize("engine", ENGINES)
def test_functions_agree(engine: str, group: str) -> None:
    if (engine, group) not in UNABLE:
        agree(engine, _spec(group))
        return
    with pytest.raises(KeyError, match="dt|starttime|stoptime"):
        ENGINES[engine](to_xmile(_spec(group)).text)


@pytest.mark.parametrize("method", ["rk2", "rk4"])
def test_methods_of_several_stages_agree(method: str) -> None:
    """PySD has Euler steps only. Steps and pulses stand still inside our steps, not inside theirs:
    the writer says so, see `test_xmile`."""
    agree("pysimlin", _spec("memory", method=method))


def test_every_function_of_the_language_is_in_the_table() -> None:
    texts = [text for group in EQUATIONS.values() for text in group.values()]
    nodes = (n for text in texts for n in walk(parse_expression(text)))
    assert {n.function for n in nodes if isinstance(n, Call)} == set(FUNCTIONS)
