"""The bundled world, compiled once."""

from __future__ import annotations

import pytest

from wmjax.model import CompiledModel, compile_model
from wmjax.spec import ModelSpec, load_spec


@pytest.fixture(scope="session")
def spec() -> ModelSpec:
    return load_spec("world")


@pytest.fixture(scope="session")
def world(spec: ModelSpec) -> CompiledModel:
    return compile_model(spec)
