"""What was tried, whose idea it was, what it did to which series, and what became of it."""

from __future__ import annotations

from typing import final

from structure_gen._proposal import Proposal
from structure_gen._verdict import Ruling
from wmjax.spec._document import Document


@final
class Trial(Document):
    """One edit of one structure.

    - `gain`, `error`: evidence for it and its standard error [nats]; `series`: by series.
    - `price`: what it had to gain.
    - `coefficient`: as fitted, of an added link.
    - `rivals`: other edits of the round that the evidence cannot tell from this one.
    - `why`: what went wrong, if anything did.
    """

    turn: int
    parent: str
    proposal: Proposal
    ruling: Ruling
    gain: float = 0.0
    error: float = 0.0
    price: float = 0.0
    coefficient: float = 0.0
    series: dict[str, float] = {}
    rivals: tuple[str, ...] = ()
    why: str = ""

    def words(self, most: int = 3) -> str:
        """In one line; the series that it moved most."""
        moved = sorted(self.series.items(), key=lambda kv: -abs(kv[1]))[:most]
        said = ", ".join(f"{name} {value:+.1f}" for name, value in moved if abs(value) >= 0.05)
        text = f"{self.ruling}: {self.proposal.edit}, by {self.proposal.origin}"
        if self.ruling in ("refused", "failed"):
            return f"{text}: {self.why.splitlines()[0] if self.why else 'no finite forecast'}"
        price = f", asked {self.price:.1f}" if self.price else ""
        told = f"; not to be told from: {', '.join(self.rivals)}" if self.rivals else ""
        return f"{text}: gain {self.gain:+.1f} +- {self.error:.1f} nats{price}" + (
            f" ({said})" if said else "") + told  # fmt: skip


@final
class Round(Document):
    """All trials of one round; `turn` counts from 1."""

    turn: int
    trials: tuple[Trial, ...]
