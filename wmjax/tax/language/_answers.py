"""What agents answer, as types. Bounds are told to the model; numbers beyond them are not refused
here but clipped and recorded by whoever asked."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import pydantic
from pydantic import AfterValidator, BeforeValidator, Field


_POINTS = re.compile(r"\s*([+-]?\d+)(?:\.0+)?\s*(?:%|points?)?\s*")


class HoursAnswer(pydantic.BaseModel):
    """Hours of work."""

    hours: Annotated[float, Field(allow_inf_nan=False)]


class SatisfactionAnswer(pydantic.BaseModel):
    """Satisfaction with the tax policy."""

    satisfied: bool


class WordsAnswer(pydantic.BaseModel):
    """A person in words."""

    words: Annotated[str, Field(min_length=20, max_length=900)]


class DeltaAnswer(pydantic.BaseModel):
    """Moves of tax rates in percentage points."""

    delta: list[int]


class CandidacyAnswer(DeltaAnswer):
    """Whether somebody stands for election, with which moves and words."""

    run: bool
    speech: Annotated[str, Field(json_schema_extra={"maxLength": 300})]


class BallotAnswer(pydantic.BaseModel):
    """Candidates in the order of preference."""

    ranking: list[int]


@functools.cache
def hours_answer(most: float) -> type[HoursAnswer]:
    """`HoursAnswer` that tells the limit, in h/wk. Models that decode by a grammar, which knows no
    bounds of fractions, are held to whole hours."""
    extra: Any = {"minimum": 0, "maximum": most, "grammar": _whole(most)}
    hours: Any = Annotated[float, Field(allow_inf_nan=False, json_schema_extra=extra)]
    return pydantic.create_model("Hours", __base__=HoursAnswer, hours=hours)


def _whole(most: float) -> dict[str, Any]:
    return {"type": "integer", "minimum": 0, "maximum": int(most)}


def whole_points(value: Any) -> Any:
    """Percentage points as a whole number: 5, 5.0, "5" and "5%" are 5.

    **Raises:** `ValueError` for a fraction, which could mean 0.2 points or 20 %, for any number
    that is not whole, and for what is no number: nothing is rounded.
    """
    if isinstance(value, str):
        found = _POINTS.fullmatch(value)
        value = int(found[1]) if found else value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("not a number; give whole percentage points")
    if value != value or value in (float("inf"), float("-inf")):
        raise ValueError("not a number; give whole percentage points")
    if not float(value).is_integer():
        raise ValueError("not a whole number; give whole percentage points, 20 and not 0.2")
    return int(value)


@functools.cache
def delta_answer(brackets: int, most: int) -> type[DeltaAnswer]:
    """`DeltaAnswer` for so many brackets."""
    return pydantic.create_model("Delta", __base__=DeltaAnswer, delta=_delta(brackets, most))


@functools.cache
def candidacy_answer(brackets: int, most: int) -> type[CandidacyAnswer]:
    """`CandidacyAnswer` for so many brackets."""
    return pydantic.create_model(
        "Candidacy", __base__=CandidacyAnswer, delta=_delta(brackets, most)
    )


def _delta(brackets: int, most: int) -> Any:
    bounds: Any = {"minimum": -most, "maximum": most}
    points = Annotated[int, BeforeValidator(whole_points), Field(json_schema_extra=bounds)]
    return Annotated[list[points], Field(min_length=brackets, max_length=brackets)]


@functools.lru_cache(maxsize=64)
def ballot_answer(candidates: tuple[int, ...]) -> type[BallotAnswer]:
    """`BallotAnswer` that may name these candidates. Named again, one keeps its first place."""
    number: Any = Literal[candidates]  # pyright: ignore[reportInvalidTypeForm]
    ranking: Any = Annotated[
        list[number], Field(json_schema_extra={"maxItems": len(candidates)}), AfterValidator(_once)
    ]
    return pydantic.create_model("Ballot", __base__=BallotAnswer, ranking=ranking)


def _once(ranking: Sequence[int]) -> list[int]:
    return list(dict.fromkeys(ranking))
