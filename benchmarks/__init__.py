"""The measurements behind what we claim; `python -m benchmarks` prints and writes them."""
