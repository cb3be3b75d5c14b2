"""One run by Simlin's virtual machine of the model in the file named on the command line."""

import sys

import simlin
from serve import serve


model = simlin.load(sys.argv[1])
simulation = model.simulate()


def run():
    """A warm run of the compiled model, as a loop over scenarios would call it."""
    simulation.reset()
    simulation.run_to_end()
    return simulation.get_value("population")


serve({"run": run, "run_all": lambda: model.run(analyze_loops=False).results.shape[1]}.get)
