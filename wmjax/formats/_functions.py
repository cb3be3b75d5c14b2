"""The functions of the expression language in XMILE's words.

XMILE and the programs that run it disagree about INT of negative numbers, MOD, SAFEDIV and PULSE,
and do not all know hyperbolic functions, LOG10 and ROUND. These are spelled out, so that the file
means the same everywhere. Arguments are numbers, names, calls, or stand in parentheses.
"""

from __future__ import annotations


_TRUNCATED = "(IF {0} >= 0.0 THEN INT({0}) ELSE -INT(-{0}))"
_MIDDLE = "TIME + DT / 2.0"  # of a step: what test inputs compare with their times

TEMPLATES: dict[tuple[str, int], str] = {
    **{(name, 1): f"{name.upper()}({{0}})"
       for name in ("exp", "ln", "sqrt", "abs", "sin", "cos", "tan", "arcsin", "arccos",
                    "arctan")},
    ("log10", 1): "(LN({0}) / LN(10.0))",
    ("log", 1): "LN({0})",
    ("log", 2): "(LN({0}) / LN({1}))",
    ("sinh", 1): "(IF ABS({0}) < 0.001 THEN {0} * (1.0 + {0} * {0} / 6.0)"
                 " ELSE (EXP({0}) - EXP(-{0})) / 2.0)",
    ("cosh", 1): "((EXP({0}) + EXP(-{0})) / 2.0)",
    ("tanh", 1): "(IF ABS({0}) < 0.001 THEN {0} * (1.0 - {0} * {0} / 3.0)"
                 " ELSE 1.0 - 2.0 / (EXP(2.0 * {0}) + 1.0))",
    ("sign", 1): "(IF {0} > 0.0 THEN 1.0 ELSE (IF {0} < 0.0 THEN -1.0 ELSE 0.0))",
    ("integer", 1): _TRUNCATED,
    ("round", 1): "(IF {0} >= 0.0 THEN INT({0} + 0.5) ELSE -INT(0.5 - {0}))",
    ("modulo", 2): f"({{0}} - {{1}} * {_TRUNCATED.replace('{0}', '({0} / {1})')})",
    ("zidz", 2): "(IF ABS({1}) < 1.0e-06 THEN 0.0 ELSE {0} / {1})",
    ("xidz", 3): "(IF ABS({1}) < 1.0e-06 THEN {2} ELSE {0} / {1})",
    ("step", 2): "STEP({0}, {1})",
    ("pulse", 2): f"(IF {_MIDDLE} > {{0}} AND {_MIDDLE} < {{0}} + MAX({{1}}, DT)"
                  " THEN 1.0 ELSE 0.0)",
    ("pulse_train", 4): f"(IF {_MIDDLE} > {{0}} AND {_MIDDLE} < {{3}} AND {_MIDDLE} - {{0}} - {{2}}"
                        f" * INT(({_MIDDLE} - {{0}}) / {{2}}) < MAX({{1}}, DT)"
                        " THEN 1.0 ELSE 0.0)",
    ("ramp", 2): "RAMP({0}, {1})",
    ("ramp", 3): "({0} * MAX(MIN(TIME, {2}) - {1}, 0.0))",
    ("initial", 1): "INIT({0})",
    ("smooth", 2): "SMTH1({0}, {1})",
    ("smooth", 3): "SMTH1({0}, {1}, {2})",
    ("smooth3", 2): "SMTH3({0}, {1})",
    ("smooth3", 3): "SMTH3({0}, {1}, {2})",
    ("delay1", 2): "DELAY1({0}, {1})",
    ("delay1", 3): "DELAY1({0}, {1}, {2})",
    ("delay3", 2): "DELAY3({0}, {1})",
    ("delay3", 3): "DELAY3({0}, {1}, {2})",
}  # fmt: skip
"""By name and number of arguments."""

SWITCHES = frozenset({"step", "pulse", "pulse_train"})
"""Functions that compare a time with the middle of the step."""


def balanced(function: str, texts: list[str]) -> str:
    """MIN or MAX of many, two at a time: some readers take no more."""
    if len(texts) == 1:
        return texts[0]
    half = (len(texts) + 1) // 2
    left, right = balanced(function, texts[:half]), balanced(function, texts[half:])
    return f"{function.upper()}({left}, {right})"


def number(value: float) -> str:
    """The shortest text that reads back as the same float, always with a decimal point: one reader
    makes whole numbers of the others and cuts off what is added to them."""
    text = repr(float(value))
    mantissa, e, exponent = text.partition("e")
    return text if "." in mantissa else f"{mantissa}.0{e}{exponent}"


def factor(value: float) -> str:
    """A number as part of a product or difference."""
    return number(value) if value >= 0 else f"({number(value)})"
