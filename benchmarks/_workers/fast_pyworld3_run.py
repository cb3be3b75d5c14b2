"""One run by fast-pyworld3, with the setting up that each of its runs needs."""

from fast_pyworld3.core import World3, World3Config
from serve import serve


def run():
    world = World3(World3Config(dt=0.5))
    world.init_constants()
    world.init_variables()
    world.set_table_functions()
    world.set_delay_functions()
    world.run()
    return float(world.pop.pop[-1])


serve({"run": run}.get)
