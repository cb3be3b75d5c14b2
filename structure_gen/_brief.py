"""What a world is asked for."""

from __future__ import annotations

import os
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from wmjax._errors import UserError
from wmjax.spec import Actor
from wmjax.spec._document import Document


Resolution = Literal["yearly", "monthly", "weekly"]

STEP: dict[str, float] = {"yearly": 1.0, "monthly": 1 / 12, "weekly": 1 / 52}
"""Years of a step."""


class Brief(Document):
    """A paragraph about a world, and what is wanted beside it; what is None the model decides.

    - `depth`: levels of actors, 1 (the world) to 4 (individuals).
    - `breadth`: actors under one parent, `quantities`: of one actor, at most.
    - `conditions`: what may happen from outside, at most; 0 for none.
    - `parts`: depth of constituent components of a quantity; 0 for none.
    - `actors`: those that must be there, besides those that the model finds.
    """

    text: Annotated[str, Field(min_length=1, max_length=20_000)]
    start: int | None = None
    end: int | None = None
    resolution: Resolution | None = None
    depth: Annotated[int, Field(ge=1, le=4)] | None = None
    breadth: Annotated[int, Field(ge=1, le=50)] = 5
    quantities: Annotated[int, Field(ge=1, le=50)] = 5
    conditions: Annotated[int, Field(ge=0, le=40)] = 12
    parts: Annotated[int, Field(ge=0, le=3)] = 1
    actors: tuple[Actor, ...] = ()


BriefLike: TypeAlias = "Brief | str"


def as_brief(brief: BriefLike) -> Brief:
    """A text, the path of a text file, or a brief.

    **Raises:** `UserError` for an empty or overlong text.
    """
    if isinstance(brief, Brief):
        return brief
    text = brief
    if len(brief) < 500 and brief.endswith((".txt", ".md")):
        if not os.path.isfile(brief):
            raise UserError(f"brief {brief!r}", "no such file", "the path of a text, or the text")
        with open(brief, encoding="utf-8") as file:
            text = file.read()
    if not 0 < len(text.strip()) <= 20_000:
        raise UserError("brief", f"{len(text.strip())} characters", "1 to 20000",
                        "a paragraph that says what the world is about")  # fmt: skip
    return Brief(text=text.strip())
