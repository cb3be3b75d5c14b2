"""The worker's end of the pipe: one request a line, one answer a line. Needs nothing but Python.

A worker says `{"ready": {...}}` once it is set up. A request is a JSON list `[case, times]`; the
answer holds the CPU and wall seconds of that many runs of the case, and what its last run gave.
"""

import json
import sys
import time
import traceback


def serve(case, **about):
    """Answers requests until the pipe closes.

    `case` gives the function of no arguments that a name stands for; `about` goes out with the
    first line.
    """
    pipe, sys.stdout = sys.stdout, sys.stderr  # what packages print must not reach the pipe

    def say(answer):
        pipe.write(json.dumps(answer) + "\n")
        pipe.flush()

    say({"ready": about})
    for line in sys.stdin:
        name, times = json.loads(line)
        try:
            say(timed(case(name), times))
        except Exception as error:
            say({"error": f"{type(error).__name__}: {error}", "where": traceback.format_exc()})


def timed(call, times):
    """CPU and wall seconds of some calls together, and what the last one returned."""
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(times):
        found = call()
    return {
        "cpu": time.process_time() - cpu,
        "wall": time.perf_counter() - wall,
        "value": found if isinstance(found, int | float | str | list | dict) else None,
    }
