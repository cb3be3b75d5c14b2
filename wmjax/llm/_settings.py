"""Which model to ask, and how: what conf/llm/ holds."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal, final

import pydantic
import yaml
from pydantic import ConfigDict, Field

from wmjax._errors import UserError
from wmjax._resources import resource_dir
from wmjax.llm._budget import Budget


_FROZEN = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())
_Money = Annotated[Decimal, Field(ge=0)]


@final
class Price(pydantic.BaseModel):
    """US dollars per million tokens; `cached` for input read from the vendor's cache (the price of
    `input` if it is not given); `search` per web search."""

    model_config = _FROZEN

    input: _Money
    output: _Money
    cached: _Money | None = None
    search: _Money = Decimal("0.01")


@final
class Budgets(pydantic.BaseModel):
    """What one run may spend, resumptions included, and what all runs of a session may."""

    model_config = _FROZEN

    run: Budget = Budget()
    session: Budget = Budget()


@final
class LLMSettings(pydantic.BaseModel):
    """One model and the chain around it.

    **Arguments:**

    - `provider`: openai, anthropic, openai_compatible, local, replay, scripted, or the name of an
      entry point of the group `wmjax.language_models`.
    - `model`: by the vendor's name.
    - `base_urls`: the endpoints, for `openai_compatible`; calls go to the least busy. One such
      address replaces the vendor's for `openai` and `anthropic`.
    - `key_env`: the environment variable (or line of .env) that holds the key.
    - `path`: `local`: a GGUF file. `replay`: a zip of `wmjax runs export`, or its exchanges.jsonl.
      `scripted`: a JSON file with a list of answers, your own or one below data/.
    - `cycle`: whether scripted answers begin again after the last.
    - `price`: where the price table does not know the model.
    - `options`: handed to the vendor's SDK as they are, such as {reasoning_effort: low}.
    - `timeout` [s], `max_retries`: of one transport, by the SDK.
    - `concurrency`, `rate`: calls at once, and begun per second.
    - `repairs`: how often errors go back to the model.
    - `cache`: whether stored answers of the whole store count, or of the own run only.
    - `fallback`: models to ask, in this order, when the one before is not available.
    """

    model_config = _FROZEN

    provider: str
    model: str | None = None
    base_urls: tuple[str, ...] = ()
    key_env: str | None = None
    path: str | None = None
    cycle: bool = False
    price: Price | None = None
    options: dict[str, Any] = {}
    timeout: Annotated[float, Field(gt=0)] = 120.0
    max_retries: Annotated[int, Field(ge=0)] = 2
    concurrency: Annotated[int, Field(ge=1)] = 32
    rate: Annotated[float, Field(gt=0)] | None = None
    repairs: Annotated[int, Field(ge=0)] = 2
    cache: Literal["store", "run"] = "store"
    budget: Budgets = Budgets()
    fallback: tuple[str | LLMSettings, ...] = ()


def settings_of(source: str | Mapping[str, Any] | LLMSettings) -> LLMSettings:
    """The settings that a name (`local`, `openai`, `openai:MODEL`) or a mapping stands for.

    A name is that of a file in conf/llm/, or else of an entry point.

    **Raises:** `UserError` naming each wrong key.
    """
    if isinstance(source, LLMSettings):
        return source
    if isinstance(source, str):
        name, colon, model = source.partition(":")
        source = {**_shipped(name), **({"model": model} if colon else {})}
    try:
        return LLMSettings.model_validate(dict(source))
    except pydantic.ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UserError(
            f"llm.{place}", repr(first["input"]), first["msg"], "see docs/language-models.md"
        ) from None


def _shipped(name: str) -> dict[str, Any]:
    path = resource_dir("conf") / "llm" / f"{name}.yaml"
    if not name.isidentifier() or not path.is_file():
        return {"provider": name}
    return yaml.safe_load(path.read_text(encoding="utf-8"))
