"""A scripted model that fills a world of four levels: hundreds of actors, 5,000 equations."""

from __future__ import annotations

import json
import re
from typing import Any

from wmjax.llm import Request


BREADTH = 7
QUANTITIES = 13
_KINDS = ("stock", "auxiliary")
_CATEGORY = {2: "country", 3: "industry", 4: "politician"}
_COUNTRIES = ("China", "India", "Japan", "Brazil", "Germany", "Nigeria", "Mexico")


def answer(request: Request) -> dict[str, Any]:
    """A sound answer to a question of any stage, as large as was asked for."""
    return _ANSWERS[request.purpose.removeprefix("generate.")](request)


def _scope(request: Request) -> dict[str, Any]:
    return {"title": "a large world", "start_year": 1960, "end_year": 2060,
            "resolution": "yearly", "depth": 4, "themes": ["trade"]}  # fmt: skip


def _actors(request: Request) -> dict[str, Any]:
    said = request.messages[0].content
    level = next(n for n in (2, 3, 4) if _LEVELS[n] in said)
    below = [f"{request.actor} {letter}" for letter in "ABCDEFG"]
    names = _COUNTRIES if level == 2 else below
    return {"actors": [
        {"name": n, "category": _CATEGORY[level], "influence_percent": 50, "mandate": "m",
         "reasoning": "r"}
        for n in names[:BREADTH]
    ]}  # fmt: skip


_LEVELS = {2: "countries, blocs", 3: "companies, industries", 4: "individuals"}


def _quantities(request: Request) -> dict[str, Any]:
    offered = re.findall(r'\["([\w.]+)"', request.messages[1].content)
    made = [_quantity(f"q{i}", _KINDS[i % 2], offered[i : i + 1] if i < 2 else [])
            for i in range(QUANTITIES)]  # fmt: skip
    return {"quantities": made}


def _quantity(name: str, kind: str, series: list[str]) -> dict[str, Any]:
    return {"name": name, "group": "economic", "kind": kind, "unit": "1", "value": 1.0,
            "uncertainty_percent": 10, "part_of": "", "series": (series or [""])[0],
            "meaning": ""}  # fmt: skip


def _links(request: Request) -> dict[str, Any]:
    names = _listed(request, "sources")
    targets = _listed(request, "targets, all of .*")
    stocks = [n for n in names if n.endswith((".q0", ".q2", ".q4"))]
    return {"links": [
        {"source": s, "target": t, "polarity": "+", "form": "elasticity", "delay_years": 2,
         "reasoning": "r"}
        for s, t in zip(stocks[1:3], targets[4:6], strict=False) if s != t
    ]}  # fmt: skip


def _equations(request: Request) -> dict[str, Any]:
    made = []
    for name in _listed(request, "write equations for"):
        owner, _, last = name.rpartition(".")
        k = int(last[1:])
        text = f"0.01 * {name}" if k % 2 == 0 else f"0.5 * {owner}.q{k - 1} + 0.5"
        made.append({"quantity": name, "equation": text})
    return {"equations": made}


def _listed(request: Request, label: str) -> list[str]:
    found = re.search(rf"^{label}: (\[.*\])$", request.messages[1].content, re.MULTILINE)
    assert found, request.messages[1].content
    return json.loads(found[1])


_ANSWERS: dict[str, Any] = {
    "scope": _scope, "actors": _actors, "quantities": _quantities, "links": _links,
    "conditions": lambda request: {"conditions": []}, "actions": lambda request: {"actions": []},
    "equations": _equations, "repairs": _equations,
}  # fmt: skip
