"""A small job of calibration for the command line, in a folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd


_MODEL = """\
wmjax: 1
name: savings
time: {start: 0, end: 10, step: 0.25, save_every: 1, unit: year, method: euler}
variables:
  balance: {kind: stock, unit: usd, initial: deposit, inflows: [interest], outflows: []}
  deposit: {kind: parameter, value: 100, unit: usd}
  interest: {kind: flow, unit: usd/year, equation: "balance * rate"}
  rate: {kind: parameter, value: 0.1, unit: 1/year}
"""
_FIT = """\
parameters: {rate: {bounds: [0, 1], initial: 0.3}, deposit: {bounds: [10, 1000]}}
series: {balance: {observed: money, transform: log, sigma: 0.05}}
"""
CALIBRATE = ("calibrate", "model=savings.yaml", "observations=money.csv", "fit=fit.yaml",
             "starts=3")  # fmt: skip


def open_bank(folder: Path) -> Path:
    """Puts a model, a noisy table of its balance and a fit file into the folder."""
    years = np.arange(0, 11)
    noise = np.random.default_rng(7).normal(0, 0.05, 11)
    money = pd.DataFrame({"time": years, "money": 100 * 1.04 ** (4 * years) * np.exp(noise)})
    money.to_csv(folder / "money.csv", index=False)
    (folder / "savings.yaml").write_text(_MODEL)
    (folder / "fit.yaml").write_text(_FIT)
    return folder
