"""From a paragraph to a spec that holds together."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Sequence
from pathlib import Path
from typing import Any, Literal

from structure_gen._assemble import assembled
from structure_gen._assembly import Assembly
from structure_gen._brief import BriefLike, as_brief
from structure_gen._draft import Draft
from structure_gen._generated import Generated
from structure_gen._mend import errors, mended
from structure_gen._stage_job import Report, StageJob
from structure_gen._stages import MOST_NAMES, Source, about, drafted
from structure_gen._style import Full, Style
from structure_gen._terse import Terse
from wmjax.llm import LanguageModel, run_async
from wmjax.spec import Issue


def generate(
    brief: BriefLike,
    *,
    llm: LanguageModel,
    style: Literal["full", "terse"] = "full",
    folder: str | os.PathLike[str] | None = None,
    repairs: int = 2,
    until: float | None = None,
    sources: Sequence[Source] = ("catalogue",),
    seconds: float | None = None,
    progress: Report | None = None,
) -> Generated:
    """Lets a language model write a world: scope, actors, quantities, conditions, actions, links
    and equations, each a typed answer; puts them together, lets the model repair what `check_spec`
    finds, and mends or leaves out what stays wrong.

    A call that fails leaves its part incomplete, and the rest goes on: the spec is valid whatever
    the model answers.

    **Arguments:**

    - `brief`: a paragraph, the path of a text file, or a `Brief`.
    - `style`: `full`, or `terse` for small models, which choose from lists and explain nothing;
        where such a model gives no usable answer the catalogue stands in, which is said.
    - `folder`: where the answers are kept, one JSON file each under `answers/`: they can be read
        and edited, and a generation that was killed or ran out of budget goes on there.
    - `repairs`: how often issues go back to the model.
    - `until`: the last time whose data may be used for starting values and forms of growth. The
        last 15 % of the data are not, if absent, so that the test span of `refine` is unseen;
        `math.inf` for all.
    - `sources`: where data may come from; `world_bank` searches its indicators for every quantity
        that the catalogue does not measure, and keeps what it fetches in the cache; `web_search`
        lets the vendor's own tool look for present values that no series measures, as estimates.
    - `seconds`: time for answers; what is not there by then is missing, and can be asked for later.
    - `progress`: called with answers there are, answers expected, and a text with the cost.

    **Raises:** `UserError` for a brief without text, or an edited answer that does not fit.
    """
    asked = as_brief(brief)
    job = StageJob(llm, None if folder is None else Path(folder), progress, seconds)
    form: Style = Terse() if style == "terse" else Full()
    work = drafted(asked, job, form, sources)
    return run_async(_generated(work, job, repairs, until, asked_of(llm)))


async def _generated(
    work: Awaitable[Draft], job: StageJob, repairs: int, until: float | None, author: str
) -> Generated:
    draft = await work
    assembly = assembled(draft, job, until)
    await _repaired(assembly, draft, job, repairs)
    spec, issues = mended(assembly)
    about = spec.provenance.model_copy(update={"author": author})
    return Generated(
        spec=spec.model_copy(update={"provenance": about}), issues=issues,
        incomplete=job.incomplete, exchanges=tuple(job.exchanges), cost=job.cost,
        shares=job.ledger.shares, spent=job.spent, late=job.late, failed=job.failed,
        estimates=tuple(e for e in assembly.estimates if e.variable in spec.variables),
    )  # fmt: skip


def asked_of(llm: LanguageModel) -> str:
    """The name of a model, if it has one."""
    return f"llm:{getattr(llm, 'name', '') or 'unnamed'}"


async def _repaired(assembly: Assembly, draft: Draft, job: StageJob, turns: int) -> None:
    """Equations with errors go back to the model, actor by actor, with the paths of the issues."""
    for turn in range(1, turns + 1):
        by_actor = _wrong(assembly, draft)
        if not by_actor:
            return
        job.expect(len(by_actor))
        names = draft.described[:MOST_NAMES]
        await asyncio.gather(*(
            _repair(assembly, names, job, turn, actor, issues)
            for actor, issues in by_actor.items()
        ))  # fmt: skip


def _wrong(assembly: Assembly, draft: Draft) -> dict[int, dict[str, list[Issue]]]:
    """By actor and quantity, the issues of equations that the model wrote."""
    owners = {f"variables.{assembly.target(n)}.equation": (k, n)
              for k, m in enumerate(draft.measured) for n in m.names}  # fmt: skip
    found: dict[int, dict[str, list[Issue]]] = {}
    for issue in errors(assembly):
        if issue.path in owners and issue.path in assembly.origins:
            k, name = owners[issue.path]
            found.setdefault(k, {}).setdefault(name, []).append(issue)
    return found


async def _repair(
    assembly: Assembly, names: list[Any], job: StageJob, turn: int, k: int,
    wrong: dict[str, list[Issue]],
) -> None:  # fmt: skip
    m = assembly.draft.measured[k]
    question = assembly.draft.style.equations(len(wrong))
    if question is None:
        return
    said = [[i.path, assembly.variables[assembly.target(n) or n]["equation"], i.message, i.hint]
            for n, issues in wrong.items() for i in issues]  # fmt: skip
    answer = await job.ask(
        "repairs", f"{turn} {m.actor.name}", question, prompt="equations", actor=m.actor.name,
        parameter=about(list(wrong)),
        quantities=names, wanted=list(wrong), issues=said, sample=turn - 1,
    )  # fmt: skip
    for idea in answer.equations if answer else ():
        name = assembly.resolved(m, idea.quantity)
        if name in wrong:
            path = f"variables.{assembly.target(name)}.equation"
            job.ledger.reject(assembly.origins[path])
            assembly.plain(assembly.target(name) or name)
            assembly.equation(name, idea.equation, idea)
            job.ledger.repair(idea)
        else:
            job.ledger.reject(idea)
