"""Proposals read from the data: what the residuals follow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import final

from structure_gen._edit import AddConnection
from structure_gen._proposal import Proposal, View
from wmjax.spec import (
    Auxiliary,
    Connection,
    Flow,
    Lookup,
    ModelSpec,
    Parameter,
    Stock,
    dependencies,
)
from wmjax.spec import format_name as written


_LEAST = 0.3  # correlation below which there is nothing to propose
_NEAR = 1.0  # lag [time units] up to which an effect counts as immediate


@final
@dataclass(frozen=True)
class Screening:
    """For the leads of the diagnostics, a link from the cause into what drives the badly forecast
    variable: an elasticity, or a delayed one if the residuals lag behind."""

    origin: str = "data"

    def propose(self, view: View) -> Sequence[Proposal]:
        tried = set(view.tried)
        found: dict[str, Proposal] = {}
        for row in view.diagnostics.leads.to_dict(orient="records"):
            if abs(row["correlation"]) < _LEAST:
                break
            for proposal in self._from_lead(view.spec, row):
                if str(proposal.edit) not in tried:
                    found.setdefault(str(proposal.edit), proposal)
            if len(found) >= view.wanted:
                break
        return list(found.values())[: view.wanted]

    def _from_lead(self, spec: ModelSpec, row: dict) -> Iterator[Proposal]:
        cause, lag = row["cause"].partition("[")[0], float(row["lag"])
        source = spec.variables.get(cause)
        if source is None or source.dims or isinstance(source, Parameter | Lookup):
            return
        for target, sign in driven_by(spec, row["target"]):
            if target == cause:
                continue
            positive = (row["correlation"] > 0) == (sign > 0)
            form = "delay" if lag > _NEAR else "elasticity"
            yield Proposal(
                edit=AddConnection(connection=Connection.model_validate({
                    "from": written(cause), "to": written(target), "form": form,
                    "delay": lag if form == "delay" else None,
                    "polarity": "+" if positive else "-", "origin": self.origin,
                })),
                origin=self.origin,
                reasoning=f"residuals of {row['target']} follow {cause} after {lag:.0f} "
                f"(correlation {row['correlation']:+.2f})",
            )  # fmt: skip


def driven_by(spec: ModelSpec, label: str) -> list[tuple[str, int]]:
    """Flows and auxiliaries that a link must join to move an observed variable, and in which
    direction they move it: the variable itself; the flows of a stock; else what it is made of."""
    name = label.partition(":")[0].partition("[")[0]
    variable = spec.variables.get(name)
    if isinstance(variable, Stock):
        flows = [(f, 1) for f in variable.inflows] + [(f, -1) for f in variable.outflows]
        return [(f, s) for f, s in flows if joinable(spec, f)]
    if joinable(spec, name):
        return [(name, 1)]
    return [(n, 1) for n in sorted(dependencies(spec).get(name, ())) if joinable(spec, n)]


def joinable(spec: ModelSpec, name: str) -> bool:
    """Whether a link with a form may end here: one equation, no dimensions."""
    found = spec.variables.get(name)
    if not isinstance(found, Flow | Auxiliary):
        return False
    return isinstance(found.equation, str) and not found.dims
