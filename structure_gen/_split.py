"""Parameters that become several; neutral at first."""

from __future__ import annotations

from collections.abc import Mapping

from wmjax._errors import SpecError
from wmjax.spec import Auxiliary, Issue, ModelSpec, Parameter, Prior, format_name


def split_in_time(spec: ModelSpec, name: str, at: float) -> ModelSpec:
    """`name` becomes an auxiliary that reads one parameter before `at` and another after it."""
    old = _parameter(spec, name)
    if not spec.time.start < at < spec.time.end:
        raise _refused(f"{at:g} lies outside of {spec.time.start:g} to {spec.time.end:g}",
                       "choose a time inside the run")  # fmt: skip
    early, late = f"{name}_early", f"{name}_late"
    equation = f"{format_name(early)} if time < {at!r} else {format_name(late)}"
    return _with_parts(spec, name, equation, {early: old, late: old})


def split_into_parts(spec: ModelSpec, name: str, shares: Mapping[str, float]) -> ModelSpec:
    """`name` becomes the sum of new parameters, which keep its value by their shares."""
    old = _parameter(spec, name)
    if len(shares) < 2 or abs(sum(shares.values()) - 1) > 1e-6 or old.dims:
        raise _refused("wanted at least two parts of a scalar whose shares add up to 1",
                       "correct the shares")  # fmt: skip
    parts = {part: _scaled(old, share) for part, share in shares.items()}
    return _with_parts(spec, name, " + ".join(map(format_name, parts)), parts)


def _with_parts(
    spec: ModelSpec, name: str, equation: str, parts: Mapping[str, Parameter]
) -> ModelSpec:
    old = _parameter(spec, name)
    taken = sorted(set(parts) & set(spec.variables))
    if taken:
        raise _refused(f"there is a variable {taken[0]!r}", "choose another name")
    whole = Auxiliary(
        kind="auxiliary", equation=equation, dims=old.dims, unit=old.unit, doc=old.doc,
        group=old.group, observed=old.observed, source=old.source,
    )  # fmt: skip
    free = {n: p.model_copy(update={"trainable": True, "observed": None, "constituents": ()})
            for n, p in parts.items()}  # fmt: skip
    variables: dict[str, object] = {**spec.variables, name: whole, **free}
    return ModelSpec.model_validate({**dict(spec), "variables": variables})


def _scaled(old: Parameter, share: float) -> Parameter:
    assert isinstance(old.value, float | int)
    bounds = None if old.bounds is None else tuple(share * b for b in old.bounds)
    return Parameter.model_validate({
        **dict(old), "value": share * old.value, "bounds": bounds,
        "prior": None if old.prior is None else _scaled_prior(old.prior, share),
    })  # fmt: skip


def _scaled_prior(prior: Prior, share: float) -> Prior:
    if prior.lognormal is not None:
        return Prior(lognormal=(share * prior.lognormal[0], prior.lognormal[1]))
    if prior.normal is not None:
        return Prior(normal=(share * prior.normal[0], share * prior.normal[1]))
    assert prior.uniform is not None
    return Prior(uniform=(share * prior.uniform[0], share * prior.uniform[1]))


def _parameter(spec: ModelSpec, name: str) -> Parameter:
    found = spec.variables.get(name)
    if not isinstance(found, Parameter):
        raise _refused(f"there is no parameter {name!r}", "name a parameter of the model")
    return found


def _refused(message: str, hint: str) -> SpecError:
    issue = Issue(code="unknown-name", path="split_parameter", message=message, hint=hint)
    return SpecError("edit", [issue])
