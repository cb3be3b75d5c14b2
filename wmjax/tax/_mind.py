"""What moves a worker beside its own money: others, inattention and feelings."""

from __future__ import annotations

import equinox as eqx

from wmjax.tax._preferences import Each, Preferences


class Mind(eqx.Module):
    """Where the decision of a worker departs from the maximum of its own utility.

    **Regard for others.** Every dollar of tax reaches somebody else, and counts for the worker as
    `regard` dollars of its own: 0 egotistical, 1 altruistic (it works as if there were no tax,
    which is what maximises the sum of money-metric utilities), -1 adversarial (it feels every tax
    dollar twice and works less, to keep it from the others, at its own expense). The linear form is
    that of Levine 1998, Review of Economic Dynamics 1, 593-622, with what is given valued as such
    (Andreoni 1990, Economic Journal 100, 464-477). In LLM Economist these types have the welfare of
    the step before as utility, which no decision of theirs can move.

    **Inattention.** The worker believes a marginal rate of `attention * rate + (1 - attention) *
    expected` (Farhi & Gabaix 2020, American Economic Review 110, 298-336; with `expected` 0 the
    salience of Chetty, Looney & Kroft 2009, American Economic Review 99, 1145-1177).

    **Feelings.** It decides by `feels` instead of the preferences that count in welfare, such as
    `Prospect`: decision utility apart from experienced utility.

    Numbers are one for all workers or one for each.
    """

    regard: Each = 0.0
    attention: Each = 1.0
    expected: Each = 0.0
    feels: Preferences | None = None

    def felt_rate(self) -> tuple[Each, Each]:
        """(a, b), so that a rate r weighs a * r + b in the decision."""
        own = 1 - self.regard
        return own * self.attention, own * (1 - self.attention) * self.expected


EGOTISTICAL, ALTRUISTIC, ADVERSARIAL = 0.0, 1.0, -1.0
"""Regard for others by the types of LLM Economist."""
