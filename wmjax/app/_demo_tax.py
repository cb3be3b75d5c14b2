"""The tax stage of the demo: a tax office that learns, and how far it stays from the optimum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final


if TYPE_CHECKING:
    from wmjax.report import Section
    from wmjax.store import Run


@final
@dataclass(frozen=True)
class TaxFound:
    """What the demo says about taxes."""

    words: tuple[str, ...]
    sections: tuple[Section, ...]


def tax_stage(seed: int, run: Run) -> TaxFound:
    """Rational workers, a planner that knows only what it observes, and every reference."""
    from wmjax.app._tax_found import Lived, judged, results
    from wmjax.app._tax_report import sections
    from wmjax.report import Section
    from wmjax.tax import Options, laboratory, step_table, verdict_table

    options = Options(num_agents=60, max_timesteps=200, two_timescale=2, seed=seed)
    lived = Lived(laboratory(options))
    society, calendar = lived.laboratory.society, lived.laboratory.setting.calendar
    lived.history = society.run(calendar, watch=lived.add)
    found = judged(lived, True)
    assert found.verdict is not None
    run.save_table("tax_steps", step_table(lived.rows))
    run.save_table("tax_regret", verdict_table(found.verdict))
    share = results(found)["share_of_optimum"]
    run.metrics({"tax_share_of_optimum": share})
    for line in found.words:
        print(f"    {line}")
    told = [Section(f"Taxes: {s.title.lower()}", s.blocks) for s in sections(found)]
    first = Section(told[0].title, (*found.words, *told[0].blocks))
    return TaxFound(found.words, (first, *told[1:]))
