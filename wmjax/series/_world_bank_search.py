"""Which indicators the World Bank has: its own list, read once a process."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import final

from wmjax._errors import DataError
from wmjax.series._download import offline
from wmjax.series._world_bank import _client, _root


@final
@dataclass(frozen=True)
class Indicator:
    """A code of the World Development Indicators, and its name in words."""

    code: str
    name: str


def world_bank_indicators() -> tuple[Indicator, ...]:
    """All indicators, in the order of the Bank.

    **Raises:** `DataError`: "offline: ..." without network, `wbgapi` not installed, or an answer
    that is none.
    """
    return _indicators(_client().endpoint)


@functools.lru_cache(maxsize=4)
def _indicators(endpoint: str) -> tuple[Indicator, ...]:
    client = _client()
    try:
        rows = [Indicator(str(row["id"]), str(row["value"])) for row in client.series.list()]
    except OSError as error:
        raise offline(endpoint, _root(error)) from None
    except (client.APIError, client.URLError, LookupError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise DataError("World Bank", reason, "a list of indicators", "try again later") from None
    return tuple(rows)
