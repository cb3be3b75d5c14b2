"""In which form the stages are asked for: at length, or in few words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, Literal, Protocol, TypeVar, final

import pydantic
from pydantic import Field

from structure_gen._answers import (
    Actions,
    Actors,
    Conditions,
    Equations,
    LinkIdea,
    Links,
    Quantities,
    Scope,
)
from wmjax.series import CatalogueEntry


A = TypeVar("A", bound=pydantic.BaseModel)


@final
@dataclass(frozen=True)
class Question(Generic[A]):
    """What an answer must fit, how many tokens it may take, and how it becomes the answer of the
    stage; fields that nobody wrote are not in its `model_fields_set`."""

    schema: type[pydantic.BaseModel]
    tokens: int
    read: Callable[[Any], A]
    prompt: str = ""
    """Another prompt than that of the stage."""


class Style(Protocol):
    """The questions of all stages; None for a stage that is not asked."""

    @property
    def name(self) -> str: ...

    def scope(self) -> Question[Scope]: ...

    def actors(self, level: int, breadth: int) -> Question[Actors]: ...

    def quantities(self, series: Sequence[CatalogueEntry], start: int, most: int
    ) -> Question[Quantities]: ...  # fmt: skip

    def parts(self, wholes: Sequence[str], most: int) -> Question[Quantities] | None: ...

    def conditions(self, names: Sequence[str], span: tuple[int, int]) -> Question[Conditions]: ...

    def actions(self, names: Sequence[str]) -> Question[Actions]: ...

    def links(self, sources: Sequence[str], targets: Sequence[str]) -> Question[Links]: ...

    def equations(self, count: int) -> Question[Equations] | None: ...

    def shown(self, series: Sequence[CatalogueEntry]) -> list[Any]:
        """What a prompt about an actor says of its series."""
        ...


@final
class Full:
    """For models that can write: reasons, meanings, units, figures and equations."""

    name = "full"

    def scope(self) -> Question[Scope]:
        return _plain(Scope, 400)

    def actors(self, level: int, breadth: int) -> Question[Actors]:
        return _plain(Actors, 120 * breadth)

    def quantities(self, series: Sequence[CatalogueEntry], start: int, most: int
    ) -> Question[Quantities]:  # fmt: skip
        return _plain(Quantities, 170 * most)

    def parts(self, wholes: Sequence[str], most: int) -> Question[Quantities]:
        return _plain(Quantities, 170 * most * len(wholes))

    def conditions(self, names: Sequence[str], span: tuple[int, int]) -> Question[Conditions]:
        return _plain(Conditions, 1500)

    def actions(self, names: Sequence[str]) -> Question[Actions]:
        return _plain(Actions, 150 * len(names))

    def links(self, sources: Sequence[str], targets: Sequence[str]) -> Question[Links]:
        """The answer type in which only these names can be written."""
        names: dict[str, Any] = {"source": (one_of(sources), ...), "target": (one_of(targets), ...)}
        idea = pydantic.create_model("LinkIdea", __base__=LinkIdea, **names)
        ideas: Any = Annotated[list[idea], Field(max_length=40)]
        made = pydantic.create_model("Links", __base__=Links, links=(ideas, ...))
        return _plain(made, 110 * max(2 * len(targets), 4))

    def equations(self, count: int) -> Question[Equations]:
        return _plain(Equations, 90 * count + 60)

    def shown(self, series: Sequence[CatalogueEntry]) -> list[Any]:
        return [[e.id, e.unit, e.meaning] for e in series]


def _plain(schema: type[A], tokens: int) -> Question[A]:
    return Question(schema, tokens, lambda answer: answer)


def one_of(names: Iterable[str]) -> Any:
    """The type of these names; of any text if there are none."""
    listed = tuple(dict.fromkeys(names))
    return Literal[listed] if listed else str
