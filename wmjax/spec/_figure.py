"""Figures of a model: which curves its readers look at together."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Annotated

import pydantic
from pydantic import Field

from wmjax._errors import SpecError
from wmjax.spec._document import Document
from wmjax.spec._files import model_path, read_file
from wmjax.spec._issue import Issue


class Figure(Document):
    """Curves in one frame, each on an axis of its own from 0 to its top.

    - `tops`: variable -> value at the top of the frame, in the unit of the variable.
    """

    title: Annotated[str, Field(min_length=1)]
    tops: Annotated[Mapping[str, Annotated[float, Field(gt=0)]], Field(min_length=1)]
    note: str = ""


def load_figures(source: str | os.PathLike[str]) -> tuple[Figure, ...]:
    """The figures of `figures.yaml` beside a model; () if it has none.

    **Raises:** `SpecError` with every place where the file does not fit.
    """
    file = model_path(source).parent / "figures.yaml"
    if not file.is_file():
        return ()
    try:
        return _Figures.validate_python(read_file(file))
    except pydantic.ValidationError as error:
        issues = [
            Issue(code="format", path=".".join(map(str, e["loc"])), message=e["msg"])
            for e in error.errors(include_url=False)
        ]
        raise SpecError(str(file), issues) from None


_Figures = pydantic.TypeAdapter(tuple[Figure, ...])
