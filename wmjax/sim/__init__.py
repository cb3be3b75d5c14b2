"""Running compiled models."""

from wmjax.sim._axis import time_axis as time_axis
from wmjax.sim._devices import Devices as Devices
from wmjax.sim._devices import as_devices as as_devices
from wmjax.sim._devices import devices as devices
from wmjax.sim._scenario import apply_scenario as apply_scenario
from wmjax.sim._scenario import effect_rows as effect_rows
from wmjax.sim._scenario import event_inputs as event_inputs
from wmjax.sim._simulate import State as State
from wmjax.sim._simulate import advance as advance
from wmjax.sim._simulate import initial_state as initial_state
from wmjax.sim._simulate import saved_names as saved_names
from wmjax.sim._simulate import simulate as simulate
from wmjax.sim._simulate import simulate_inputs as simulate_inputs
from wmjax.sim._solver import RK2 as RK2
from wmjax.sim._solver import RK4 as RK4
from wmjax.sim._solver import Diffrax as Diffrax
from wmjax.sim._solver import Euler as Euler
from wmjax.sim._solver import FixedStep as FixedStep
from wmjax.sim._trajectory import Trajectory as Trajectory
from wmjax.sim._trajectory import column_names as column_names
from wmjax.sim._verify import Violation as Violation
from wmjax.sim._verify import verify as verify
