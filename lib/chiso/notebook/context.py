"""What a report rests on: data, catalogue, timeframe and result tables, found from a notebook's parameters."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from typing import Any, cast, get_args

import polars as pl

from chiso.catalogue import Catalogue, Indicator, load_catalogue
from chiso.errors import ChisoError
from chiso.indicators import Results, compute
from chiso.indicators.case_balance import COUNTS
from chiso.indicators.results import of_unit
from chiso.indicators.survey import FACTORS, asked_items
from chiso.indicators.survey_comparisons import same_form
from chiso.indicators.views import VIEWS, MissingTable, Sources
from chiso.messages import LANGUAGES, language_folder, locales, text, use
from chiso.reporting import privacy
from chiso.reporting.tables.sipas import item_texts
from chiso.reporting.tables.source import unit_names
from chiso.runs import inputs
from chiso.runs.checks import check_unit
from chiso.runs.data import open_dataset
from chiso.runs.history import periods
from chiso.runs.manifest import FILE, parts_of, read_manifest
from chiso.runs.outlook import Outlook, look_ahead
from chiso.runs.plan import DATA, catalogue_for
from chiso.runs.prepare import RESULTS
from chiso.runs.reads import FIGURES, RESULT, RecordedDataset, RecordedResults, of_figures
from chiso.runs.results import read_forecasts, read_history, read_results, read_scores
from chiso.runs.stage import read_state
from chiso.scoring import scores
from chiso.sources import Dataset
from chiso.worktime import Period, Timeframe, WindowRule


@dataclass(frozen=True)
class Context:
    """Everything the parts of a report read.

    Attributes:
        dataset: accepted tables and the account of the import; it notes what is asked of it.
        catalogue: the plan the figures are measured by.
        timeframe: period, window, as-of day.
        unit: code of the unit the report is about; None for the whole department.
        folder: the period's output folder the results are read from; None where they are computed here.
    """

    dataset: Dataset
    catalogue: Catalogue
    timeframe: Timeframe
    unit: str | None = None
    folder: Path | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "dataset", RecordedDataset.of(self.dataset))

    @property
    def reads(self) -> set[str]:
        """What has been asked for so far (:mod:`chiso.runs.reads`)."""
        return cast(RecordedDataset, self.dataset).reads

    def moved(self, timeframe: Timeframe, unit: str | None) -> Context:
        """Return the same data for another timeframe or unit; another period is computed here."""
        catalogue = catalogue_for(self.dataset.body, timeframe.plan_year)
        folder = self.folder if timeframe == self.timeframe else None
        return Context(self.dataset, catalogue, timeframe, unit, folder)

    def fresh(self) -> Outlook:
        """Return results, history and forecasts as the tables have them, read or computed anew: unsuppressed."""
        if self.folder is None:
            return self._computed()
        return Outlook(read_results(self.folder), read_history(self.folder), read_forecasts(self.folder))

    def _computed(self) -> Outlook:
        results = compute(self.dataset, self.catalogue, self.timeframe)
        return look_ahead(self.dataset, partial(catalogue_for, self.dataset.body), self.timeframe, results)

    @cached_property
    def _outlook(self) -> Outlook:
        return self._computed()

    @cached_property
    def _tables(self) -> Outlook:
        """Results, history and forecasts, whole."""
        return self.fresh() if self.folder is not None else self._outlook

    @cached_property
    def results(self) -> RecordedResults:
        """The result tables: internal, unsuppressed."""
        return RecordedResults.of(self._tables.results, self.reads)

    @property
    def history(self) -> pl.DataFrame:
        """Indicators of this and the earlier periods, with what may not be published blanked."""
        self.reads.add(FIGURES)
        return self._history

    @property
    def indicators(self) -> pl.DataFrame:
        """The indicators of the period, with what may not be published blanked."""
        self.reads.add(FIGURES)
        return self._indicators

    @cached_property
    def _history(self) -> pl.DataFrame:
        frames = []
        for (period,), frame in self._tables.history.group_by("period", maintain_order=True):
            frames.append(privacy.blank(frame, self.hidden(Period.parse(str(period))), self.survey_codes))
        return pl.concat(frames)

    @cached_property
    def _indicators(self) -> pl.DataFrame:
        return privacy.blank(self._tables.results.indicators, self.hidden(self.period), self.survey_codes)

    @cached_property
    def _unanswered(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Indicators and history without those of the questionnaire: nothing of them is ever withheld."""
        frames = (self._tables.results.indicators, self._tables.history)
        asked = list(self.survey_codes)
        plain, past = (privacy.blank(f.filter(~pl.col("indicator").is_in(asked)), set(), {}) for f in frames)
        return plain, past

    def rows(self, indicators: Collection[str], *, past: bool = False) -> pl.DataFrame:
        """Return the rows of some indicators, of the period or of all periods, blanked where they must be.

        A report that asks for its own indicators alone does not depend on the others.
        """
        self.reads.update(of_figures(indicators))
        if self.survey_codes.keys() & set(indicators):
            whole = self._history if past else self._indicators
        else:
            whole = self._unanswered[past]
        return whole.filter(pl.col("indicator").is_in(list(indicators)))

    def notes(self, indicators: Collection[str]) -> pl.DataFrame:
        """Return what some indicators could not use, and why."""
        self.reads.update(of_figures(indicators))
        return self._tables.results.notes.filter(pl.col("indicator").is_in(list(indicators)))

    @property
    def forecasts(self) -> pl.DataFrame:
        """Forecasts of the indicators to their deadlines, without those that rest on what may not be published.

        A forecast is a mean of the periods up to now: beside the published ones, a withheld one would follow from it.
        """
        self.reads.add(FIGURES)
        return self._forecasts(self._indicators, self._history)

    def forecasts_of(self, indicators: Collection[str]) -> pl.DataFrame:
        """Return the forecasts of some indicators, see :attr:`forecasts`."""
        found = self._forecasts(self.rows(indicators), self.rows(indicators, past=True))
        return found.filter(pl.col("indicator").is_in(list(indicators)))

    def _forecasts(self, *shown: pl.DataFrame) -> pl.DataFrame:
        key = ["indicator", "unit_code"]
        withheld = pl.concat([f.filter("withheld").select(key) for f in shown]).unique()
        return self._tables.forecasts.join(withheld, on=key, how="anti", nulls_equal=True, maintain_order="left")

    @cached_property
    def scores(self) -> pl.DataFrame:
        """Attainment by plan item, component and index."""
        self.reads.add(f"{RESULT}scores")
        if self.folder is not None:
            return read_scores(self.folder)
        return scores(self._tables.results.indicators, self.catalogue)

    def scores_of(self, period: Period, catalogue: Catalogue) -> pl.DataFrame:
        """Return attainment of this or an earlier period by a plan, of the published figures; computed once."""
        self.reads.add(FIGURES)
        key = (period, catalogue.year, catalogue.version)
        if key not in self._scores:
            past = self._history.filter(pl.col("period") == str(period))
            self._scores[key] = scores(self._indicators if period == self.period else past, catalogue)
        return self._scores[key]

    @cached_property
    def _scores(self) -> dict[tuple[Period, int, str], pl.DataFrame]:
        return {}

    @cached_property
    def sources(self) -> Sources:
        """The accepted tables as of the as-of day."""
        return Sources(self.dataset, self.catalogue, self.timeframe)

    @property
    def period(self) -> Period:
        """The reported period."""
        return self.timeframe.period

    @cached_property
    def periods(self) -> list[Period]:
        """The periods of the trend, oldest first: the last eight, and the same period of the year before."""
        return periods(self.period)

    @cached_property
    def survey_codes(self) -> dict[str, str]:
        """Level and code in the satisfaction table of each indicator that rests on the questionnaire."""
        codes = {i.id: i.id.removesuffix(".index") for i in self.catalogue.indicators if i.function == _FACTOR}
        return codes | {i.id: privacy.OVERALL for i in self.catalogue.indicators if i.function == _OVERALL}

    @cached_property
    def _hidden(self) -> dict[Period, privacy.Hidden]:
        return {}

    def hidden(self, period: Period) -> privacy.Hidden:
        """Return the (unit, factor) pairs of a period whose answers may not be published."""
        if period not in self._hidden:
            frame = self.timeframe if period == self.period else Timeframe(period, self.timeframe.rule)
            self._hidden[period] = privacy.hidden(Sources(self.dataset, self.catalogue, frame))
        return self._hidden[period]

    @cached_property
    def items(self) -> dict[str, list[str]]:
        """Item columns of the questionnaire by component of the factor."""
        return {FACTORS[factor]: items for factor, items in asked_items(self.sources).factors.items()}

    @cached_property
    def item_texts(self) -> dict[str, str]:
        """Questions by item code, where the data folder brings its form; else empty."""
        return item_texts(self.dataset, self.timeframe.plan_year)

    @cached_property
    def unit_names(self) -> dict[str, str]:
        """Name of each unit by code, each name once; the code itself where the list of units lacks it."""
        return {code: code for code in self.results.units} | unit_names(self.dataset)

    @property
    def subject(self) -> str:
        """Name of what the report is about: the unit, or the whole body."""
        return self.unit_names.get(self.unit, self.unit) if self.unit else self.dataset.body.name

    @property
    def own(self) -> pl.Expr:
        """The rows of a result table that are about the report's subject."""
        return of_unit(self.unit)

    @cached_property
    def uncomputed(self) -> frozenset[str]:
        """The indicators that lack a table or a column, so that lists of their rows would mislead."""
        self.reads.add(f"{RESULT}uncomputed")
        return uncomputed(self._tables.results)

    def view(self, name: str, *indicators: str, needs: Sequence[str] = ()) -> pl.DataFrame | None:
        """Return a prepared frame with the unit's rows (all, for the department).

        None where a table is missing, a column that one of the ``indicators`` needs, or one of the columns ``needs``.
        """
        own = ("unit_code",) if self.unit else ()
        if self.uncomputed.intersection(indicators) or not self.recorded(name, *needs, *own):
            return None
        try:
            frame = VIEWS[name].build(self.sources)
        except MissingTable:
            return None
        if self.unit:
            frame = frame.filter(pl.col("unit_code") == self.unit)
        return frame.collect()

    def recorded(self, view: str, *columns: str) -> bool:
        """Return whether the exports have the source columns behind columns of a view."""
        origins = {origin for column in columns for origin in VIEWS[view].origins(column)}
        return all(column in self.dataset.columns(table) for table, column in origins)

    def counts(self, view: str, **conditions: pl.Expr) -> list[pl.Expr]:
        """Return the counts of a view's rows under conditions; blank, not 0, where no export has a column of theirs.

        :func:`chiso.notebook.context.known` tells the two apart.
        """
        return [
            (
                condition.fill_null(False).sum().cast(pl.Int64)
                if self.recorded(view, *condition.meta.root_names())
                else pl.lit(None)
            ).alias(name)
            for name, condition in conditions.items()
        ]

    def figure(self, indicator: str, period: Period | None = None, unit: str | None = None) -> dict[str, Any]:
        """Return one row of the result table; blank values where the period or the unit has none.

        Args:
            indicator: id.
            period: by default the reported one.
            unit: code; None for the whole department.
        """
        past = period not in (None, self.period)
        self.reads.update(of_figures([indicator]))
        blank, rows = self._figures(indicator in self.survey_codes, past, unit)
        return dict(rows.get((indicator, str(period) if past else ""), blank))

    @cached_property
    def _of_units(self) -> dict[tuple[bool, bool, str | None], tuple[dict[str, Any], dict[tuple[str, str], Any]]]:
        return {}

    def _figures(
        self, surveyed: bool, past: bool, unit: str | None
    ) -> tuple[dict[str, Any], dict[tuple[str, str], dict[str, Any]]]:
        """Return a blank row, and a unit's rows by indicator and period, looked up once."""
        key = (surveyed, past, unit)
        if key not in self._of_units:
            frame = (self._history if past else self._indicators) if surveyed else self._unanswered[past]
            found: dict[tuple[str, str], dict[str, Any]] = {}
            for row in frame.filter(of_unit(unit)).iter_rows(named=True):
                found.setdefault((row["indicator"], row["period"] if past else ""), row)
            self._of_units[key] = dict.fromkeys(frame.columns), found
        return self._of_units[key]

    def balance(self, unit: str | None = None) -> dict[str, int] | None:
        """Return the case balance's line of a unit (None: of all), or None where there are no cases."""
        table = self.results.case_balance
        found = table.filter(of_unit(unit) & pl.col("field").is_null())
        if not table.height:
            return None
        return found.select(COUNTS).row(0, named=True) if found.height else dict.fromkeys(COUNTS, 0)

    def comparable(self, indicator: str, period: Period) -> bool:
        """Return whether an earlier figure may be subtracted from this one: not where the form had other items."""
        if indicator not in self.survey_codes:
            return True
        return same_form(self.results.statistics.get("satisfaction_changes"), str(period))

    def indicator(self, id: str) -> Indicator:
        """Return an indicator of the catalogue.

        Raises:
            ChisoError: no such indicator; the message names those of the catalogue.
        """
        try:
            return self.catalogue.indicator(id)
        except KeyError:
            known = ", ".join(i.id for i in self.catalogue.indicators)
            raise ChisoError(text("notebook.no_indicator", indicator=id, known=known)) from None


