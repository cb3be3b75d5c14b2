"""Small specs that several tests share."""

from __future__ import annotations

from typing import Any


def decay(**time: Any) -> dict[str, Any]:
    """x' = -k x, x(0) = 100: x(t) = 100 exp(-k t)."""
    return {
        "name": "decay",
        "time": {"start": 0, "end": 10, "step": 0.25, **time},
        "variables": {
            "k": {"kind": "parameter", "value": 0.3, "unit": "1/year"},
            "x": {"kind": "stock", "initial": 100, "outflows": ["loss"]},
            "loss": {"kind": "flow", "equation": "k * x"},
        },
    }


def logistic(**time: Any) -> dict[str, Any]:
    """x' = r x (1 - x / K): the Verhulst equation."""
    return {
        "name": "logistic",
        "time": {"start": 0, "end": 20, "step": 0.25, **time},
        "variables": {
            "r": {"kind": "parameter", "value": 0.5},
            "capacity": {"kind": "parameter", "value": 80},
            "x": {"kind": "stock", "initial": 2, "inflows": ["growth"]},
            "growth": {"kind": "flow", "equation": "r * x * (1 - x / capacity)"},
        },
    }


def predation(**time: Any) -> dict[str, Any]:
    """Lotka and Volterra."""
    return {
        "name": "predation",
        "time": {"start": 0, "end": 10, "step": 0.125, **time},
        "variables": {
            "a": {"kind": "parameter", "value": 1.1},
            "b": {"kind": "parameter", "value": 0.4},
            "c": {"kind": "parameter", "value": 0.4},
            "d": {"kind": "parameter", "value": 0.1},
            "prey": {"kind": "stock", "initial": 10, "inflows": ["births"], "outflows": ["eaten"]},
            "hunters": {"kind": "stock", "initial": 5, "inflows": ["raised"], "outflows": ["dead"]},
            "births": {"kind": "flow", "equation": "a * prey"},
            "eaten": {"kind": "flow", "equation": "b * prey * hunters"},
            "raised": {"kind": "flow", "equation": "d * prey * hunters"},
            "dead": {"kind": "flow", "equation": "c * hunters"},
        },
    }


def formula(equation: str, **variables: Any) -> dict[str, Any]:
    """One auxiliary `y` with the equation, and the variables that it reads."""
    return {
        "name": "formula",
        "time": {"start": 0, "end": 4, "step": 1},
        "variables": {**variables, "y": {"kind": "auxiliary", "equation": equation}},
    }


def parameter(value: Any, **more: Any) -> dict[str, Any]:
    return {"kind": "parameter", "value": value, **more}
