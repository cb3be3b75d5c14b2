"""What tokens cost, and the most that a call can cost."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Protocol, final

from wmjax.llm._answer import Usage
from wmjax.llm._budget import Amount
from wmjax.llm._request import Request
from wmjax.llm._schema import llm_schema
from wmjax.llm._settings import Price


_MILLION = Decimal(1_000_000)
_PER_MESSAGE = 16  # tokens of the frame around a turn
_PER_SEARCH = 20_000  # tokens that one web search may read in; the vendors state no bound


class Pricing(Protocol):
    """Usage to US dollars; None where the price is unknown."""

    def cost(self, usage: Usage) -> Decimal | None: ...


@final
class Stated:
    """A price that the user gave."""

    def __init__(self, price: Price) -> None:
        self._price = price

    def cost(self, usage: Usage) -> Decimal | None:
        price = self._price
        cached = price.input if price.cached is None else price.cached
        tokens = (usage.input - usage.cached) * price.input + usage.cached * cached
        tokens += usage.output * price.output
        return tokens / _MILLION + usage.searches * price.search


FREE = Stated(Price(input=Decimal(0), output=Decimal(0), search=Decimal(0)))


@final
class Listed:
    """The price table of the package genai-prices, which is offline and knows tiers and caches."""

    def __init__(self, vendor: str, model: str) -> None:
        self._vendor = vendor
        self._model = model

    def cost(self, usage: Usage) -> Decimal | None:
        import genai_prices

        counted = genai_prices.Usage(
            input_tokens=usage.input,
            output_tokens=usage.output,
            cache_read_tokens=usage.cached,
            cache_write_tokens=usage.cache_written,
            web_searches=usage.searches,
        )
        try:
            found = genai_prices.calc_price(counted, self._model, provider_id=self._vendor)
        except LookupError:
            return None
        return found.total_price


@final
class Unknown:
    """No price."""

    def cost(self, usage: Usage) -> Decimal | None:
        return None


def is_known(pricing: Pricing) -> bool:
    """Whether a call can be priced."""
    return pricing.cost(Usage(1, 1)) is not None


def worst_case(request: Request, pricing: Pricing) -> Amount:
    """The most that a call can cost: `max_tokens` out, and as many tokens in as there are bytes.

    No tokenizer makes more tokens than bytes. For web searches it is an estimate.
    """
    searches = request.web_search.max_uses if request.web_search else 0
    inputs = _most_input(request) + searches * _PER_SEARCH
    cases = (
        Usage(inputs, request.max_tokens, searches=searches),
        Usage(inputs, request.max_tokens, cache_written=inputs, searches=searches),
    )
    money = max(pricing.cost(case) or Decimal(0) for case in cases)
    return Amount(money, inputs + request.max_tokens, 1)


def _most_input(request: Request) -> int:
    text = sum(len(m.content.encode("utf-8", "surrogatepass")) for m in request.messages)
    schema = len(json.dumps(llm_schema(request.schema))) if request.schema else 0
    return text + schema + _PER_MESSAGE * (len(request.messages) + 1)
