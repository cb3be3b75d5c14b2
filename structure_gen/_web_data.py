"""Present values that no series measures, by the web search of the language model's vendor; and
those before the first row of a series, computed. Both are estimates and are flagged as such."""

from __future__ import annotations

from typing import final

from structure_gen._draft import Draft
from structure_gen._live_data import is_open
from structure_gen._missing import NoFigures, looked_up
from structure_gen._stage_job import StageJob
from wmjax._errors import UserError
from wmjax.series import ObservedSeries
from wmjax.spec._document import Document


_SEARCHES = 3  # of one question


@final
class Estimate(Document):
    """A number that nobody measured: where it stands, its time, standard deviation and source."""

    variable: str
    time: float
    value: float
    sigma: float
    unit: str
    source: str


def estimate(variable: str, series: ObservedSeries) -> Estimate:
    """The first figure of an estimated series."""
    return Estimate(
        variable=variable, time=float(series.times[0]), value=float(series.values[0]),
        sigma=float(series.sigma[0]), unit=series.unit, source=series.source,
    )  # fmt: skip


async def search_web(draft: Draft, job: StageJob) -> None:
    """Asks for the value at the start of every quantity without a series; `draft.looked_up` holds
    what was found with its source. A model without a search tool is asked once."""
    wanted = [(m, q) for m in draft.measured for q in m.quantities if is_open(draft, m, q)]
    job.expect(len(wanted))
    for m, q in wanted:
        what = f"{q.name} of {m.actor.name} ({q.meaning})" if q.meaning else m.name(q.name)
        try:
            found = await job.within(
                looked_up(job.llm, what, q.unit, [draft.scope.start_year], _SEARCHES, m.actor.name),
                "web_search", m.name(q.name),
            )  # fmt: skip
        except NoFigures as nothing:
            job.ledger.missing("web_search", m.name(q.name), nothing.found)
            continue
        except UserError as error:
            job.ledger.missing("web_search", "all", f"{error.found}; wanted {error.wanted}")
            return
        if found is None:
            return
        draft.looked_up[m.name(q.name)] = found
