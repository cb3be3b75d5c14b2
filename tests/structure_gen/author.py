"""A language model written by hand: it answers every stage, well or badly."""

from __future__ import annotations

import json
import random
import re
from typing import Any

from wmjax.llm import Refused, Reply, Request, Unavailable, Usage


def answer(request: Request) -> dict[str, Any]:
    """A sound answer to a question of any stage."""
    stage = request.purpose.removeprefix("generate.")
    return _ANSWERS[stage](request)


def _scope(request: Request) -> dict[str, Any]:
    return {"title": "East Asia", "start_year": 1970, "end_year": 2060, "resolution": "yearly",
            "depth": 3, "themes": ["AI", "energy", "ageing"]}  # fmt: skip


def _actors(request: Request) -> dict[str, Any]:
    names = {
        2: [("China", "country"), ("Japan", "country")],
        3: [(f"{request.actor} Power", "company"), (f"{request.actor} Robotics", "industry")],
    }
    level = 2 if request.actor == "World" else 3
    return {"actors": [
        {"name": n, "category": c, "influence_percent": 60, "mandate": "decides",
         "reasoning": "big"}
        for n, c in names[level]
    ]}  # fmt: skip


def _quantities(request: Request) -> dict[str, Any]:
    one = {"uncertainty_percent": 10, "part_of": "", "series": "", "meaning": ""}
    offered = re.findall(r'\["([\w.]+)"', request.messages[1].content)
    gdp = next((s for s in offered if s.endswith("gdp_2015usd")), "")
    return {"quantities": [
        {"name": "gdp", "group": "economic", "kind": "stock", "unit": "usd/year", "value": 1e12,
         **one, "series": gdp},
        {"name": "risk", "group": "safety", "kind": "auxiliary", "unit": "1", "value": 0.2, **one},
        {"name": "research effort", "group": "innovation", "kind": "constant", "unit": "1",
         "value": 0.02, **one},
    ]}  # fmt: skip


def _conditions(request: Request) -> dict[str, Any]:
    names = _listed(request, "quantities")
    effects = [{"target": names[0], "change_percent": -10}]
    return {
        "conditions": [
            {
                "name": "oil shock",
                "kind": "resource",
                "year": 1973,
                "duration_years": 2,
                "effects": effects,
                "reasoning": "embargo",
            }
        ]
    }


def _actions(request: Request) -> dict[str, Any]:
    names = re.findall(r'\["([\w.]+)"', request.messages[1].content)
    return {"actions": [{"quantity": n, "step_percent": 10, "lower_percent": 50,
                         "upper_percent": 200, "mechanism": "a budget", "cost_percent": 5}
                        for n in names]}  # fmt: skip


def _links(request: Request) -> dict[str, Any]:
    sources, targets = _listed(request, "sources"), _listed(request, "targets, all of .*")
    causes = [s for s in sources if s.endswith(".gdp") and s not in targets[:1]]
    cause = causes[0] if causes else targets[1]
    return {"links": [{"source": cause, "target": targets[0], "polarity": "+", "form": "elasticity",
                       "delay_years": 3, "reasoning": "trade"}]}  # fmt: skip


def _equations(request: Request) -> dict[str, Any]:
    wanted = _listed(request, "write equations for")
    made = []
    for name in wanted:
        owner = name.partition(".")[0]
        text = f"0.03 * {name}" if name.endswith(".gdp") else f"0.1 + {owner}.research_effort"
        made.append({"quantity": name, "equation": text})
    return {"equations": made}


def _listed(request: Request, label: str) -> list[str]:
    found = re.search(rf"^{label}: (\[.*\])$", request.messages[1].content, re.MULTILINE)
    assert found, request.messages[1].content
    return json.loads(found[1])


_ANSWERS = {"scope": _scope, "actors": _actors, "quantities": _quantities, "links": _links,
            "conditions": _conditions, "actions": _actions, "equations": _equations,
            "repairs": _equations}  # fmt: skip


def faulty(seed: int, share: float = 0.3) -> Any:
    """The same author with a fault in a share of the calls; which depends on the question alone."""

    def reply(request: Request) -> Any:
        dice = random.Random(f"{seed} {request.messages}")
        good = answer(request)
        if dice.random() >= share:
            return good
        return dice.choice(_FAULTS)(good, request)

    return reply


def _many(good: dict[str, Any], request: Request) -> Any:
    return {k: v * 10_000 if isinstance(v, list) else v for k, v in good.items()}


def _strange(good: dict[str, Any], request: Request) -> Any:
    """Right in form and wrong in content: duplicates, links to nothing, nonsense."""
    text = json.dumps(good)
    for old, new in ((".gdp", ".nothing"), ('"usd/year"', '"blorps//2"'), ("China", "Japan"),
                     ("0.03 *", "0.03 * ("), ("+ ", "+ unheard_of + ")):  # fmt: skip
        text = text.replace(old, new)
    return text


_FAULTS = (
    lambda good, request: Unavailable("connection refused"),
    lambda good, request: Unavailable("429: retry later"),
    lambda good, request: Refused("no"),
    lambda good, request: Reply(json.dumps(good)[:40], "length", Usage(100, 10)),
    lambda good, request: "",
    lambda good, request: "Sure! Here it is: " + json.dumps(good) + " I hope this helps.",
    lambda good, request: {k: 7 for k in good},
    _many,
    _strange,
)
