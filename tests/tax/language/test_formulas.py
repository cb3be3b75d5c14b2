"""What agents are told about utility and welfare is what is computed."""

from __future__ import annotations

import ast
import operator

import jax.numpy as jnp
import pytest

from wmjax.tax import (
    Atkinson,
    Isoelastic,
    Nash,
    Prospect,
    QuasiLinear,
    Rawlsian,
    Utilitarian,
    Weighted,
    Welfare,
)
from wmjax.tax.language import utility_in_words, welfare_in_words
from wmjax.tax.language._formulas import constants_of


_OPERATORS = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.Pow: operator.pow,
}  # fmt: skip


def _value(formula: str, values: dict[str, float]) -> float:
    """A formula of a prompt, computed."""

    def at(node) -> float:
        if isinstance(node, ast.BinOp):
            return _OPERATORS[type(node.op)](at(node.left), at(node.right))
        return values[node.id] if isinstance(node, ast.Name) else float(node.value)

    return at(ast.parse(formula.replace("^", "**"), mode="eval").body)


@pytest.mark.parametrize(
    "preferences", [QuasiLinear(jnp.array([0.02, 0.03])), QuasiLinear(), Isoelastic()]
)
def test_the_utility_that_is_told_is_the_one_that_counts(preferences) -> None:
    formula = utility_in_words(preferences).split(", with")[0]
    told = {"money": 30_000.0, "hours": 40.0, **constants_of(preferences, 1)}
    ours = preferences.utility(jnp.full(2, 30_000.0), jnp.full(2, 40.0))[1]
    assert _value(formula, told) == pytest.approx(float(ours), rel=1e-6)


class Happiest(Welfare):
    """The utility of the happiest, whatever the others have."""

    def __call__(self, utility, income, money):
        return jnp.max(utility)


def test_welfare_in_words() -> None:
    assert "mean of the utility" in welfare_in_words(Utilitarian())
    assert "worst off" in welfare_in_words(Rawlsian())
    assert "inequality of 1.5" in welfare_in_words(Atkinson(1.5))
    assert "from 0.5 to 2" in welfare_in_words(Weighted(jnp.array([0.5, 1.0, 2.0])))
    assert "above 3" in welfare_in_words(Nash(3.0))
    assert welfare_in_words(Happiest()) == (
        "Happiest: The utility of the happiest, whatever the others have."
    )


def test_constants_of_parts_have_the_name_of_the_part() -> None:
    told = constants_of(Prospect(jnp.array([1.0, 2.0]), 2.0), 1)
    assert told == {
        "reference": 2, "aversion": 2, "work.cost": 0.023667, "work.exponent": 3.5
    }  # fmt: skip
    assert all(name in utility_in_words(Prospect(1.0)) for name in told)
