"""One run by PySD of the model in the file named on the command line."""

import sys
import warnings

import pysd
from serve import serve


warnings.simplefilter("ignore")
model = pysd.read_xmile(sys.argv[1])
columns = sys.argv[2:]


def run():
    return float(model.run(return_columns=columns, progress=False).iloc[-1, 0])


serve({"run": run}.get)
