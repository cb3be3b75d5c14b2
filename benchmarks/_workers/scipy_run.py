"""The module of plain Python named on the command line, by RK45 or LSODA of SciPy or, as `python`,
by Euler's method in a loop."""

import importlib.util
import sys

from scipy.integrate import solve_ivp
from serve import serve


spec = importlib.util.spec_from_file_location("model", sys.argv[1])
model = importlib.util.module_from_spec(spec)
spec.loader.exec_module(model)
SPAN = (model.START, model.END)


def euler():
    stocks, found = list(model.INITIAL), []
    steps = round((model.END - model.START) / model.STEP)
    for k in range(steps):
        rates, outputs = model.rates(model.START + k * model.STEP, stocks)
        found.append(outputs)
        stocks = [s + model.STEP * r for s, r in zip(stocks, rates, strict=True)]
    found.append(model.rates(model.END, stocks)[1])
    return found[-1][0]


def solved(method, tolerance):
    def run():
        found = solve_ivp(
            lambda t, y: model.rates(t, y.tolist())[0],
            SPAN, model.INITIAL, method, rtol=tolerance, atol=tolerance,
        )  # fmt: skip
        return model.rates(model.END, found.y[:, -1].tolist())[1][0]

    return run


serve({"run": euler if sys.argv[2] == "python" else solved(sys.argv[2], 1e-6)}.get)
