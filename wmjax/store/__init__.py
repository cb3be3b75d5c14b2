"""The run store: what was run, with what, and what came out.

One SQLite database `wmjax.db` holds runs, metrics, events and the calls to language models; each
run has a folder beside it for its spec, results and checkpoints. Several processes may write at
once. Nothing stored is ever overwritten or deleted; a checkpoint, being progress and no result, is
replaced by its successor.
"""

from wmjax.store._costs import By as By
from wmjax.store._costs import Cost as Cost
from wmjax.store._preflight import preflight as preflight
from wmjax.store._provenance import code_version as code_version
from wmjax.store._record import Event as Event
from wmjax.store._record import Metric as Metric
from wmjax.store._record import RunRecord as RunRecord
from wmjax.store._record import Status as Status
from wmjax.store._redact import redact as redact
from wmjax.store._run import Run as Run
from wmjax.store._store import RunStore as RunStore
