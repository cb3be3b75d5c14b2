"""One schema that both vendors' own converters leave as it is."""

from __future__ import annotations

import enum
from typing import Annotated, Any, Literal

import anthropic
import pydantic
import pytest
from openai.lib._pydantic import _ensure_strict_json_schema
from pydantic import Field

from wmjax._errors import UserError, UserErrors
from wmjax.llm import Percent, grammar_schema, llm_schema


class Group(enum.Enum):
    safety = "safety"
    economic = "economic"


class Linear(pydantic.BaseModel):
    kind: Literal["linear"]
    slope: float


class Delay(pydantic.BaseModel):
    kind: Literal["delay"]
    years: Annotated[int, Field(ge=1, le=50)]


class Link(pydantic.BaseModel):
    """A connection."""

    target: Annotated[str, Field(max_length=80, pattern="^[a-z_]+$")]
    form: Annotated[Linear | Delay, Field(discriminator="kind")]
    spare: Linear | None = None
    group: Group = Field(description="the group it belongs to")
    strength: Percent = 50
    notes: Annotated[list[str], Field(max_length=3)] = []


class Links(pydantic.BaseModel):
    links: list[Link]
    first: Link = Field(description="the most important one")


def _walk(node: Any):
    if isinstance(node, dict):
        yield node
        for child in node.values():
            yield from _walk(child)
    elif isinstance(node, list):
        for child in node:
            yield from _walk(child)


def test_both_vendors_converters_find_nothing_to_change() -> None:
    schema = llm_schema(Links)
    strict = _ensure_strict_json_schema(_copy(schema), path=(), root=_copy(schema))
    assert strict == schema
    assert anthropic.transform_schema(_copy(schema)) == _untyped_enums(schema)


def _untyped_enums(value: Any) -> Any:
    """One vendor asks for a type beside `enum`; the other's converter leaves it out."""
    if isinstance(value, dict):
        named = {k: _untyped_enums(v) for k, v in value.items()}
        return {k: v for k, v in named.items() if not (k == "type" and "enum" in named)}
    return [_untyped_enums(v) for v in value] if isinstance(value, list) else value


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _copy(v) for k, v in value.items()}
    return [_copy(v) for v in value] if isinstance(value, list) else value


def test_objects_are_closed_and_complete_and_nothing_unwanted_is_left() -> None:
    words = {"oneOf", "discriminator", "default", "const", "title", "minimum", "pattern"}
    for node in _walk(llm_schema(Links)):
        if node.get("type") == "object":
            assert node["additionalProperties"] is False
            assert node["required"] == list(node["properties"])
        assert not words & {k for k in node if isinstance(node[k], (str, int, list, bool))}
        assert "$ref" not in node or len(node) == 1


def test_bounds_are_said_in_words_and_kept_as_rules_for_grammars() -> None:
    said = llm_schema(Delay)["properties"]["years"]
    assert "1" in said["description"] and "50" in said["description"]
    assert grammar_schema(Delay)["properties"]["years"]["maximum"] == 50
    assert grammar_schema(Delay)["properties"]["years"]["minimum"] == 1


class Mapped(pydantic.BaseModel):
    values: dict[str, float]
    anything: Any


class Tree(pydantic.BaseModel):
    name: str
    children: list[Tree]


def test_what_cannot_be_said_is_refused_with_its_place() -> None:
    with pytest.raises(UserErrors) as several:
        llm_schema(Mapped)
    text = str(several.value)
    assert "Mapped.values" in text and "list of objects" in text and "Mapped.anything" in text
    with pytest.raises(UserError, match="contains itself"):
        llm_schema(Tree)
    with pytest.raises(UserError, match="object with named fields"):
        llm_schema(pydantic.RootModel[list[int]])
    with pytest.raises(UserError, match="fixed length"):
        llm_schema(pydantic.create_model("Pair", pair=(tuple[int, str], ...)))
