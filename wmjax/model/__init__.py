"""Program to CompiledModel: the first layer that imports JAX."""

from wmjax.model._backend import Backend as Backend
from wmjax.model._backend import Grouped as Grouped
from wmjax.model._backend import Native as Native
from wmjax.model._backend import Scalar as Scalar
from wmjax.model._compile import compile_model as compile_model
from wmjax.model._compile import known_until as known_until
from wmjax.model._compile import parameter_values as parameter_values
from wmjax.model._compile import value_array as value_array
from wmjax.model._compiled import CompiledModel as CompiledModel
from wmjax.model._compiled import Unnamed as Unnamed
from wmjax.model._compiled import side_by_side as side_by_side
from wmjax.model._compiled import with_parameters as with_parameters
from wmjax.model._forcing import Forcing as Forcing
from wmjax.model._forcing import padded as padded
from wmjax.model._forcing import replaced as replaced
from wmjax.model._inputs import Effects as Effects
from wmjax.model._inputs import Inputs as Inputs
from wmjax.model._operations import Clock as Clock
from wmjax.model._slices import Slices as Slices
from wmjax.model._table import Table as Table
