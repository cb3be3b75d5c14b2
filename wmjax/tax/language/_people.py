"""What candidates, voters and leaders are told about themselves."""

from __future__ import annotations

from typing import Any

from wmjax.tax._economy import Economy
from wmjax.tax._schedule import Schedule
from wmjax.tax._society import History
from wmjax.tax.language._cast import Cast, policy
from wmjax.tax.language._recall import experience_rows


def situation(
    cast: Cast, economy: Economy, schedule: Schedule, history: History, worker: int
) -> dict[str, Any]:
    """The rates, the worker and its last steps."""
    return {
        **cast.rules(economy),
        **policy(economy, schedule, history),
        **cast.self_portrait(economy, worker),
        "recent": experience_rows(history.window(cast.recall.window), schedule, worker),
    }
