"""Typed settings: what Hydra composed, checked all at once."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import pydantic
from pydantic import ConfigDict, Field

from wmjax._errors import UserError, UserErrors
from wmjax.app._verbs import Verb


class Part(pydantic.BaseModel):
    """A frozen group of settings without unknown keys; numbers are not made from text."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Store(Part):
    """Where runs are kept."""

    path: str


class Compute(Part):
    """Where and how JAX computes; what has a default here is absent from runs of older versions."""

    platform: Literal["cpu", "gpu", "tpu"] | None
    precision: Literal[32, 64]
    cache: bool
    over: Literal["device", "devices", "cluster"] = "device"
    host_devices: Annotated[int, Field(ge=1)] | None = None
    vector_width: Literal["auto", 256, 512] = "auto"
    coordinator: Annotated[str, Field(min_length=1)] | None = None
    num_processes: Annotated[int, Field(ge=1)] | None = None
    process_id: Annotated[int, Field(ge=0)] | None = None


class Solver(Part):
    """How a model is integrated; the tolerances are for solvers that choose their steps."""

    name: Literal["euler", "rk2", "rk4", "tsit5", "dopri5", "dopri8", "kvaerno5"] | None
    rtol: Annotated[float, Field(gt=0)] | None = None
    atol: Annotated[float, Field(gt=0)] | None = None
    max_steps: Annotated[int, Field(gt=0)] | None = None


class VerbSettings(Part):
    """What every verb has.

    `job` is the number of this job in a multirun; `words` are those typed after the verb, which
    the jobs of a multirun do not have.
    """

    store: Store
    job: int | None = None
    words: tuple[str, ...] | None = None

    def numbered(self, output: str) -> Path:
        """`output`, with the number of the job before its ending in a multirun."""
        path = Path(output)
        return path if self.job is None else path.with_stem(f"{path.stem}-{self.job}")


class JaxSettings(VerbSettings):
    """What the verbs have that compute."""

    compute: Compute


def _in_order(window: list[float]) -> list[float]:
    if window[0] > window[1]:
        raise ValueError("the last time comes before the first")
    return window


Window = Annotated[
    list[float], Field(min_length=2, max_length=2), pydantic.AfterValidator(_in_order)
]
Text = Annotated[str, Field(min_length=1)]
Count = Annotated[int, Field(ge=1)]

S = TypeVar("S", bound=VerbSettings)


def read_settings(kind: type[S], plain: Mapping[str, Any], verb: Verb) -> S:
    """Checks composed settings.

    **Raises:** `UserError` naming each key, what was found and what was wanted.
    """
    try:
        return kind.model_validate(plain)
    except pydantic.ValidationError as error:
        found: dict[str, UserError] = {}
        for mistake in (_mistake(e, verb, kind) for e in error.errors(include_url=False)):
            other = found.get(mistake.place)
            found[mistake.place] = mistake if other is None else _either(other, mistake)
        unique = list(found.values())
        raise (unique[0] if len(unique) == 1 else UserErrors(unique)) from None


def _either(first: UserError, second: UserError) -> UserError:
    """One mistake for a value that is none of several things."""
    wanted = first.wanted
    if second.wanted not in wanted.split(" or "):
        wanted = f"{wanted} or {second.wanted}"
    return UserError(first.place, first.found, wanted, first.hint)


_WANTED = {
    "int_type": "a whole number",
    "float_type": "a number",
    "string_type": "text",
    "bool_type": "true or false",
    "list_type": "a list: [a, b]",
    "dict_type": "a map: {name: value}",
}


def _mistake(error: Any, verb: Verb, kind: type[VerbSettings]) -> UserError:
    place = ".".join(str(part) for part in error["loc"] if not _internal(part))
    value, hint = error["input"], f"`wmjax {verb.name} --help` says what each key means"
    if error["type"] == "extra_forbidden":
        return _unknown_key(place, verb, kind, hint)
    if value is None or error["type"] == "missing":
        return UserError(
            f"wmjax {verb.name}, {place}", "nothing", f"{place}=...", f"for example: {verb.example}"
        )
    wanted = _WANTED.get(error["type"]) or error["msg"].removeprefix("Input should be ")
    return UserError(f"wmjax {verb.name}, {place}", repr(value), wanted, hint)


def _unknown_key(place: str, verb: Verb, kind: type[VerbSettings], hint: str) -> UserError:
    names = [n for n in kind.model_fields if n not in ("job", "words")]
    near = difflib.get_close_matches(place.split(".")[0], names, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}? {hint}" if near else hint
    wanted = "one of " + ", ".join(names)
    return UserError(f"wmjax {verb.name}, {place}", f"the key {place!r}", wanted, hint)


def _internal(part: object) -> bool:
    """Pydantic puts the names of the members of a union between the keys."""
    return isinstance(part, str) and ("[" in part or "-" in part or part in ("float", "int", "str"))
