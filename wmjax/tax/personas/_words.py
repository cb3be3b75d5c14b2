"""A persona in words, by template."""

from __future__ import annotations

from dataclasses import replace

from wmjax.tax.personas._persona import Persona


_STAGES = (
    (25, "at the start of your working life"),
    (35, "building up a household"),
    (45, "in the middle of your working life"),
    (55, "at the height of your experience"),
    (65, "some years before retirement"),
)
_EFFORTS = (
    (0.8, "You like to work, and a long week hardly tires you."),
    (0.95, "Work comes to you a little more easily than to most."),
    (1.05, "An hour of work is as hard for you as for most people."),
    (1.3, "An hour of work is somewhat harder for you than for most people."),
)
_TOLERANCES = (
    (15, "You resent paying taxes"),
    (30, "You accept moderate taxes"),
)


def described(persona: Persona) -> Persona:
    """The persona with words from the template, in which every number is stated."""
    return replace(persona, words=f"{facts(persona)} {_mind(persona)}", author="template")


def facts(persona: Persona) -> str:
    """What is known in figures: sex, age, occupation and wage."""
    stage = _below(_STAGES, persona.age, "past the usual age of retirement")
    return (
        f"You are a {persona.sex} of {persona.age}, {stage}. Occupation group: "
        f"{persona.occupation}. Working 40 hours a week you earn {persona.wage:,.0f} $ a year."
    )


def _mind(persona: Persona) -> str:
    taste = persona.taste
    effort = _below(_EFFORTS, taste.effort, "An hour of work is much harder for you than for most.")
    opinion = _below(_TOLERANCES, taste.tolerance, "You think taxes serve everybody")
    return (
        f"{effort} {opinion}; you are dissatisfied when more than {taste.tolerance:.0f} % of your "
        "income goes in tax, less what you get back."
    )


def _below(steps: tuple[tuple[float, str], ...], value: float, otherwise: str) -> str:
    return next((words for limit, words in steps if value < limit), otherwise)
