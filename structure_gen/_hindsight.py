"""Whether scores on held-out years may owe something to what a language model has read."""

from __future__ import annotations

from collections.abc import Iterable

from wmjax.spec import ModelSpec


HINDSIGHT = (
    "Exposed to hindsight: a language model that writes or proposes a structure has read about the "
    "years held out, so these scores are no proof of foresight."
)


def is_model(origin: str) -> bool:
    """Whether a language model is, or is among, those that a text names."""
    return origin == "llm" or "llm:" in origin


def is_model_written(spec: ModelSpec) -> bool:
    """Whether a language model wrote the structure or a part of it."""
    return any(map(is_model, (spec.provenance.author, *(c.origin for c in spec.connections))))


def signed(spec: ModelSpec, origins: Iterable[str]) -> ModelSpec:
    """The spec with the language models among these authors beside its own."""
    models = [o for o in dict.fromkeys(origins) if is_model(o)]
    others = [o for o in models if o not in spec.provenance.author]
    if not others:
        return spec
    author = ", ".join(filter(None, (spec.provenance.author, *others)))
    provenance = spec.provenance.model_copy(update={"author": author})
    return spec.model_copy(update={"provenance": provenance})
