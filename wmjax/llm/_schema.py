"""One JSON schema per answer type, in the part of the language that every vendor accepts.

Objects are closed and all their properties required; unions are `anyOf`; there are no mappings and
no recursion. Bounds (minimum, pattern, length, ...) are words in the description, for one vendor
refuses them as keywords; our own validation enforces them. Servers that decode by grammar honour
them, so `grammar_schema` keeps them.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any, final

import pydantic

from wmjax._errors import UserError, UserErrors


_KEPT = ("type", "description", "enum", "required", "additionalProperties")
_BOUNDS = (
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    "minLength", "maxLength", "pattern", "minItems", "maxItems", "uniqueItems", "format",
)  # fmt: skip
_GRAMMAR = ("minimum", "maximum", "minLength", "maxLength", "pattern", "minItems", "maxItems")
_PREFIX = "#/$defs/"


@functools.lru_cache(maxsize=512)
def llm_schema(model: type[pydantic.BaseModel]) -> dict[str, Any]:
    """The schema of an answer type that OpenAI and Anthropic accept alike. Do not change it.

    **Raises:** `UserError` (or `UserErrors`) that names each place with a mapping, a recursion, a
    fixed tuple or no type, and says what to use instead.
    """
    return _convert(model, _Portable())


@functools.lru_cache(maxsize=512)
def grammar_schema(model: type[pydantic.BaseModel]) -> dict[str, Any]:
    """As `llm_schema`, with those bounds as keywords that grammar-constrained decoding enforces.

    `grammar` in a field's `json_schema_extra` holds what is decoded in the place of the type.
    """
    return _convert(model, _Grammar())


@final
class _Portable:
    def bounds(self, node: Mapping[str, Any]) -> dict[str, Any]:
        words = [f"{key} {node[key]}" for key in _BOUNDS if key in node]
        said = node.get("description", "")
        text = f"{said} ({', '.join(words)})".strip() if words else said
        return {"description": text} if text else {}


@final
class _Grammar:
    def bounds(self, node: Mapping[str, Any]) -> dict[str, Any]:
        # A grammar cannot bound a fraction; a type may say what is decoded in its place.
        return {key: node[key] for key in _GRAMMAR if key in node} | node.get("grammar", {})


def _convert(model: type[pydantic.BaseModel], dialect: _Portable | _Grammar) -> dict[str, Any]:
    raw = model.model_json_schema()
    definitions = raw.get("$defs", {})
    place = f"answer type {model.__name__}"
    problems = [*_recursions(definitions, place)]
    if not problems:
        problems = [*_problems(raw, place), *_not_an_object(raw, definitions, place)]
        for name, node in definitions.items():
            problems += _problems(node, f"{place}, {name}")
    if problems:
        raise problems[0] if len(problems) == 1 else UserErrors(problems)
    builder = _Builder(definitions, dialect)
    root = raw if "$ref" not in raw else definitions[_name(raw)]
    schema = builder.node({k: v for k, v in root.items() if k != "$defs"})
    return {**schema, "$defs": builder.definitions()} if definitions else schema


@final
class _Builder:
    def __init__(self, raw: Mapping[str, Any], dialect: _Portable | _Grammar) -> None:
        self._raw = raw
        self._dialect = dialect

    def definitions(self) -> dict[str, Any]:
        return {name: self.node(node) for name, node in self._raw.items()}

    def node(self, node: Mapping[str, Any]) -> dict[str, Any]:
        if "$ref" in node:
            extra = {k: v for k, v in node.items() if k in ("description",)}
            # A reference with words beside it is refused: it is written out.
            return self.node({**self._raw[_name(node)], **extra}) if extra else dict(_ref(node))
        if len(node.get("allOf", ())) == 1:
            rest = {k: v for k, v in node.items() if k != "allOf"}
            return self.node({**node["allOf"][0], **rest})
        made = {key: node[key] for key in _KEPT if key in node}
        made |= self._dialect.bounds(node)
        if "const" in node:
            made["enum"] = [node["const"]]
        union = node.get("anyOf") or node.get("oneOf")
        if union:
            made["anyOf"] = [self.node(part) for part in union]
        if "items" in node:
            made["items"] = self.node(node["items"])
        if made.get("type") == "object":
            properties = node.get("properties", {})
            made["properties"] = {name: self.node(part) for name, part in properties.items()}
            made |= {"required": [*properties], "additionalProperties": False}
        return made


def _ref(node: Mapping[str, Any]) -> dict[str, str]:
    return {"$ref": node["$ref"]}


def _name(node: Mapping[str, Any]) -> str:
    return str(node["$ref"]).removeprefix(_PREFIX)


def _children(node: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield from node.get("properties", {}).items()
    for word in ("anyOf", "oneOf", "allOf"):
        for part in node.get(word, ()):
            yield "", part
    if isinstance(node.get("items"), Mapping):
        yield "[]", node["items"]


def _problems(node: Mapping[str, Any], place: str) -> Iterator[UserError]:
    """What cannot be said to both vendors, in this node and below."""
    if node.get("type") == "object" and not isinstance(node.get("properties"), Mapping):
        if node.get("additionalProperties", True) is not False:
            yield _unfit(place, "a mapping", "a list of objects {name, value}")
    elif node.get("additionalProperties") not in (None, False):
        yield _unfit(place, "an object open to further keys", "a closed object (extra='forbid')")
    if "prefixItems" in node:
        yield _unfit(place, "a tuple of fixed length", "an object with a named field for each item")
    if not set(node) & {"type", "$ref", "anyOf", "oneOf", "allOf", "enum", "const"}:
        yield _unfit(place, "a field of any type", "a stated type")
    if node.get("type") == "array" and "items" not in node and "prefixItems" not in node:
        yield _unfit(place, "a list of anything", "a list of a stated type")
    for name, child in _children(node):
        yield from _problems(child, f"{place}.{name}" if name else place)


def _not_an_object(
    raw: Mapping[str, Any], definitions: Mapping[str, Any], place: str
) -> Iterator[UserError]:
    root = definitions[_name(raw)] if "$ref" in raw else raw
    if root.get("type") != "object":
        yield _unfit(place, f"the type {root.get('type', 'union')}", "an object with named fields")


def _recursions(definitions: Mapping[str, Any], place: str) -> Iterator[UserError]:
    edges = {name: {*_references(node)} for name, node in definitions.items()}
    for name in definitions:
        reached, front = set(), {name}
        while front:
            front = {n for f in front for n in edges[f]} - reached
            reached |= front
        if name in reached:
            yield _unfit(
                f"{place}, {name}", "a type that contains itself", "a flat list of nodes with ids"
            )


def _references(node: Mapping[str, Any]) -> Iterator[str]:
    if "$ref" in node:
        yield _name(node)
    for _, child in _children(node):
        yield from _references(child)


def _unfit(place: str, found: str, wanted: str) -> UserError:
    return UserError(place, found, wanted, "no vendor can be held to this: change the type")
