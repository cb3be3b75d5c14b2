"""What a fit is asked to do, as a document: `fit.yaml`, and the `protocol.yaml` of a model.

```yaml
parameters:                       # absent: every trainable one of the spec
  contact_rate: {bounds: [0.05, 2], prior: {lognormal: [0.4, 0.5]}, initial: 0.3}
  "saving[China]":                # nothing said: bounds and prior of the spec
series:                           # absent: every variable whose `observed` series is in the data
  infected: {observed: cases, transform: log, likelihood: robust, weight: 1, sigma: 0.2}
  recovered: cured                # short for {observed: cured}
window: {start: 0, end: 60}
epoch: 2020-03-01                 # the date at which the model starts
starts: 4
backtest: {fit_window: [0, 40], score_window: [41, 60], baselines: [persistence, damped_trend]}
```
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import pydantic
from pydantic import BeforeValidator, Field, FiniteFloat, PositiveFloat, model_validator

from calibration._baselines import BaselineName
from calibration._element import near
from calibration._free import FreeParameter
from calibration._residual_process import ResidualRule
from calibration._term import FitTerm, Likelihood, NonNegative
from wmjax._errors import UserError, UserErrors
from wmjax.scenario import Transform
from wmjax.spec import Document, read_file


def _span(value: Any) -> Any:
    return {"start": value[0], "end": value[1]} if _is_pair(value) else value


def _is_pair(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2


class Span(Document):
    """From `start` to `end`, both included; `[start, end]` for short."""

    start: FiniteFloat | None = None
    end: FiniteFloat | None = None

    @model_validator(mode="after")
    def _check(self) -> Span:
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise ValueError(f"end {self.end:g} must lie after start {self.start:g}")
        return self


Window = Annotated[Span, BeforeValidator(_span)]


class SeriesSettings(Document):
    """How one variable is compared with its series; what is absent comes from `defaults`."""

    observed: str | None = None
    """Id of the series; the `observed` of the spec if absent, else the name of the variable."""
    transform: Transform | None = None
    weight: NonNegative | None = None
    sigma: PositiveFloat | None = None
    likelihood: Likelihood | None = None


class SeriesDefaults(Document):
    """What holds for every series that does not say otherwise; see `FitTerm`."""

    transform: Transform = "level"
    weight: NonNegative = 1.0
    sigma: PositiveFloat | None = None
    likelihood: Likelihood = "gaussian"


class BacktestSettings(Document):
    """How a model is tested on what it has not seen: by `fit_window` and `score_window`, or by
    `origins`, from each of which the next `horizon` units of time are scored.

    If both are stated, `kind` says which is meant: `split` unless it says `rolling`."""

    kind: Literal["split", "rolling"] | None = None
    fit_window: Window | None = None
    score_window: Window | None = None
    origins: tuple[FiniteFloat, ...] = ()
    horizon: PositiveFloat | None = None
    baselines: tuple[BaselineName, ...] | None = None
    draws: Annotated[int, Field(ge=2)] | None = None
    apart: tuple[str, ...] = ()
    """Series that are scored and count for no aim."""


def _named_series(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {k: {"observed": v} if isinstance(v, str) else v or {} for k, v in value.items()}


def _named_parameters(value: Any) -> Any:
    if isinstance(value, list | tuple) and all(isinstance(v, str) for v in value):
        return {v: {} for v in value}
    return {k: v or {} for k, v in value.items()} if isinstance(value, dict) else value


Parameters = Annotated[dict[str, FreeParameter], BeforeValidator(_named_parameters)]
SeriesByVariable = Annotated[dict[str, SeriesSettings], BeforeValidator(_named_series)]


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, date | int | float) else value


OneText = Annotated[str | None, BeforeValidator(_text)]


class FitFile(Document):
    """Everything that can be asked of a fit and a backtest; all of it may be left out."""

    name: str = ""
    description: str = ""
    parameters: Parameters | None = None
    series: SeriesByVariable | None = None
    defaults: SeriesDefaults = SeriesDefaults()
    window: Window = Span()
    time_unit: OneText = None
    """What plain numbers in a time column count, if not the unit of the model."""
    epoch: OneText = None
    """The time of the data, a date or a number, at which the model starts."""
    half_life: PositiveFloat | None = None
    starts: Annotated[int, Field(ge=1, le=10_000)] = 1
    seed: int = 0
    method: str = "auto"
    tolerance: PositiveFloat | None = None
    learning_rate: PositiveFloat = 0.02
    max_evaluations: Annotated[int, Field(ge=1)] | None = None
    residual: ResidualRule = ResidualRule()
    backtest: BacktestSettings = BacktestSettings()

    _place: str = pydantic.PrivateAttr("")
    _mistakes: tuple[UserError, ...] = pydantic.PrivateAttr(())

    @property
    def place(self) -> str:
        """The path it was read from; "" if from none."""
        return self._place

    @property
    def mistakes(self) -> tuple[UserError, ...]:
        """What could not be read of it; see `salvage_fit_file`."""
        return self._mistakes

    def read_from(self, place: str, mistakes: tuple[UserError, ...] = ()) -> FitFile:
        """A copy that knows where it comes from."""
        copy = self.model_copy()
        copy._place, copy._mistakes = place, mistakes
        return copy

    def changed(self, **given: Any) -> FitFile:
        """A copy in which everything given that is not None takes its place; of `backtest`, key by
        key.

        **Raises:** `UserErrors` for values that do not fit.
        """
        kept = {k: v for k, v in given.items() if v is not None}
        if "backtest" in kept:
            kept["backtest"] = {**self.backtest.model_dump(), **kept["backtest"]}
        try:
            found = FitFile.model_validate({**self.model_dump(), **kept})
        except pydantic.ValidationError as error:
            raise UserErrors(_mistake("arguments", m) for m in error.errors()) from None
        return found.read_from(self._place, self._mistakes)

    def term(self, variable: str, own: SeriesSettings, observed: str) -> FitTerm:
        """The term of one entry of `series`."""
        said = own.model_dump(exclude_none=True, exclude={"observed"})
        return FitTerm(variable=variable, observed=observed,
                       **{**self.defaults.model_dump(), **said})  # fmt: skip


def load_fit_file(path: str | os.PathLike[str]) -> FitFile:
    """Reads a `.yaml` or `.json` fit file.

    **Raises:** `UserError`, or `UserErrors` with every mistake of format.
    """
    file = salvage_fit_file(path)
    if file.mistakes:
        raise file.mistakes[0] if len(file.mistakes) == 1 else UserErrors(file.mistakes)
    return file


load_protocol = load_fit_file


def salvage_fit_file(path: str | os.PathLike[str]) -> FitFile:
    """As much of a fit file as can be read, with the mistakes in the rest, so that `fit` and
    `backtest` can raise them together with those they find."""
    place = Path(path)
    if not place.is_file():
        raise UserError(f"fit file {str(path)!r}", "no such file", "the path of a .yaml file")
    data = read_file(place)
    if not isinstance(data, dict):
        found = "nothing" if data is None else f"a {type(data).__name__}"
        raise UserError(str(path), found, f"a mapping with keys such as {', '.join(_KEYS[2:6])}")
    return read_mapping(str(path), data)


def read_mapping(place: str, data: dict[str, Any]) -> FitFile:
    """The same from the content of a fit file; `place` names it in messages."""
    try:
        return FitFile.model_validate(data).read_from(place)
    except pydantic.ValidationError as error:
        mistakes = error.errors(include_url=False, include_context=False)
    errors = [_mistake(place, m) for m in mistakes]
    errors = tuple({str(e): e for e in errors}.values())
    for mistake in mistakes:
        _remove(data, _path(mistake["loc"], data))
    try:
        return FitFile.model_validate(data).read_from(place, errors)
    except pydantic.ValidationError:
        return FitFile().read_from(place, errors)


_KEYS = tuple(FitFile.model_fields)


def _known_keys() -> Iterator[str]:
    parts = (FitFile, SeriesSettings, FreeParameter, BacktestSettings, ResidualRule, Span)
    for part in parts:
        yield from part.model_fields


def _mistake(place: str, mistake: Any) -> UserError:
    loc = ".".join(str(x) for x in mistake["loc"] if "[" not in str(x)[:12] or "]" in str(x))
    where = f"{place}, {loc}"
    found = repr(mistake["input"])
    found = found if len(found) <= 80 else found[:77] + "..."
    if mistake["type"] == "extra_forbidden":
        key = str(mistake["loc"][-1])
        return UserError(where, f"there is no key {key!r} here", "a key of the fit file",
                         near(key, dict.fromkeys(_known_keys())))  # fmt: skip
    wanted = mistake["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    return UserError(where, found, wanted)


def _path(loc: tuple[Any, ...], data: Any) -> list[Any]:
    """The longest part of a location that exists in the data."""
    path: list[Any] = []
    for key in loc:
        if isinstance(data, dict) and key in data:
            path.append(key)
            data = data[key]
        elif not isinstance(data, dict):
            break
    return path[:3]


def _remove(data: dict[str, Any], path: list[Any]) -> None:
    """Takes out the innermost mapping entry of a path."""
    for key in path[:-1]:
        if not isinstance(data, dict) or key not in data:
            return
        data = data[key]
    if path and isinstance(data, dict):
        data.pop(path[-1], None)
