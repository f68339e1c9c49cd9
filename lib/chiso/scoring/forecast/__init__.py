"""Forecasts to the deadline: where each indicator will stand, how sure that is, and what threatens its target."""

from chiso.scoring.forecast.backtest import TESTED, backtest, summary
from chiso.scoring.forecast.due import due_list
from chiso.scoring.forecast.predict import LEVEL, SCHEMA, forecast
from chiso.scoring.forecast.risk import AT_RISK_BELOW
from chiso.scoring.forecast.words import sentence

__all__ = ["AT_RISK_BELOW", "LEVEL", "SCHEMA", "TESTED", "backtest", "due_list", "forecast", "sentence", "summary"]
