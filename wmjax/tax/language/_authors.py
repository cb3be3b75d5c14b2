"""Personas in the words of a language model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import final

from wmjax.llm import LanguageModel
from wmjax.tax.language._answers import WordsAnswer
from wmjax.tax.language._prompting import Prompting, consult
from wmjax.tax.language._prompts import render
from wmjax.tax.language._together import together
from wmjax.tax.personas import Persona, described, facts


@final
@dataclass(frozen=True)
class Written:
    """Personas in new words, and why some keep those of the template, by number."""

    personas: tuple[Persona, ...]
    failed: dict[int, str]


async def write_personas(model: LanguageModel, personas: Sequence[Persona]) -> Written:
    """Asks a language model to describe each persona, all at once.

    The figures stay: they stand before the words of the model, so that income and persona agree
    whatever it writes. The log of the model is the cache: the same persona is not bought twice.
    """
    way = Prompting()

    async def ask(number: int) -> Persona | str:
        person = described(personas[number])
        said = await consult(
            model, render("persona", number=number, facts=person.words), WordsAnswer, way,
            purpose="persona", actor=f"worker {number}",
        )  # fmt: skip
        if not said.answers:
            return said.why
        words = f"{facts(person)} {said.answers[0].words}"
        return replace(person, words=words, author=getattr(model, "name", "language model"))

    found = await together(range(len(personas)), ask)
    kept = tuple(
        described(personas[i]) if isinstance(one, str) else one for i, one in enumerate(found)
    )
    return Written(kept, {i: one for i, one in enumerate(found) if isinstance(one, str)})
