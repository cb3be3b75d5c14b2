"""The structure of a world as a typed document; nothing here imports JAX."""

import functools

from wmjax.spec._actor import Actor as Actor
from wmjax.spec._actor import Lever as Lever
from wmjax.spec._check import Check as Check
from wmjax.spec._connection import Connection as Connection
from wmjax.spec._dimension import Dimension as Dimension
from wmjax.spec._dimension import Field as Field
from wmjax.spec._dims import expression_dims as expression_dims
from wmjax.spec._document import Document as Document
from wmjax.spec._event import Effect as Effect
from wmjax.spec._event import Event as Event
from wmjax.spec._expression import Call as Call
from wmjax.spec._expression import Choice as Choice
from wmjax.spec._expression import Expression as Expression
from wmjax.spec._expression import Number as Number
from wmjax.spec._expression import Operation as Operation
from wmjax.spec._expression import Place as Place
from wmjax.spec._expression import Reference as Reference
from wmjax.spec._expression import Subscript as Subscript
from wmjax.spec._expression import walk as walk
from wmjax.spec._figure import Figure as Figure
from wmjax.spec._figure import load_figures as load_figures
from wmjax.spec._files import bundled_models as bundled_models
from wmjax.spec._files import inspect_source as inspect_source
from wmjax.spec._files import load_scenarios as load_scenarios
from wmjax.spec._files import load_spec as load_spec
from wmjax.spec._files import model_path as model_path
from wmjax.spec._files import read_file as read_file
from wmjax.spec._files import save_spec as save_spec
from wmjax.spec._format import format_expression as format_expression
from wmjax.spec._format import format_name as format_name
from wmjax.spec._functions import FUNCTIONS as FUNCTIONS
from wmjax.spec._functions import TIME_NAMES as TIME_NAMES
from wmjax.spec._functions import Function as Function
from wmjax.spec._graph import cycles as cycles
from wmjax.spec._graph import dependencies as dependencies
from wmjax.spec._graph import initial_dependencies as initial_dependencies
from wmjax.spec._graph import instant_dependencies as instant_dependencies
from wmjax.spec._graph import order as order
from wmjax.spec._issue import Issue as Issue
from wmjax.spec._links import causal_links as causal_links
from wmjax.spec._model_spec import FORMAT as FORMAT
from wmjax.spec._model_spec import ModelSpec as ModelSpec
from wmjax.spec._parse import ExpressionError as ExpressionError
from wmjax.spec._parse import parse_expression as parse_expression
from wmjax.spec._prior import Prior as Prior
from wmjax.spec._provenance import Provenance as Provenance
from wmjax.spec._scenario import Scenario as Scenario
from wmjax.spec._scenario import SeriesPath as SeriesPath
from wmjax.spec._time_axis import TimeAxis as TimeAxis
from wmjax.spec._unit import Unit as Unit
from wmjax.spec._unit import UnitError as UnitError
from wmjax.spec._unit_system import DEFAULT_UNITS as DEFAULT_UNITS
from wmjax.spec._unit_system import convert_factor as convert_factor
from wmjax.spec._units import unit_of as unit_of
from wmjax.spec._variable import Auxiliary as Auxiliary
from wmjax.spec._variable import Beyond as Beyond
from wmjax.spec._variable import Flow as Flow
from wmjax.spec._variable import Lookup as Lookup
from wmjax.spec._variable import Parameter as Parameter
from wmjax.spec._variable import Series as Series
from wmjax.spec._variable import Stock as Stock
from wmjax.spec._variable import Variable as Variable
from wmjax.spec.check import CODES as CODES
from wmjax.spec.check import check_scenario as check_scenario
from wmjax.spec.check import check_spec as check_spec


@functools.cache
def _known_keys() -> tuple[str, ...]:
    """Every key of the format, for spelling hints."""
    parts = (ModelSpec, TimeAxis, Dimension, Field, Stock, Flow, Auxiliary, Parameter, Lookup,
             Series, Actor, Lever, Connection, Event, Effect, Check, Prior, Provenance)  # fmt: skip
    keys = {f.alias or name for p in parts for name, f in p.model_fields.items()}
    return tuple(sorted(keys))
