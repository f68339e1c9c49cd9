"""A place to try things: pick period, unit and indicator, and get the frames behind a report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from chiso.catalogue import Indicator
from chiso.indicators.views import VIEWS
from chiso.messages import text
from chiso.notebook import account, figures
from chiso.notebook.context import Context, open_context
from chiso.notebook.ledger import Ledger
from chiso.notebook.report import Report
from chiso.reporting.charts import Chart
from chiso.reporting.html import Block, Prose
from chiso.reporting.report import Table
from chiso.runs.history import LENGTH
from chiso.sources import PERSONAL, load_contract
from chiso.worktime import Period, Timeframe


class Explorer:
    """Any indicator of any period and unit on one data folder."""

    def __init__(self, context: Context) -> None:
        self._start = context
        self._contexts: dict[tuple[str, str], Context] = {(str(context.period), context.unit or ""): context}
        self._ledgers: dict[tuple[str, str], Ledger] = {}

    def header(self) -> Block:
        """Whose data it is, of which window; says so where the data is synthetic."""
        return account.header(self._start, text("notebook.explore.title"))

    def context(self, period: str = "", unit: str = "") -> Context:
        """Return data and results of a period and unit; the last ones asked for are kept.

        Args:
            period: any spelling; default: the notebook's.
            unit: code; default: the whole department.

        Raises:
            ChisoError: no such period or unit.
        """
        start = self._start
        wanted = Period.parse(period) if period else start.period
        key = str(wanted), unit
        if key not in self._contexts:
            own = wanted == start.period
            frame = start.timeframe if own else Timeframe(wanted, start.timeframe.rule)
            self._contexts[key] = start.moved(frame, unit or None)
        return self._contexts[key]

    def periods(self) -> list[str]:
        """Return the periods of the notebook's kind up to its own, newest first."""
        return [str(self._start.period.previous(n)) for n in range(LENGTH)]

    def units(self) -> dict[str, str]:
        """Return the units' codes by name, the whole department (an empty code) first."""
        names = self._start.unit_names
        return {text("notebook.list.whole"): ""} | {names[code]: code for code in sorted(names)}

    def indicators(self) -> dict[str, str]:
        """Return the indicators' ids by label."""
        return {text("notebook.explore.label", id=i.id, name=i.name): i.id for i in self._start.catalogue.indicators}

    def table(self, indicator: str, period: str = "", unit: str = "") -> Table:
        """Return an indicator as one line of a scorecard."""
        context, ledger, entry = self._of(indicator, period, unit)
        title = text("notebook.explore.table", subject=context.subject, period=context.period.label)
        return figures.lines(context, ledger, [entry], title, "explored")

    def trend(self, indicator: str, period: str = "", unit: str = "") -> Chart | Block:
        """Draw an indicator over the last eight periods."""
        context, ledger, entry = self._of(indicator, period, unit)
        return figures.show_trend(context, ledger, entry)

    def compare_units(self, indicator: str, period: str = "", unit: str = "") -> Chart:
        """Draw the units by an indicator; a chosen one is marked."""
        context, ledger, entry = self._of(indicator, period, unit)
        return figures.show_units(context, ledger, entry)

    def show(self, indicator: str, period: str = "", unit: str = "") -> Block:
        """Return table, trend and units of an indicator in one."""
        return Block(
            (
                self.table(indicator, period, unit),
                self.trend(indicator, period, unit),
                self.compare_units(indicator, period, unit),
            )
        )

    def picker(self, indicator: str = "B.III.8") -> Any:
        """Return three lists (period, unit, indicator) with what they choose below; they need a front end."""
        import ipywidgets as widgets  # only here: a report run in a batch needs none
        from IPython.display import HTML

        def chosen(options: Any, label: str, value: str) -> widgets.Dropdown:
            layout = widgets.Layout(width="40rem")
            return widgets.Dropdown(options=options, value=value, description=label, layout=layout)

        pairs = list(self.indicators().items())
        period = chosen(self.periods(), text("notebook.column.period"), str(self._start.period))
        unit = chosen(list(self.units().items()), text("notebook.column.unit"), self._start.unit or "")
        which = chosen(pairs, text("notebook.column.name"), self._start.indicator(indicator).id)
        shown = widgets.Output()

        def update(_: Mapping[str, Any] | None = None) -> None:
            content = self.show(which.value, period.value, unit.value)
            shown.outputs = ()
            shown.append_display_data(HTML(content._repr_html_()))

        for control in (period, unit, which):
            control.observe(update, names="value")
        update()
        return widgets.VBox([period, unit, which, shown])

    def results(self, indicator: str = "", period: str = "", unit: str = "") -> pl.DataFrame:
        """Return the result table as a Polars frame, of one indicator or all; withheld survey cells are blank."""
        frame = self.context(period, unit).indicators.drop("withheld")
        if indicator:
            frame = frame.filter(pl.col("indicator") == self._start.indicator(indicator).id)
        return frame.filter(pl.col("unit_code") == unit) if unit else frame

    def history(self, indicator: str) -> pl.DataFrame:
        """Return an indicator over the last periods, all units, as a Polars frame."""
        frame = self._start.history.drop("withheld")
        return frame.filter(pl.col("indicator") == self._start.indicator(indicator).id)

    def rows(self, view: str, period: str = "", unit: str = "") -> pl.DataFrame:
        """Return the source rows as of the as-of day, as a Polars frame; people's codes and comments are left out.

        Args:
            view: name of a prepared frame; :meth:`views` lists them.
            period: gives the as-of day.
            unit: code; default: all.
        """
        frame = self.context(period, unit).view(view)
        if frame is None:
            columns = load_contract()[VIEWS[view].table].columns
            frame = pl.DataFrame(schema={column.name: column.dtype for column in columns})
        return frame.drop([c for c in sorted(PERSONAL) if c in frame.columns])

    def views(self) -> list[str]:
        """Return the names of the prepared frames."""
        return sorted(VIEWS)

    def report(self, component: str, period: str = "", unit: str = "") -> Report:
        """Return a component's report, to call its parts with other arguments."""
        context = self.context(period, unit)
        return Report(context, context.catalogue.component(component))

    def reconcile(self) -> Prose:
        """Compare every number shown so far with the result tables; raises where one differs."""
        told = [ledger.reconcile().paragraphs[0] for _, ledger in sorted(self._ledgers.items()) if ledger.shown]
        return Prose(tuple(told) or (text("notebook.reconcile.nothing"),), "note")

    def _of(self, indicator: str, period: str, unit: str) -> tuple[Context, Ledger, Indicator]:
        context = self.context(period, unit)
        key = str(context.period), unit
        return context, self._ledgers.setdefault(key, Ledger(context)), context.indicator(indicator)


def open_explorer(
    *,
    period: str = "",
    unit: str = "",
    data: str = "",
    out: str = "",
    as_of: str = "",
    window: str = "",
    lang: str = "",
) -> Explorer:
    """Open a data folder to explore; parameters as for :func:`chiso.notebook.open_report`.

    Raises:
        ChisoError: a parameter that names nothing; the message says what to do.
    """
    return Explorer(open_context(period=period, unit=unit, data=data, out=out, as_of=as_of, window=window, lang=lang))
