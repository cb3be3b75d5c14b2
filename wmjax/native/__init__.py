"""Runs of a model as generated C: what is written, and how it is compiled. The modules that JAX
calls it through, `_kernel` and `_batched`, are imported by those who need them."""

from wmjax.native._compiler import compiler as compiler
from wmjax.native._job import Form as Form
from wmjax.native._job import Job as Job
from wmjax.native._notice import NativeNotice as NativeNotice
from wmjax.native._notice import give_notice as give_notice
from wmjax.native._reading import Uncovered as Uncovered
from wmjax.native._source import source as source
