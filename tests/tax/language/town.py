"""A small society whose agents answer from a script."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from tests.llm.server import CONTENTS, Wire
from wmjax.llm import LanguageModel, Model, Request, language_model, scripted
from wmjax.tax import Economy, QuasiLinear, Schedule, Utilitarian, schedule
from wmjax.tax._calendar import Calendar
from wmjax.tax._loop import Society
from wmjax.tax._society import Governor, History, Step, Workforce
from wmjax.tax.language import Cast, Guidance, LanguagePlanner, LanguageWorkers
from wmjax.tax.personas import personas_for


START = schedule("three", 50)
GENERAL = (
    '{"hours": %s, "satisfied": %s, "delta": [%d, -5, 10], "run": true, "speech": "vote for me", '
    '"ranking": [%d], "words": "You live in a small house and like to sing."}'
)


def economy(workers: int = 3) -> Economy:
    return Economy(jnp.linspace(400.0, 4000.0, workers), QuasiLinear())


def kind(request: Request) -> str:
    """What is asked: the question's schema without its variants."""
    assert request.schema is not None
    return request.schema.__name__.removesuffix("Thought").removesuffix("Answer")


def lively(request: Request) -> dict[str, Any]:
    """A sensible answer to any question, other for each prompt."""
    mark = sum(map(ord, request.messages[-1].content))
    return {
        "thought": "so", "hours": 30 + mark % 200 / 10, "satisfied": mark % 3 > 0,
        "delta": [mark % 11 - 5, mark % 7 - 3, mark % 5 - 2], "run": mark % 2 == 0,
        "speech": "fair rates", "ranking": [],
    }  # fmt: skip


def model_of(script: Callable[[Request], Any] | Sequence[Any], **options: Any) -> Model:
    return language_model(scripted(script), **options)


def cast_of(model: LanguageModel, town: Economy, calendar: Calendar, **options: Any) -> Cast:
    people = personas_for(np.asarray(town.skill), 0)
    return Cast(model, people, guidance=Guidance(calendar), **options)


def society(
    cast: Cast, town: Economy, workforce: Workforce | None = None, governor: Governor | None = None
) -> Society:
    return Society(
        town, workforce or LanguageWorkers(cast), governor or LanguagePlanner(cast, START),
        Utilitarian(), START,
    )  # fmt: skip


def step(time: int, hours: Sequence[float], rates: Schedule = START, **numbers: Any) -> Step:
    """A step of which only some numbers matter."""
    at = np.asarray(hours, float)
    given = {
        "income": at, "tax": 0 * at, "money": at, "utility": at, "rebate": 0.0,
        "welfare": float(at.mean()), "satisfied": None, "leader": None, "marked": at < 0,
    }  # fmt: skip
    return Step(time, rates, at, **(given | numbers))


def after(steps: Sequence[Step], keep: int | None = None) -> History:
    return History(steps, keep)


def answering(plan: Callable[[int], str] = lambda n: "ok", delay: float = 0.0) -> Wire:
    """A loopback server whose answers fit every question; hours differ from prompt to prompt."""

    def author(body: dict[str, Any], act: str) -> str:
        mark = sum(map(ord, body["messages"][-1]["content"]))
        good = GENERAL % (30 + mark % 20, "true", mark % 5, 0)
        return good if act == "ok" else CONTENTS.get(act, good)

    return Wire(plan, delay=delay, author=author)
