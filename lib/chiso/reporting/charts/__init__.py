"""Charts: functions on plain Polars frames that return a :class:`Chart` (SVG, title, alternative text).

Every figure is drawn without pyplot's state and gives the same bytes for the same numbers.
"""

from chiso.reporting.charts.chart import Chart
from chiso.reporting.charts.grid import quadrants
from chiso.reporting.charts.intervals import intervals
from chiso.reporting.charts.likert import diverging
from chiso.reporting.charts.trend import trend
from chiso.reporting.charts.units import compare_units

__all__ = ["Chart", "compare_units", "diverging", "intervals", "quadrants", "trend"]
