"""The command line: one thin module per verb; the only place that imports Hydra."""

from wmjax.app._main import main as main
