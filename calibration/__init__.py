"""Fits models to observations and says how well they forecast what they have not seen."""

from calibration._backtest import backtest as backtest
from calibration._backtest_result import Backtest as Backtest
from calibration._backtest_result import Skill as Skill
from calibration._baselines import DEFAULT_BASELINES as DEFAULT_BASELINES
from calibration._baselines import baseline as baseline
from calibration._fit import fit as fit
from calibration._fit_file import BacktestSettings as BacktestSettings
from calibration._fit_file import FitFile as FitFile
from calibration._fit_file import load_fit_file as load_fit_file
from calibration._fit_file import load_protocol as load_protocol
from calibration._fit_file import salvage_fit_file as salvage_fit_file
from calibration._fit_result import FitResult as FitResult
from calibration._fit_result import StartResult as StartResult
from calibration._free import FreeElement as FreeElement
from calibration._free import FreeParameter as FreeParameter
from calibration._layout import Window as Window
from calibration._residual_process import ResidualRule as ResidualRule
from calibration._residual_table import PINNED as PINNED
from calibration._residual_table import ResidualTable as ResidualTable
from calibration._residual_table import residual_tables as residual_tables
from calibration._residual_table import uncertain_residual_tables as uncertain_residual_tables
from calibration._resolve import assumptions as assumptions
from calibration._resolve import compared_terms as compared_terms
from calibration._term import FitTerm as FitTerm
