"""Limits on money, tokens and calls."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, final

import pydantic
from pydantic import ConfigDict, Field


@final
@dataclass(frozen=True)
class Amount:
    """Money [US dollars], tokens and calls. Unknown prices count as no money (see `Budget`)."""

    money: Decimal = Decimal(0)
    tokens: int = 0
    calls: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(
            self.money + other.money, self.tokens + other.tokens, self.calls + other.calls
        )

    def __sub__(self, other: Amount) -> Amount:
        return Amount(
            self.money - other.money, self.tokens - other.tokens, self.calls - other.calls
        )

    def __str__(self) -> str:
        return f"${self.money.normalize():f}, {self.tokens} tokens, {self.calls} calls"


@final
class Budget(pydantic.BaseModel):
    """What may be spent at most: money [US dollars], tokens in and out, calls. None is no limit.

    A call is refused before it is made if its worst case would exceed a limit. With a limit in
    money a model of unknown price is refused until a price is given.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    money: Annotated[Decimal, Field(ge=0)] | None = None
    tokens: Annotated[int, Field(ge=0)] | None = None
    calls: Annotated[int, Field(ge=0)] | None = None

    def allows(self, amount: Amount) -> bool:
        """Whether the sum `amount` stays within every limit."""
        return not any(
            limit is not None and value > limit
            for limit, value in (
                (self.money, amount.money),
                (self.tokens, amount.tokens),
                (self.calls, amount.calls),
            )
        )

    def __str__(self) -> str:
        names: tuple[tuple[Any, str], ...] = (
            (self.money, "US dollars"), (self.tokens, "tokens"), (self.calls, "calls"),
        )  # fmt: skip
        return ", ".join(f"{value} {name}" for value, name in names if value is not None)
