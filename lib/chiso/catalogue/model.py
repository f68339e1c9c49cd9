"""What a plan year's catalogue holds: components, plan items, indicators, rules, conventions.

Every model is frozen and refuses unknown keys, so a misspelt key in a plan file is an error.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from chiso.messages import text

Measure = Literal["share", "count", "index"]
Window = Literal["period", "year_to_date", "year", "budget_year", "as_of"]
Comparator = Literal[">=", ">", "=="]
Better = Literal["higher", "lower"]
IntervalMethod = Literal["logit", "wilson", "beta"]


def problem(key: str, **values: object) -> PydanticCustomError:
    """Return a validation error whose message is ``catalogue.error.<key>``."""
    return PydanticCustomError("catalogue", "{message}", {"message": text(f"catalogue.error.{key}", **values)})


def _month_day(value: str) -> str:
    """Check a yearly date ``MM-DD``; 29 February is not one, because it is missing in most years."""
    try:
        datetime.strptime(f"2023-{value}", "%Y-%m-%d")
    except ValueError:
        raise problem("month_day", value=value) from None
    return value


def _period_end(value: str) -> str:
    """Check what stands behind the year in a reporting period's name."""
    if not re.fullmatch(r"Q[1-4]|H1|9M|year|0[1-9]|1[0-2]", value):
        raise problem("period_end", value=value)
    return value


Text = Annotated[str, StringConstraints(min_length=1)]
PeriodEnd = Annotated[str, AfterValidator(_period_end)]
MonthDay = Annotated[str, StringConstraints(min_length=5, max_length=5), AfterValidator(_month_day)]
Flag = Annotated[bool, Strict()]
Number = Annotated[float, Strict()]
Whole = Annotated[int, Strict()]


def _on(month_day: str, year: int) -> date:
    return date.fromisoformat(f"{year:04d}-{month_day}")


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Index(_Entry):
    """One of the two published indices: A (SIPAS) or B (PAR-INDEX)."""

    id: Literal["A", "B"]
    name: Text
    short: Text


class Component(_Entry):
    """A part of an index with its own notebook; ``P`` (running the plan) has neither index nor notebook."""

    id: Text
    name: Text
    index: Literal["A", "B"] | None = None
    notebook: Text | None = None


class PlanItem(_Entry):
    """One task of the plan: what is to be produced, by when, by whom."""

    id: Text
    component: Text
    name: Text
    product: Text
    deadline_text: Text
    owner: Text
    cooperating: str = ""
    reference: Text


class Indicator(_Entry):
    """One figure: its definition in words, its target and the legal basis of both.

    ``numerator`` of a count says what is counted; its ``denominator`` is None. ``target`` is on the scale of
    the value: 0–1 for shares and for indices with ``scale`` 1, 0–100 where ``scale`` is 100. ``function`` names the
    calculation (``module.function`` of :mod:`chiso.indicators`) and ``arguments`` what it is called with, so that
    next year's plan may number its items anew without code.

    For sentences: ``noun`` is what n and N count, where it is not the usual noun of the first table; ``phrase`` names
    the figure within a sentence, where "tỷ lệ" and the name would not read well; ``volume`` tells N as work done, with
    ``{count}`` in the place of the number, and opens the key results of the component.
    """

    id: Text
    function: Text
    arguments: dict[str, str] = {}
    plan_item: Text | None = None
    component: Text
    name: Text
    formula: Text
    numerator: Text
    denominator: Text | None = None
    measure: Measure
    window: Window
    scale: Literal[1, 100] = 1
    comparator: Comparator | None = None
    target: Number | None = None
    deadline: MonthDay | None = None
    better: Better
    target_for_units: Flag = True
    judged: Flag = True
    pending_until_deadline: Flag = False
    reference_line: Number | None = None
    tables: Annotated[tuple[Text, ...], Field(min_length=1)]
    legal_basis: Text
    verified: Flag
    note: Text | None = None
    noun: Text | None = None
    phrase: Text | None = None
    volume: Text | None = None

    @property
    def monitoring(self) -> bool:
        """Whether the figure is only watched: the plan sets no target for it."""
        return self.target is None

    @property
    def as_percent(self) -> bool:
        """Whether the value is a ratio on 0–1 (shares, satisfaction indices), to be printed as a percentage."""
        return self.measure != "count" and self.scale == 1

    def deadline_on(self, year: int) -> date | None:
        """Return the last day to meet the target of plan year ``year``; None where rows have their own."""
        return None if self.deadline is None else _on(self.deadline, year)

    @model_validator(mode="after")
    def _consistent(self) -> Indicator:
        if (self.comparator is None) != (self.target is None):
            raise problem("comparator_without_target")
        if (self.denominator is None) != (self.measure == "count"):
            raise problem("count_denominator" if self.measure == "count" else "share_denominator")
        if self.measure != "index" and self.scale != 1:
            raise problem("scale_needs_index")
        if self.volume is not None and self.volume.count("{count}") != 1:
            raise problem("volume_without_count")
        if self.target is not None:
            top = float("inf") if self.measure == "count" else float(self.scale)
            if not 0 <= self.target <= top:
                raise problem("target_range", value=self.target, measure=self.measure)
            if self.measure == "count" and self.target != int(self.target):
                raise problem("target_whole", value=self.target)
            reached = "higher" if self.comparator in (">=", ">") or self.target > 0 else "lower"
            if self.better != reached:
                raise problem("better_against_target", better=self.better)
        if self.pending_until_deadline and self.deadline is None:
            raise problem("pending_without_deadline")
        if self.reference_line is not None and not 0 <= self.reference_line <= self.scale:
            raise problem("reference_range", value=self.reference_line)
        return self


