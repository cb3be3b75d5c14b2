"""The run-time type checker of the tests: beartype, with a whole number where a float may stand."""

from beartype import BeartypeConf, beartype


checked = beartype(conf=BeartypeConf(is_pep484_tower=True))
