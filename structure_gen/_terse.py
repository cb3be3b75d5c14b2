"""Questions in few words, for small models: names are chosen from lists, numbers are whole and
small, and nothing has to be explained. Such a model keeps to a grammar and knows little; what it
says is cheap, and the search finds out whether it is of use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal, TypeVar, final

import pydantic
from pydantic import BaseModel, Field

from structure_gen._answers import (
    ActionIdea,
    Actions,
    ActorIdea,
    Actors,
    Condition,
    Conditions,
    Effect,
    Equations,
    LinkIdea,
    Links,
    Quantities,
    Quantity,
    Scope,
)
from structure_gen._brief import Resolution
from structure_gen._mapping import country_names
from structure_gen._quantity_of import quantity_of
from structure_gen._style import Question, one_of
from wmjax.llm import Percent
from wmjax.series import CatalogueEntry
from wmjax.spec._event import EventKind
from wmjax.spec._variable import Group


M = TypeVar("M", bound=BaseModel)
Name = Annotated[str, Field(pattern="^[A-Z][a-z]{2,11}( [A-Z][a-z]{2,11})?$")]
Word = Annotated[str, Field(pattern="^[a-z]{3,12}$")]

_SERIES = 6  # in one list: a small model tells no more apart
_ROWS = 20  # of a series that is worth a choice
_NAMES = 16
_LINKS = 2  # into one actor


@final
class Terse:
    """For models that can do little more than choose."""

    name = "terse"

    def scope(self) -> Question[Scope]:
        made = _made(
            "Scope", title=Name, start_year=_whole(1960, 2000), end_year=_whole(2030, 2100),
            resolution=Resolution, depth=_whole(1, 3), themes=_list(Word, 1, 3),
        )  # fmt: skip
        return Question(made, 120, lambda a: _filled(Scope, a), "terse_scope")

    def actors(self, level: int, breadth: int) -> Question[Actors]:
        """On level 2 countries that the catalogue knows, so that there are data to be right or
        wrong about."""
        if level == 2:
            names = one_of(country_names())
            made = _items("actors", breadth, name=names, influence_percent=Percent)
        else:
            among = {3: Literal["company", "industry"], 4: Literal["politician", "celebrity"]}
            made = _items("actors", breadth, name=Name, category=among[level],
                          influence_percent=Percent)  # fmt: skip
        return Question(made, 40 * breadth + 20, lambda a: Actors.model_construct(
            actors=[_actor(i) for i in a.actors]
        ), "terse_actors")  # fmt: skip

    def quantities(self, series: Sequence[CatalogueEntry], start: int, most: int
    ) -> Question[Quantities]:  # fmt: skip
        """Series of the catalogue, where it has any of the actor."""
        offered = {e.id: e for e in _long(series)}
        if offered:
            count = min(most, len(offered))
            made = _made("Answer", series=_list(one_of(offered), count, count))
            return Question(made, 20 * most + 20, lambda a: _all(
                quantity_of(offered[id], start, {"series"}) for id in a.series
            ), "terse_quantities")  # fmt: skip
        made = _items("quantities", most, name=Word, group=Group,
                      kind=Literal["auxiliary", "constant"], percent=_whole(1, 100))  # fmt: skip
        return Question(made, 40 * most + 20, lambda a: _all(map(_unmeasured, a.quantities)),
                        "terse_quantities")  # fmt: skip

    def parts(self, wholes: Sequence[str], most: int) -> None:
        return None

    def conditions(self, names: Sequence[str], span: tuple[int, int]) -> Question[Conditions]:
        made = _items(
            "conditions", 2, name=Name, kind=EventKind, year=_whole(span[0], span[1] - 1),
            duration_years=_whole(0, 10), target=one_of(names[:_NAMES]),
            change_percent=_whole(-50, 50),
        )  # fmt: skip
        return Question(made, 140, lambda a: Conditions.model_construct(
            conditions=[_condition(i) for i in a.conditions]
        ), "terse_conditions")  # fmt: skip

    def actions(self, names: Sequence[str]) -> Question[Actions]:
        made = _items(
            "actions", len(names), quantity=one_of(names), step_percent=_whole(1, 20),
            lower_percent=_whole(20, 90), upper_percent=_whole(110, 300),
            cost_percent=_whole(0, 20),
        )  # fmt: skip
        return Question(made, 60 * len(names) + 20, lambda a: Actions.model_construct(
            actions=[_filled(ActionIdea, i, mechanism="") for i in a.actions]
        ), "terse_actions")  # fmt: skip

    def links(self, sources: Sequence[str], targets: Sequence[str]) -> Question[Links]:
        """Pairs to choose from: a small model that may name both ends names one of them twice."""
        pairs = {f"{s} -> {t}": (s, t) for s in sources[:_NAMES] for t in targets if s != t}
        made = _items("links", _LINKS, pair=one_of(pairs), polarity=Literal["+", "-"],
                      delay_years=_whole(0, 20))  # fmt: skip
        return Question(made, 50 * _LINKS + 20, lambda a: Links.model_construct(
            links=[_link(i, *pairs.get(i.pair, (i.pair, ""))) for i in a.links]
        ), "terse_links")  # fmt: skip

    def equations(self, count: int) -> Question[Equations] | None:
        return None

    def shown(self, series: Sequence[CatalogueEntry]) -> list[Any]:
        return [e.id for e in _long(series)]


def _long(series: Sequence[CatalogueEntry]) -> list[CatalogueEntry]:
    return [e for e in series if e.n >= _ROWS][:_SERIES]


def _whole(low: int, high: int) -> Any:
    return Annotated[int, Field(ge=low, le=high)]


def _list(of: Any, least: int, most: int) -> Any:
    return Annotated[list[of], Field(min_length=least, max_length=most)]


def _items(field: str, count: int, /, **fields: Any) -> type[BaseModel]:
    """An answer with one list of so many objects with these fields: a small model stops early if
    it may."""
    item = _made("Item", **fields)
    return _made("Answer", **{field: _list(item, max(count, 1), max(count, 1))})


def _made(name: str, /, **fields: Any) -> type[BaseModel]:
    config = pydantic.ConfigDict(extra="forbid")
    stated: dict[str, Any] = {n: (t, ...) for n, t in fields.items()}
    return pydantic.create_model(name, __config__=config, **stated)


def _filled(into: type[M], said: BaseModel, /, **rest: Any) -> M:
    """What was said, and what nobody wrote: only the first counts as written."""
    values = {n: getattr(said, n) for n in type(said).model_fields}
    return into.model_construct(_fields_set=set(values), **{**values, **rest})


def _all(quantities: Iterable[Quantity]) -> Quantities:
    return Quantities.model_construct(quantities=list(quantities))


def _actor(said: Any) -> ActorIdea:
    category = getattr(said, "category", "country")
    return _filled(ActorIdea, said, category=category, mandate="", reasoning="")


def _unmeasured(said: Any) -> Quantity:
    return Quantity.model_construct(
        _fields_set={"name", "group", "kind", "value"}, name=said.name, group=said.group,
        kind=said.kind, unit="1", value=said.percent / 100, uncertainty_percent=50, part_of="",
        series="", meaning="",
    )  # fmt: skip


def _link(said: Any, source: str, target: str) -> LinkIdea:
    return LinkIdea.model_construct(
        _fields_set={"source", "target", "polarity", "delay_years"}, source=source, target=target,
        polarity=said.polarity, form="delay" if said.delay_years else "elasticity",
        delay_years=said.delay_years, reasoning="",
    )  # fmt: skip


def _condition(said: Any) -> Condition:
    effect = Effect(target=said.target, change_percent=said.change_percent)
    return Condition.model_construct(
        _fields_set={"name", "kind", "year", "duration_years", "effects"}, name=said.name,
        kind=said.kind, year=said.year, duration_years=said.duration_years, effects=[effect],
        reasoning="",
    )  # fmt: skip
