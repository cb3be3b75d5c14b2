"""Failures of a language model, by name.

LLMFailure            1  no usable answer
├── Refused              the model declined
├── Truncated            the answer hit the token limit
├── Empty                there was no answer in the answer
├── Invalid              it does not fit the schema; `errors` says where
├── Unavailable          no connection, a time-out, a rate limit, an overloaded or broken server
├── Rejected             the vendor did not accept the request
└── NotRecorded          a replay was asked something that was not recorded

A spent budget is `wmjax.BudgetSpent`; a missing key or a wrong model name is a `wmjax.UserError`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from wmjax._errors import WmjaxError


class LLMFailure(WmjaxError):
    """A language model gave no usable answer; nothing takes the place of the missing one.

    `exchange` is the id of the last exchange in the log, empty if there was none; `cost` [US
    dollars] what the answers took that were of no use, None if unknown; `text` the last of them.
    """

    def __init__(self, message: str, exchange: str = "") -> None:
        self.exchange = exchange
        self.cost: Decimal | None = Decimal(0)
        self.text = ""
        super().__init__(message)


class Refused(LLMFailure):
    """The model declined to answer."""


class Truncated(LLMFailure):
    """The answer hit the token limit."""


class Empty(LLMFailure):
    """The answer holds nothing."""


class Invalid(LLMFailure):
    """The answer does not fit the schema; `errors` names each place, `document` holds what was
    answered if that is JSON."""

    def __init__(self, message: str, errors: tuple[str, ...] = (), exchange: str = "") -> None:
        self.errors = errors
        self.document: Any = None
        super().__init__(message, exchange)


class Unavailable(LLMFailure):
    """The provider could not be reached or could not answer; another one may.

    `lost` counts requests that may have been billed although no answer came.
    """

    def __init__(self, message: str, *, lost: int = 0, retries: int = 0) -> None:
        self.lost = lost
        self.retries = retries
        super().__init__(message)


class Rejected(LLMFailure):
    """The vendor did not accept the request (a status of the 400s)."""


class NotRecorded(LLMFailure):
    """A replay has no answer to this question."""
