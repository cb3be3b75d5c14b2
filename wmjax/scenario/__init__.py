"""Many runs of one model: sweeps, ensembles, forecasts, and how good they were."""

from wmjax.scenario._scores import bias as bias
from wmjax.scenario._scores import coverage as coverage
from wmjax.scenario._scores import crps as crps
from wmjax.scenario._scores import interval as interval
from wmjax.scenario._scores import mase as mase
from wmjax.scenario._scores import rmse as rmse
