"""What a fit of the world may know."""

from __future__ import annotations

import numpy as np

import calibration
import wmjax
from wmjax.model import known_until
from wmjax.spec import model_path


def test_a_fit_forecasts_with_no_driver_after_its_window() -> None:
    model = wmjax.compile_model("world")
    fit = calibration.fit(
        model, wmjax.load_observations("world"), window=(1960, 2010), max_evaluations=1,
        settings=model_path("world").with_name("protocol.yaml"),
    )  # fmt: skip
    for name, known in known_until(model, 2010.0).series.items():
        np.testing.assert_array_equal(fit.model.series[name].v, known.v, err_msg=name)
        later = np.asarray(known.t) > 2010
        assert not np.array_equal(
            np.asarray(known.v)[later], np.asarray(model.series[name].v)[later]
        )
