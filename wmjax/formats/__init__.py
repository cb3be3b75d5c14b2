"""Other people's files: specs as XMILE. Nothing here imports JAX."""

from wmjax.formats._events import expand_events as expand_events
from wmjax.formats._save import XMILE as XMILE
from wmjax.formats._save import save_spec as save_spec
from wmjax.formats._scenario import under_scenario as under_scenario
from wmjax.formats._xmile import Xmile as Xmile
from wmjax.formats._xmile import XmileWarning as XmileWarning
from wmjax.formats._xmile import to_xmile as to_xmile
from wmjax.formats._xmile import write_xmile as write_xmile
