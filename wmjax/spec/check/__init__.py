"""Every problem of a spec at once; one file for each kind of problem."""

from wmjax.spec.check._check_spec import check_scenario as check_scenario
from wmjax.spec.check._check_spec import check_spec as check_spec
from wmjax.spec.check._codes import CODES as CODES