class _DayRule(_Entry):
    """A last allowed day: a date of the plan year, or a day of the reporting period's last month."""

    month_day: MonthDay | None = None
    day_of_last_month: Annotated[Whole, Field(ge=1, le=28)] | None = None
    before: Flag = False
    """The text reads "trước ngày" (before) the day after the rule's day."""

    def due_on(self, year: int, last_month: int | None = None) -> date | None:
        """Return the last allowed day in ``year``; ``last_month`` (1–12) is the reporting period's last month.

        None where the rule gives no day, or needs a reporting period that is not known.
        """
        if self.month_day is not None:
            return _on(self.month_day, year)
        if self.day_of_last_month is not None and last_month is not None:
            return date(year, last_month, self.day_of_last_month)
        return None

    @model_validator(mode="after")
    def _one_day(self) -> _DayRule:
        if self.month_day is not None and self.day_of_last_month is not None:
            raise problem("two_days")
        return self


class DueRule(_DayRule):
    """Due date of deliverables whose register leaves ``due_on`` blank.

    ``item`` "*" is the rule of all items without their own; a rule without a day means "no due date".
    """

    item: Text
    subtype: Text | None = None


class Expected(_Entry):
    """A deliverable whose number and kind the plan itself tells: the register of a year begins with these rows.

    ``periods``: one row each, as reporting periods end after the year (``Q1``, ``H1``, ``9M``, ``03``, ``year``);
    none: one row for the year. ``title`` may name {year}, {last} and {next} year; a period's name is put behind it.
    """

    item: Text
    kind: Text
    title: Text
    subtype: Text | None = None
    periods: tuple[PeriodEnd, ...] = ()

    def title_in(self, year: int) -> str:
        """Return the title in a plan year, without a reporting period."""
        return self.title.format(year=year, last=year - 1, next=year + 1)

    @model_validator(mode="after")
    def _title_holds(self) -> Expected:
        try:
            self.title_in(2024)
        except (KeyError, ValueError, IndexError):
            raise problem("expected_title", value=self.title) from None
        return self


class Alert(_DayRule):
    """A deadline inside the department: it reminds people and judges no indicator."""

    item: Text
    sender: Text
    recipient: Text
    what: Text


class NotMeasured(_Entry):
    """Something the plan asks for that no table can show, and why."""

    item: Text
    what: Text
    why: Text


class Document(_Entry):
    """A legal text that rules refer to. ``read``: the text itself was at hand when the rule was written."""

    number: Text
    title: Text
    valid_from: Whole | None = None
    valid_to: Whole | None = None
    read: Flag


class SipasSettings(_Entry):
    """How answers become satisfaction indices (method of the ministry, not read: see ``verified``).

    The ministry's text, as far as it is known, has no intervals: those are ours. ``small_interval`` stands in for
    ``interval`` below ``small_respondents`` respondents, and where fewer than ``small_answers`` answers are satisfied,
    or fewer are not.
    """

    satisfied: tuple[Annotated[Whole, Field(ge=1, le=5)], ...]
    factor_index: Literal["pooled", "mean_of_items"]
    overall: Literal["mean_of_factors", "pooled", "direct"]
    confidence: Annotated[Number, Field(ge=0.5, lt=1)] = 0.95
    interval: IntervalMethod = "logit"
    small_interval: IntervalMethod = "beta"
    small_respondents: Annotated[Whole, Field(ge=0)] = 30
    small_answers: Annotated[Whole, Field(ge=0)] = 5
    legal_basis: Text
    verified: Flag