def uncomputed(results: Results) -> frozenset[str]:
    """Return the indicators that lack a table or a column."""
    return frozenset(results.notes.filter(pl.col("severity") != "info")["indicator"])


def known(frame: pl.DataFrame, counts: Sequence[str]) -> list[str]:
    """Return those of the count columns that :meth:`Context.counts` did not leave blank."""
    return [name for name in counts if frame.schema[name] != pl.Null]


_FACTOR, _OVERALL = "satisfaction.factor", "satisfaction.overall"


def open_context(
    *,
    period: str = "",
    unit: str = "",
    data: str = "",
    out: str = "",
    as_of: str = "",
    window: str = "",
    lang: str = "",
) -> Context:
    """Find data and results for a notebook's parameters; an empty text stands for the default.

    Args:
        period: any spelling of a period; default: the quarter of the newest case.
        unit: code of a unit; default: the whole department.
        data: data folder, relative to the project; default: the sample.
        out: output folder of a run to read the results from; default: compute them here.
        as_of: as-of day ``YYYY-MM-DD`` within the window; default: the window's last day.
        window: window rule; default: the catalogue's.
        lang: language of everything shown from here on, ``vi`` or ``en``; default: the one in use.

    Raises:
        ChisoError: a parameter that names nothing; the message says what to do.
    """
    if lang and lang not in LANGUAGES:
        raise ChisoError(text("notebook.no_language", value=lang, known=", ".join(LANGUAGES)))
    use(lang)
    dataset = open_dataset(in_project(data or str(DATA)))
    catalogue = None if not period else catalogue_for(dataset.body, Period.parse(period).year)
    rule: WindowRule = window or (catalogue or load_catalogue()).settings.reporting.window  # type: ignore[assignment]
    wanted = Period.parse(period) if period else newest_quarter(dataset, rule)
    timeframe = Timeframe(wanted, rule, _day(as_of))  # type: ignore[arg-type]
    check_unit(unit or None, dataset)
    catalogue = catalogue or catalogue_for(dataset.body, wanted.year)
    folder = language_folder(in_project(out)) / str(wanted) if out else None
    context = Context(dataset, catalogue, timeframe, unit or None, folder)
    _check_same_run(context, inputs.of_data(catalogue, dataset))
    return context


