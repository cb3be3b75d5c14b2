"""Many runs of one model: sweeps, ensembles, forecasts, and how good they were."""

from wmjax.scenario._compare import compare as compare
from wmjax.scenario._design import Design as Design
from wmjax.scenario._design import latin_hypercube as latin_hypercube
from wmjax.scenario._design import sobol as sobol
from wmjax.scenario._draws import ParameterDraws as ParameterDraws
from wmjax.scenario._draws import ResidualProcess as ResidualProcess
from wmjax.scenario._draws import Transform as Transform
from wmjax.scenario._forecast import Forecast as Forecast
from wmjax.scenario._keep import Final as Final
from wmjax.scenario._keep import Keep as Keep
from wmjax.scenario._keep import Statistics as Statistics
from wmjax.scenario._keep import Summary as Summary
from wmjax.scenario._keep import Trajectories as Trajectories
from wmjax.scenario._predict import forecast as forecast
from wmjax.scenario._scores import bias as bias
from wmjax.scenario._scores import coverage as coverage
from wmjax.scenario._scores import crps as crps
from wmjax.scenario._scores import interval as interval
from wmjax.scenario._scores import mase as mase
from wmjax.scenario._scores import rmse as rmse
from wmjax.scenario._sensitivity import sensitivity as sensitivity
from wmjax.scenario._sweep import sweep as sweep
