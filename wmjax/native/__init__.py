"""Runs of a model by generated C."""

from wmjax.native._batched import Runs as Runs
from wmjax.native._compiler import compiler as compiler
from wmjax.native._job import Form as Form
from wmjax.native._job import Job as Job
from wmjax.native._kernel import Kernel as Kernel
from wmjax.native._kernel import NativeNotice as NativeNotice
from wmjax.native._kernel import is_ready as is_ready
from wmjax.native._kernel import kernel as kernel
from wmjax.native._kernel import length as length
from wmjax.native._kernel import reason_against as reason_against
from wmjax.native._reading import Uncovered as Uncovered
from wmjax.native._source import source as source
