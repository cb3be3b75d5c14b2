"""What a generation produced."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path
from typing import final

from structure_gen._ledger import Incomplete, Shares
from structure_gen._web_data import Estimate
from wmjax._errors import UserError
from wmjax.spec import Issue, ModelSpec, save_spec
from wmjax.spec._document import Document


@final
class Generated(Document):
    """A spec written by a language model, and what is known about how it was written.

    - `issues`: what `check_spec` still says; errors only if the spec could not be mended.
    - `incomplete`: parts without an answer, and answers that were left out or made plain.
    - `exchanges`: ids of the calls in the log; `cost` [US dollars], None where a price is unknown.
    - `shares`: of the fields that the model wrote, those kept, repaired and rejected.
    - `spent`: which budget ended it, in words, if one did; `late`: whether the time was over. It
      can be taken up again.
    - `estimates`: numbers that nobody measured: looked up with their source, or computed before the
      first row of a series.
    - `failed`: calls that brought no answer.
    """

    spec: ModelSpec
    issues: tuple[Issue, ...]
    incomplete: tuple[Incomplete, ...]
    exchanges: tuple[str, ...]
    cost: Decimal | None
    shares: Shares
    spent: str = ""
    late: bool = False
    failed: int = 0
    estimates: tuple[Estimate, ...] = ()

    @property
    def unanswered(self) -> bool:
        """Whether all calls failed: nothing in the spec is by the language model."""
        return self.failed > 0 and self.shares.written == 0

    @property
    def complete(self) -> bool:
        """Whether every part was answered and kept."""
        return not self.incomplete and not any(i.severity == "error" for i in self.issues)

    def words(self) -> str:
        """The result in sentences."""
        spec = self.spec
        equations = sum(v.kind in ("flow", "auxiliary") for v in spec.variables.values())
        links = sum(c.form is not None for c in spec.connections)
        seen = sum(v.observed is not None for v in spec.variables.values())
        cost = "unknown" if self.cost is None else f"${self.cost:.4f}"
        lines = [
            f"{spec.name}: {len(spec.actors)} actors, {equations} equations, {links} links, "
            f"{len(spec.events)} events, {len(spec.levers)} levers; {seen} variables are measured.",
            f"{len(self.exchanges)} answers, {self.failed} failed calls, cost {cost}. "
            f"{self.shares}.",
        ]
        if self.unanswered:
            lines.append("NO ANSWER: every call to the language model failed, and this is what "
                         "stands without one.")  # fmt: skip
        if self.estimates:
            lines.append(f"{len(self.estimates)} numbers are estimates, with a wide uncertainty.")
            lines += [f"  {e.variable} {e.time:g}: {e.value:.4g} +- {e.sigma:.2g} {e.unit}"
                      for e in self.estimates[:12]]  # fmt: skip
        if self.incomplete:
            lines.append(f"Incomplete: {len(self.incomplete)} parts.")
            lines += [f"  {part}" for part in self.incomplete[:12]]
        if self.issues:
            lines.append(f"{len(self.issues)} issues are left:")
            lines += [f"  {i.severity} [{i.code}] {i.path}" for i in self.issues[:12]]
        return "\n".join(lines)

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Writes `generated.yaml` (the spec) and `generated.json` (everything else).

        **Raises:** `UserError` for a folder that cannot be written.
        """
        folder = Path(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            save_spec(self.spec, folder / "generated.yaml")
            text = self.model_dump_json(exclude={"spec"}, indent=1)
            (folder / "generated.json").write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            raise UserError(str(folder), str(error), "a folder that can be written") from None
        return folder
