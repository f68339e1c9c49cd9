"""Periods, reporting windows, the Vietnamese working calendar and deadlines."""

from chiso.worktime.calendar import CalendarError, WorkCalendar
from chiso.worktime.periods import Kind, Period, PeriodError, Timeframe, WindowRule

__all__ = ["CalendarError", "Kind", "Period", "PeriodError", "Timeframe", "WindowRule", "WorkCalendar"]
