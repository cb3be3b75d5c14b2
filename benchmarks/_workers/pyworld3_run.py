"""One run of the World3 of 1974 by pyworld3, whose fast mode fills arrays made before."""

from pyworld3 import World3
from serve import serve


def run():
    world = World3(dt=0.5)
    world.init_world3_constants()
    world.init_world3_variables()
    world.set_world3_table_functions()
    world.set_world3_delay_functions()
    world.run_world3(fast=True)
    return float(world.pop[-1])


serve({"run": run}.get)
