"""Periods, reporting windows, the Vietnamese working calendar and deadlines."""

from chiso.worktime.calendar import CalendarError, WorkCalendar
from chiso.worktime.periods import Kind, Period, PeriodError, Timeframe, WindowRule
from chiso.worktime.ranges import parse_periods

__all__ = ["CalendarError", "Kind", "Period", "PeriodError", "Timeframe", "WindowRule", "WorkCalendar", "parse_periods"]
