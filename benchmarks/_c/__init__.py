"""C programs of the equations of a model, as near to the metal as we can come.

`Scalar` is plain code for one scenario; `Lanes` runs eight at once. Both take what `compile_model`
takes in: parameters are arguments, tables and the time axis are part of the program.
"""

from benchmarks._c._build import FLAGS as FLAGS
from benchmarks._c._build import compiler as compiler
from benchmarks._c._lanes import lanes_program as lanes_program
from benchmarks._c._programs import Lanes as Lanes
from benchmarks._c._programs import Scalar as Scalar
from benchmarks._c._scalar import scalar_program as scalar_program
