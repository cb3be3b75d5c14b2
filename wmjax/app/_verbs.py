"""The verbs: what each does, and how its words become Hydra overrides. Imports nothing heavy."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from wmjax._errors import UserError


@dataclass(frozen=True)
class Verb:
    """One verb of the command line.

    **Arguments:**

    - `name`: also the name of its module here and of its file in conf/.
    - `summary`, `example`: one line each, for `--help`.
    - `actions`: what may follow the verb, as in `wmjax runs list`; the words after it are `names`.
    """

    name: str
    summary: str
    example: str
    actions: tuple[str, ...] = ()


VERBS = (
    Verb("demo", "the main job: check, fit, backtest, forecast, report", "wmjax demo"),
    Verb("run", "simulate one model", "wmjax run model=world output=world.csv"),
    Verb("check", "report every issue of a model", "wmjax check model=mine.yaml"),
    Verb(
        "convert", "write a model in another format", "wmjax convert model=mine.yaml output=a.json"
    ),
    Verb(
        "data",
        "list, describe or fetch series",
        "wmjax data describe world.pop_persons",
        ("list", "describe", "fetch"),
    ),
    Verb(
        "generate",
        "let a language model write a structure",
        'wmjax generate brief="how does ageing shape East Asia to 2060?" llm=local depth=2',
    ),
    Verb(
        "refine",
        "search for a better structure, scored on years not seen",
        "wmjax refine model=draft.yaml observations=mine.csv",
    ),
    Verb(
        "calibrate",
        "fit a model to observations",
        "wmjax calibrate model=mine.yaml observations=mine.csv fit=fit.yaml",
    ),
    Verb(
        "backtest",
        "score forecasts of years the fit has not seen",
        "wmjax backtest model=world fit_window=[1960,1999] score_window=[2000,2019]",
    ),
    Verb(
        "forecast",
        "an ensemble of futures under scenarios",
        "wmjax forecast model=world horizon=2100 draws=200",
    ),
    Verb(
        "sweep",
        "many scenarios and parameter draws at once",
        "wmjax sweep model=world scenarios=[ageing,baseline] output=sweep.nc",
    ),
    Verb(
        "tax",
        "the tax laboratory: workers, planners, elections, regret",
        "wmjax tax experiment=tax/rational",
    ),
    Verb(
        "runs",
        "what the store holds",
        "wmjax runs compare wgxkhs pqsnhj",
        ("list", "show", "compare", "export", "costs", "resume", "repeat"),
    ),
)

LITERAL = ("model", "brief", "output", "observations", "fit", "data", "news", "edits")
"""Keys whose values are taken as they stand."""

OPEN = ("parameters.", "vary.", "units.", "columns.", "where.", "llm.")
"""Keys below which any name is allowed."""


def find_verb(name: str) -> Verb:
    """**Raises:** `UserError` with the nearest verb."""
    for verb in VERBS:
        if verb.name == name:
            return verb
    names = [v.name for v in VERBS]
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else "wmjax --help shows what each does"
    raise UserError("command line", f"the verb {name!r}", ", ".join(names), hint)
