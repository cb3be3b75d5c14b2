"""ModelSpec to Program: names resolved, axes matched, order found; no JAX."""

from wmjax.program._connections import coefficient_name as coefficient_name
from wmjax.program._connections import expand_connections as expand_connections
from wmjax.program._kinds import KINDS as KINDS
from wmjax.program._lower import lower as lower
from wmjax.program._machine import Machine as Machine
from wmjax.program._node import Node as Node
from wmjax.program._node import references as references
from wmjax.program._partial import PARTIAL as PARTIAL
from wmjax.program._plan import Blocks as Blocks
from wmjax.program._plan import Phase as Phase
from wmjax.program._plan import initial_instructions as initial_instructions
from wmjax.program._plan import initial_plan as initial_plan
from wmjax.program._plan import running_instructions as running_instructions
from wmjax.program._plan import running_plan as running_plan
from wmjax.program._program import Assignment as Assignment
from wmjax.program._program import Kind as Kind
from wmjax.program._program import Layer as Layer
from wmjax.program._program import Program as Program
from wmjax.program._program import Slot as Slot
from wmjax.program._program import readable as readable
from wmjax.program._tape import Entry as Entry
from wmjax.program._tape import Tape as Tape
from wmjax.program._tape import free_tape as free_tape
from wmjax.program._tape import initial_tape as initial_tape
from wmjax.program._tape import running_tape as running_tape
