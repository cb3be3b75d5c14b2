"""What a report is written from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias, final

import pandas as pd

from wmjax.report._blocks import Section
from wmjax.report._fan import Fan, Path
from wmjax.series import ObservedSeries
from wmjax.spec import ModelSpec


Sign: TypeAlias = Literal["+", "-", ""]


@final
@dataclass(frozen=True)
class Asked:
    """What was asked for.

    - `question`: in a sentence or two.
    - `model`, `command`: the name of the model; the command line that was run.
    - `protocol`: the rules of the test, one a line: spans, weights, baselines, what was allowed to
        be seen.
    - `facts`: further pairs, such as the date, the span of the data, the number of draws.
    """

    question: str
    model: str
    command: str
    protocol: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()


@final
@dataclass(frozen=True)
class Aim:
    """A goal stated beforehand; `met` is None if it could not be judged."""

    text: str
    found: str
    wanted: str
    met: bool | None


@final
@dataclass(frozen=True, eq=False)
class Skill:
    """Scores of the model and of naive methods on the same years.

    **Arguments:**

    - `title`: which years, and what was known: "2000-2019, forecast from the end of 1999".
    - `table`: one row for each series and method. Columns `series`, `method`, `mase`; if there are
        any, `rmse`, `bias`, `crps`, `coverage50`, `coverage90` (shares, 0 to 1), `n`, `unit`.
    - `note`: what a reader must know to read it honestly.
    - `aims`: the three of `standard_aims` if absent; () for none.
    - `model`: the method of the table that is the model; all others are naive.
    - `labels`: names of the series for readers.
    """

    title: str
    table: pd.DataFrame
    note: str = ""
    aims: tuple[Aim, ...] | None = None
    model: str = "model"
    labels: Mapping[str, str] = field(default_factory=dict)


@final
@dataclass(frozen=True, eq=False)
class Outlook:
    """What the model says of one series.

    - `fan`: over the fitted years and beyond.
    - `fitted`: span of the years used.
    - `held_out`: span of the years it was judged on and had not seen.
    - `naive`, `naive_label`: the path of a naive method for comparison.
    - `scenario`: which future the fan assumes.
    """

    fan: Fan
    fitted: tuple[float, float]
    held_out: tuple[float, float] | None = None
    naive: Path | None = None
    naive_label: str = "best naive method"
    scenario: str = ""


@final
@dataclass(frozen=True, eq=False)
class SeriesView:
    """One observed series with the backtest and the forecast of the variable it measures.

    - `label`: for readers; made from `variable`, or else from the name of the series, if empty.
    - `meaning`: of the unit, in words: "2015 US$ per year at market exchange rates".
    """

    observed: ObservedSeries
    backtest: Outlook | None = None
    forecast: Outlook | None = None
    variable: str = ""
    label: str = ""
    meaning: str = ""


@final
@dataclass(frozen=True, eq=False)
class Estimates:
    """The fitted parameters.

    - `table`: columns `parameter`, `value`; if there are any `sd`, `lower`, `upper` (of the 90 %
        interval), `at_bound` ("lower", "upper", a bool or nothing), `prior`, `bounds`, `unit`,
        `source`. What is absent is taken from the spec of the report where that has it.
    - `identifiability`: in words; an empty line starts a paragraph.
    - `facts`: such as the loss and the number of evaluations.
    """

    table: pd.DataFrame
    identifiability: str = ""
    facts: tuple[tuple[str, str], ...] = ()


@final
@dataclass(frozen=True, eq=False)
class ScenarioView:
    """One variable under each scenario; `fans` in the order of the scenarios."""

    variable: str
    unit: str
    fans: Mapping[str, Fan]
    label: str = ""
    observed: ObservedSeries | None = None


@final
@dataclass(frozen=True, eq=False)
class Scenarios:
    """The futures compared.

    - `described`: name -> what it assumes; the first is the baseline.
    - `years`: the columns of the table; those outside a path are left blank.
    - `bands`: what the bands hold, in a sentence; what a fit leaves uncertain, if absent.
    - `differences`: as `wmjax.scenario.compare` returns them, draw by draw.
    """

    described: Mapping[str, str]
    views: tuple[ScenarioView, ...]
    years: tuple[float, ...]
    differences: pd.DataFrame | None = None
    note: str = ""
    bands: str = ""


@final
@dataclass(frozen=True)
class Link:
    """One variable moves another: up (+), down (-), or either way (empty).

    `stated` links are claimed or added by a connection of the spec; others stand in an equation.
    """

    source: str
    target: str
    sign: Sign = ""
    stated: bool = False
    reasoning: str = ""

    def with_sign(self, sign: Sign) -> Link:
        return replace(self, sign=sign)


@final
@dataclass(frozen=True)
class Citation:
    """Where numbers come from, and on what terms."""

    what: str
    source: str
    licence: str
    note: str = ""


@final
@dataclass(frozen=True)
class Provenance:
    """What the report depends on.

    - `facts`: such as versions, hash of the spec, seeds, run id, wall time.
    - `repeat`: commands that make it again.
    """

    facts: tuple[tuple[str, str], ...] = ()
    repeat: tuple[str, ...] = ()


@final
@dataclass(frozen=True, eq=False)
class ReportContent:
    """Everything in a report; what is absent is left out of it.

    - `summary`: the answer in a few paragraphs, before everything else.
    - `spec`: for the actors, the graph, the priors and the references.
    - `links`: edges of the graph; those of the spec if absent.
    - `citations`: further sources; those of the observed series are added.
    - `sections`: further chapters, before the sources.
    """

    title: str
    asked: Asked
    summary: tuple[str, ...] = ()
    skill: tuple[Skill, ...] = ()
    scenarios: Scenarios | None = None
    series: tuple[SeriesView, ...] = ()
    estimates: Estimates | None = None
    spec: ModelSpec | None = None
    links: tuple[Link, ...] | None = None
    sections: tuple[Section, ...] = ()
    citations: tuple[Citation, ...] = ()
    provenance: Provenance = Provenance()