class ReportingSettings(_Entry):
    """Which window official reports take by default."""

    window: Literal["decree09", "calendar"]
    legal_basis: Text
    verified: Flag


class QualitySettings(_Entry):
    """What the data-quality report warns of."""

    late_after_days: Annotated[Whole, Field(ge=1)] = 31


class Settings(_Entry):
    """Conventions that hold for all indicators of the plan year."""

    sipas: SipasSettings
    reporting: ReportingSettings
    quality: QualitySettings = QualitySettings()


class Criterion(_Entry):
    """One sub-index of the service-quality index; without ``source`` our tables cannot assess it."""

    code: Text
    name: Text
    max_points: Annotated[Number, Field(gt=0)]
    source: Text | None = None
    full_from: Annotated[Number, Field(gt=0, le=1)] | None = None


class Rating(_Entry):
    """A grade and the value (0–100) from which it holds."""

    start: Annotated[Number, Field(ge=0, le=100)] = Field(alias="from")
    name: Text


class ServiceQuality(_Entry):
    """The service-quality index "766": points by criterion, grades from the highest down."""

    legal_basis: Text
    verified: Flag
    ratings: tuple[Rating, ...]
    criteria: tuple[Criterion, ...]

    def rating(self, value: float) -> str:
        """Return the name of the grade of ``value`` (0–100)."""
        return next(r.name for r in self.ratings if value >= r.start)

    @model_validator(mode="after")
    def _complete(self) -> ServiceQuality:
        starts = [r.start for r in self.ratings]
        if starts != sorted(set(starts), reverse=True) or starts[-1:] != [0]:
            raise problem("ratings_order")
        total = sum(c.max_points for c in self.criteria)
        if total != 100:
            raise problem("points_total", total=f"{total:g}")
        return self


class Catalogue(_Entry):
    """All that is measured in one plan year. ``load_catalogue`` makes it and has checked it as a whole."""

    year: Whole
    version: Text
    language: Text = "vi"
    title: Text
    source: Text
    issuer: Text
    settings: Settings
    service_quality: ServiceQuality
    documents: tuple[Document, ...]
    due_rules: tuple[DueRule, ...]
    expected: tuple[Expected, ...] = ()
    alerts: tuple[Alert, ...] = ()
    not_measured: tuple[NotMeasured, ...] = ()
    indices: tuple[Index, ...]
    components: tuple[Component, ...]
    items: tuple[PlanItem, ...]
    indicators: tuple[Indicator, ...]

    @cached_property
    def component_ids(self) -> tuple[str, ...]:
        """Ids of the components of A, then B, in the plan's order (``P`` belongs to neither)."""
        return tuple(c.id for c in self.components if c.index is not None)

    def component(self, id: str) -> Component:
        """Return the component ``id``; KeyError if there is none."""
        return self._components[id]

    def item(self, id: str) -> PlanItem:
        """Return the plan item ``id``; KeyError if there is none."""
        return self._items[id]

    def indicator(self, id: str) -> Indicator:
        """Return the indicator ``id``; KeyError if there is none."""
        return self._indicators[id]

    def of_component(self, id: str) -> tuple[Indicator, ...]:
        """Return the indicators of a component, in the plan's order ("A" gives the overall index alone)."""
        return tuple(i for i in self.indicators if i.component == id)

    def of_item(self, id: str) -> tuple[Indicator, ...]:
        """Return the indicators of a plan item, in the plan's order."""
        return tuple(i for i in self.indicators if i.plan_item == id)

    def due_rule(self, item: str, subtype: str | None = None) -> DueRule:
        """Return the rule that gives a deliverable its due date: item and subtype, else item, else "*"."""
        rules = self._due_rules
        return rules.get((item, subtype)) or rules.get((item, None)) or rules["*", None]

    @cached_property
    def _due_rules(self) -> dict[tuple[str, str | None], DueRule]:
        return {(r.item, r.subtype): r for r in self.due_rules}

    @cached_property
    def _components(self) -> dict[str, Component]:
        return {c.id: c for c in self.components}

    @cached_property
    def _items(self) -> dict[str, PlanItem]:
        return {i.id: i for i in self.items}

    @cached_property
    def _indicators(self) -> dict[str, Indicator]:
        return {i.id: i for i in self.indicators}
