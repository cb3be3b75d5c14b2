"""What language models took, broken down."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, final, get_args

from wmjax._errors import StoreError


By = Literal["run", "session", "model", "purpose", "actor", "parameter"]

# Only these words become part of a statement.
_COLUMNS: Mapping[str, str] = {
    "run": "run",
    "session": "session",
    "model": "provider || ':' || model",
    "purpose": "purpose",
    "actor": "actor",
    "parameter": "parameter",
}
_PICO = Decimal(10) ** 12
_SUMS = """count(*) filter (where origin is null) as calls,
           count(*) filter (where origin is not null) as reused,
           count(*) filter (where status = 'failed') as failed,
           count(*) filter (where status = 'sent') as unanswered,
           count(*) filter (where cost is null) as unknown,
           ifnull(sum(cost), 0) as cost,
           ifnull(sum(charge), 0) as charge,
           ifnull(sum(input) filter (where origin is null), 0) as input,
           ifnull(sum(output) filter (where origin is null), 0) as output,
           ifnull(sum(cached) filter (where origin is null), 0) as cached,
           ifnull(sum(reasoning) filter (where origin is null), 0) as reasoning,
           ifnull(sum(latency) filter (where origin is null), 0) as seconds"""


@final
@dataclass(frozen=True)
class Cost:
    """What the calls under one `name` took.

    **Arguments:**

    - `calls`: bought; of these `failed` brought no answer, `unanswered` neither answer nor error
      (a process was killed, or they are under way), and `unknown` have an unknown cost.
    - `reused`: answers of other runs, taken from the store.
    - `cost`: US dollars, the known ones; `charge`: what budgets counted.
    - `input`, `output`, `cached`, `reasoning`: tokens.
    - `seconds`: the sum of the latencies.
    """

    name: str
    calls: int
    reused: int
    failed: int
    unanswered: int
    unknown: int
    cost: Decimal
    charge: Decimal
    input: int
    output: int
    cached: int
    reasoning: int
    seconds: float

    def __str__(self) -> str:
        known = f"${self.cost.quantize(Decimal('0.000001'))}"
        unknown = f" and {self.unknown} calls of unknown cost" if self.unknown else ""
        return (
            f"{self.calls} calls ({self.failed} failed, {self.unanswered} unanswered), "
            f"{self.reused} answers reused, {self.input} tokens in, {self.output} out, "
            f"{known}{unknown}"
        )


def costs(
    read: Callable[[str, Sequence[Any]], Sequence[sqlite3.Row]], by: str, runs: Sequence[str]
) -> list[Cost]:
    """Sums per value of `by`, of these runs or of all, the dearest first."""
    if by not in _COLUMNS:
        raise StoreError("by", repr(by), "one of " + ", ".join(get_args(By)))
    marks = ", ".join("?" * len(runs))
    where = f" where run in ({marks})" if runs else ""
    rows = read(
        f"select {_COLUMNS[by]} as name, {_SUMS} from llm_calls{where}"
        " group by 1 order by cost desc, calls desc, name",
        tuple(runs),
    )
    return [_cost(row) for row in rows]


def _cost(row: sqlite3.Row) -> Cost:
    values = dict(row)
    money = {name: Decimal(values[name]) / _PICO for name in ("cost", "charge")}
    return Cost(**{**values, **money})