def in_project(path: str) -> Path:
    """Return a folder that is named from here, or from the project that the current folder lies in."""
    here = Path.cwd()
    if (here / path).exists():
        return (here / path).resolve() if ".." in Path(path).parts else here / path
    return next((p for p in (here, *here.parents) if _is_project(p)), here) / path


def _is_project(folder: Path) -> bool:
    return (folder / "notebooks").is_dir() and (folder / "pyproject.toml").is_file()


def newest_quarter(dataset: Dataset, rule: WindowRule) -> Period:
    """Return the quarter whose window holds the newest case.

    Raises:
        ChisoError: there is no case, so the period must be given.
    """
    cases = dataset.scan("cases")
    newest = None if cases is None else cases.select(pl.col("received_at").max()).collect().item()
    if newest is None:
        raise ChisoError(text("notebook.no_period"))
    quarter = Period(newest.year, "quarter", (newest.month + 2) // 3)
    return quarter if newest.date() <= quarter.window(rule)[1] else quarter.previous(-1)


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise ChisoError(text("notebook.day", value=value)) from None


def _check_same_run(context: Context, now: dict[str, str]) -> None:
    """Refuse results on disk that were made for another as-of day or window, or from other data."""
    if context.folder is None:
        return
    made = context._tables.results.indicators["as_of"].unique().to_list()
    if made and made != [context.timeframe.as_of]:
        days = {"made": locales.day(made[0]), "wanted": locales.day(context.timeframe.as_of)}
        raise ChisoError(text("notebook.other_run", folder=context.folder, **days))
    manifest = _manifest(context.folder)
    t = context.timeframe
    window = {"window": t.rule, "window_start": t.start.isoformat()}
    if any(manifest.get(key, value) != value for key, value in window.items()):
        wanted, told = text(f"worktime.window_{t.rule}"), str(manifest.get("window"))
        words = {"made": text(f"worktime.window_{told}") if told in get_args(WindowRule) else told, "wanted": wanted}
        raise ChisoError(text("notebook.other_window", folder=context.folder, **words))
    under_way = read_state(context.folder)[1]
    if made_of := (under_way or parts_of(manifest)).get(RESULTS):
        inputs.require_same(made_of.inputs, now, context.folder, context.dataset.folder)


def _manifest(folder: Path) -> dict[str, Any]:
    """Return the record of the run that made a folder's results; empty while a run is under way.

    A run writes its results first and its record last, so a record older than the results is that of the run before.
    """
    record, tables = folder / FILE, folder / "indicators.parquet"
    if not record.is_file() or record.stat().st_mtime_ns < tables.stat().st_mtime_ns:
        return {}
    return read_manifest(folder)
