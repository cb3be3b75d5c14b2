"""Ideas: an edit, whose it is, and why; and who has them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, final

from structure_gen._diagnostics import Diagnostics
from structure_gen._edit import Edit
from wmjax.spec import ModelSpec
from wmjax.spec._document import Document


@final
class Proposal(Document):
    """An edit that might help.

    - `origin`: whose idea it is: `data`, `person`, or the name of a language model.
    """

    edit: Edit
    origin: str
    reasoning: str = ""


@final
@dataclass(frozen=True, eq=False)
class View:
    """What a proposer may know of a structure: the spec, and where its forecasts fail. Nothing of
    the test span.

    - `look`: computes the diagnostics, which costs a run.
    - `tried`: descriptions of edits that were proposed before.
    - `wanted`: how many proposals at most.
    """

    spec: ModelSpec
    look: Callable[[], Diagnostics]
    tried: tuple[str, ...]
    wanted: int

    @cached_property
    def diagnostics(self) -> Diagnostics:
        return self.look()


def concern(view: View) -> tuple[str, str]:
    """What a question about a structure is for, in the log: the variable that is forecast worst,
    after the actor who owns it."""
    errors = view.diagnostics.series["error"].dropna()
    name = str(errors.idxmax()).partition(":")[0] if len(errors) else ""
    return next((a.name for a in view.spec.actors if name in a.parameters), ""), name


class Proposer(Protocol):
    """Anything that looks at a structure and has ideas."""

    def propose(self, view: View) -> Sequence[Proposal]:
        """Ideas, the best first; none if there are no more.

        **Raises:** `LLMFailure` or `BudgetSpent` if nobody could be asked: the search goes on with
        the ideas of others, says so, and asks again when it is taken up.
        """
        ...


@final
@dataclass(frozen=True)
class Scripted:
    """Ideas that were there before: of a person, or of a test."""

    edits: tuple[Edit | Proposal, ...]
    origin: str = "person"

    def propose(self, view: View) -> Sequence[Proposal]:
        return [
            e if isinstance(e, Proposal) else Proposal(edit=e, origin=self.origin)
            for e in self.edits
        ]
