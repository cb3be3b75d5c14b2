"""From answers to an assembly."""

from __future__ import annotations

from structure_gen._assembly import Assembly
from structure_gen._draft import Draft
from structure_gen._place_decisions import place_actions, place_actors, place_conditions
from structure_gen._place_links import place_equations, place_links
from structure_gen._place_quantities import place_quantities
from structure_gen._stage_job import StageJob


def assembled(draft: Draft, job: StageJob, until: float | None) -> Assembly:
    """Quantities, then what acts on them, then those who own them."""
    assembly = Assembly(draft, job, until)
    place_quantities(assembly)
    place_equations(assembly)
    place_links(assembly)
    place_actions(assembly)
    place_conditions(assembly)
    place_actors(assembly)
    return assembly
