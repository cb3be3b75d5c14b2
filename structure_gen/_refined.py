"""What a search found."""

from __future__ import annotations

import os
from pathlib import Path
from typing import final

from structure_gen._evaluation import Evaluation
from structure_gen._hindsight import HINDSIGHT, is_model, is_model_written
from structure_gen._lineage import Round, Trial
from structure_gen._member import Ended
from wmjax._errors import UserError
from wmjax.spec import ModelSpec, save_spec
from wmjax.spec._document import Document


@final
class TestScore(Document):
    """Draft and result on years that no stage had seen: fitted to rows up to `start`, scored after
    it up to `end`.

    - `gain`: what the result foretold better than the draft [nats]; `series`: by series.
    - `error`, `draft_error`: by series, mean absolute error over the usual change.
    """

    start: float
    end: float
    gain: float
    series: dict[str, float]
    error: dict[str, float]
    draft_error: dict[str, float]


@final
class Refined(Document):
    """The best structure of a search, and how it came about.

    - `spec`: with the numbers of the fit to all rows up to the end of validation.
    - `draft`: as it was given.
    - `score`, `draft_score`: of validation [nats]: the weighted sum of the log densities of rows
      that no fit had seen, less the price of every edit. The first is never below the second.
    - `skill`, `draft_skill`: geometric mean over the series of the mean absolute forecast error
      over the usual change from row to row.
    - `steps`: the edits that led from the draft to `spec`, in order.
    - `rounds`: everything that was tried.
    - `test`: None where no rows were kept for it, or it could not be computed.
    - `ended`: why the search stopped.
    - `spent`: the budget that kept the language model from being asked, in words; `unasked`: why it
      had no answer at other times. The search went on without it.
    """

    spec: ModelSpec
    draft: ModelSpec
    score: float
    draft_score: float
    skill: float
    draft_skill: float
    validation: Evaluation
    steps: tuple[Trial, ...]
    rounds: tuple[Round, ...]
    test: TestScore | None
    ended: Ended
    evaluations: int
    spent: str = ""
    unasked: tuple[str, ...] = ()

    @property
    def tried(self) -> tuple[Trial, ...]:
        return tuple(t for r in self.rounds for t in r.trials)

    @property
    def exposed(self) -> bool:
        """Whether a language model had a hand in the draft or in the steps."""
        return is_model_written(self.spec)

    @property
    def heard(self) -> bool:
        """Whether a language model had ideas, good or bad."""
        return any(is_model(t.proposal.origin) for t in self.tried)

    def words(self) -> str:
        """The result in sentences."""
        lines = [
            f"{len(self.steps)} of {len(self.tried)} proposals were taken in; the search ended: "
            f"{self.ended}, after {self.evaluations} evaluations.",
            f"Validation score {self.draft_score:.1f} -> {self.score:.1f} nats, geometric mean of "
            f"scaled errors {self.draft_skill:.3g} -> {self.skill:.3g}.",
            *(f"  {t.words()}" for t in self.steps),
        ]
        if not self.steps:
            lines.append("The result is the draft.")
        elif self.test is not None:
            t = self.test
            lines.append(f"On the test span {t.start:g} to {t.end:g}, which nothing had seen, the "
                         f"result is {'better' if t.gain > 0 else 'not better'} than the draft: "
                         f"{t.gain:+.1f} nats.")  # fmt: skip
        lines += [f"No ideas of the language model: {why}" for why in (self.spent, *self.unasked)
                  if why]  # fmt: skip
        if self.exposed:
            lines.append(HINDSIGHT)
        return "\n".join(lines)

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Writes `refined.yaml` (the spec), `lineage.json` (everything) and `refined.txt`.

        **Raises:** `UserError` for a folder that cannot be written.
        """
        folder = Path(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            save_spec(self.spec, folder / "refined.yaml")
            text = self.model_dump_json(by_alias=True, exclude={"spec", "draft"}, indent=1)
            (folder / "lineage.json").write_text(text + "\n", encoding="utf-8")
            (folder / "refined.txt").write_text(self.words() + "\n", encoding="utf-8")
        except OSError as error:
            raise UserError(str(folder), str(error), "a folder that can be written") from None
        return folder
