"""C programs of the equations of a model, as near to the metal as we can come.

`Scalar` is plain code for one scenario; `Lanes` runs eight at once. Both are what `wmjax.native`
writes, with tables as part of the program, and stand alone: they have a `main`, and no JAX.
`python -m benchmarks._c scalar` (or `lanes`) prints that of World3.
"""

from benchmarks._c._build import FLAGS as FLAGS
from benchmarks._c._build import compiler as compiler
from benchmarks._c._programs import Lanes as Lanes
from benchmarks._c._programs import Scalar as Scalar
from benchmarks._c._source import lanes_program as lanes_program
from benchmarks._c._source import scalar_program as scalar_program
