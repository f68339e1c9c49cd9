"""Oracle: every indicator, the case balance and the satisfaction table as plain loops over lists of dicts.

Written from the specification alone, line by line, and never from the package it checks. Numbers are exact
fractions until they are handed back. Standard library only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

from reference_rules import COUNTS, EVENTS, NEEDS, NO_TARGET_IN_UNITS, OWN_DATE, RULES
from reference_sources import FACTORS, ITEM, Row, Source, read_folder
from reference_time import Window, plus_working_days, window_of


@dataclass
class Figure:
    """A numerator over a denominator (None for counts), and how many rows the figure counts."""

    numerator: Fraction | None
    denominator: Fraction | None
    rows: int
    value: Fraction | None = None


def seen_at(sources: dict[str, Source], day: date) -> dict[str, list[Row]]:
    """All tables as they stand at D, timestamps as local days."""
    tables: dict[str, list[Row]] = {}
    for table, source in sources.items():
        tables[table] = []
        for stored in source.rows:
            row = {k: v.date() if isinstance(v, datetime) else v for k, v in stored.items()}
            own = OWN_DATE.get(table)
            if own and row[own] > day:
                continue
            for event in EVENTS.get(table, ()):
                if row[event] is not None and row[event] > day:
                    row[event] = None
            tables[table].append(row)
    return tables


def share(rows: Iterable[Row], condition: Callable[[Row], Any]) -> Figure:
    """How many of the rows fulfil the condition."""
    rows = list(rows)
    fulfilled = sum(1 for row in rows if condition(row))
    return Figure(Fraction(fulfilled), Fraction(len(rows)), len(rows))


def count(rows: Iterable[Row]) -> Figure:
    """How many rows."""
    number = len(list(rows))
    return Figure(Fraction(number), None, number)


def by(event: date | None, due: date) -> bool:
    """The event happened no later than the due date."""
    return event is not None and event <= due


def deliverable_due(row: Row) -> date | None:
    """`due_on`, else what the catalogue supplies."""
    if row["due_on"] is not None:
        return row["due_on"]
    item, year = row["plan_item"], row["plan_year"]
    if item in ("B.I.1", "B.I.3"):
        return date(year, 12, 13)
    if item in ("B.I.4", "B.III.11"):
        if row["period"] is None:
            return None
        period_year, last_month = row["period_end"]
        return date(period_year, last_month, 13 if item == "B.I.4" else 19)
    if item == "B.II.1":
        if row["subtype"] == "document_review":
            return date(year, 12, 14)
        if row["subtype"] == "law_implementation":
            return date(year, 12, 4)
        return None
    if item == "B.IV.2":
        return date(year, 3, 31)
    if item == "III.2":
        return date(year, 12, 4)
    return date(year, 12, 31)


def is_active_unit(row: Row, day: date) -> bool:
    """`active_from` blank or <= day, and `active_to` blank or >= day."""
    started = row["active_from"] is None or row["active_from"] <= day
    ended = row["active_to"] is not None and row["active_to"] < day
    return started and not ended


def is_active_procedure(row: Row, day: date) -> bool:
    """Announced by the day and not abolished by it."""
    return by(row["announced_on"], day) and not by(row["abolished_on"], day)


def working_due(event: date | None, days: int, w: Window) -> date | None:
    """The event plus working days; events more than 31 days before P are not computed."""
    if event is None or event < w.start - timedelta(days=31):
        return None
    return plus_working_days(event, days)


def calendar_due(event: date | None, days: int) -> date | None:
    """The event plus calendar days, counted from the day after it."""
    return None if event is None else event + timedelta(days=days)


def procedure_figures(procedures: list[Row], w: Window) -> dict[str, Figure]:
    """What the list of procedures gives."""
    a_i_1, b_iii_1, b_iii_2, b_iii_3 = [], [], [], []
    for row in procedures:
        due = working_due(row["process_approved_on"], 3, w)
        if w.in_p(due):
            a_i_1.append(row | {"due": due})
        due = calendar_due(row["central_decision_on"], 20)
        if w.in_y(due):
            b_iii_1.append(row | {"due": due})
        due = calendar_due(row["announced_on"], 30)
        if w.in_p(due):
            b_iii_2.append(row | {"due": due})
        due = calendar_due(row["process_approved_on"], 3)
        if w.in_p(due):
            b_iii_3.append(row | {"due": due})
    active = [row for row in procedures if is_active_procedure(row, w.as_of)]
    return {
        "A.I.1": share(a_i_1, lambda r: by(r["portal_requested_on"], r["due"])),
        "A.II.1c": count(r for r in procedures if w.in_y(r["simplification_proposed_on"])),
        "B.III.1": share(b_iii_1, lambda r: by(r["proposal_submitted_on"], r["due"])),
        "B.III.2": share(b_iii_2, lambda r: by(r["workflow_submitted_on"], r["due"])),
        "B.III.3": share(b_iii_3, lambda r: by(r["onestop_requested_on"], r["due"])),
        "B.III.4a": share(active, lambda r: by(r["website_published_on"], w.as_of)),
    }


def case_figures(cases: list[Row], procedures: dict[str, Row], w: Window) -> dict[str, Figure]:
    """What the one-stop system gives, `766.*` among it."""
    d = w.as_of
    received = [r for r in cases if w.in_p(r["received_at"])]
    finished = [r for r in cases if w.in_p(r["finished_at"])]
    finished_with_due = [r for r in finished if r["due_at"] is not None]
    open_at_d = [r for r in cases if r["finished_at"] is None]
    became_late = [
        r
        for r in cases
        if r["due_at"] is not None
        and w.start - timedelta(days=1) <= r["due_at"] <= d - timedelta(days=1)
        and (r["finished_at"] is None or r["finished_at"] > r["due_at"])
    ]

    def online(row: Row) -> bool:
        return row["channel"] == "online"

    def of_procedure(row: Row) -> Row:
        return procedures.get(row["procedure_code"], {"online_level": None, "has_fee": None})

    on_online = [r for r in received if of_procedure(r)["online_level"] in ("full", "partial")]
    on_full = [r for r in received if of_procedure(r)["online_level"] == "full"]
    with_fee = [r for r in received if of_procedure(r)["has_fee"]]

    def distinct(rows: list[Row]) -> Fraction:
        return Fraction(len({r["procedure_code"] for r in rows}))

    def requests(row: Row) -> int:
        return row["supplement_requests"] if row["supplement_requests"] is not None else -1

    def in_time_766(row: Row) -> bool:
        moment = row["finished_at"] or d
        return moment <= row["due_at"] and 0 <= requests(row) <= 1

    return {
        "A.I.3": share(received, lambda r: r["channel"] in ("online", "postal")),
        "A.II.1a": share(finished, lambda r: requests(r) >= 1),
        "A.II.1b": share(finished, lambda r: r["outcome"] == "refused"),
        "A.IV.1a": share(finished_with_due, lambda r: r["finished_at"] <= r["due_at"]),
        "A.IV.1b": share(finished_with_due, lambda r: r["finished_at"] < r["due_at"]),
        "A.IV.1c": share(finished, lambda r: r["visits"] is not None and r["visits"] > 2),
        "B.III.4b": share(received, lambda r: r["progress_published"]),
        "B.III.4c": share(finished, lambda r: r["result_published"]),
        "B.III.6a": share(
            (r for r in finished if requests(r) >= 1),
            lambda r: r["supplement_forms"] is not None and r["supplement_forms"] >= requests(r),
        ),
        "B.III.6b": share(finished, lambda r: 0 <= requests(r) <= 1),
        "B.III.6c": share((r for r in finished if r["outcome"] == "refused"), lambda r: r["refusal_form"]),
        "B.III.6d": share(became_late, lambda r: r["apology_forms"] is not None and r["apology_forms"] >= 1),
        "B.III.7a": share((r for r in finished if r["outcome"] == "granted"), lambda r: r["result_electronic"]),
        "B.III.7b": share(received, lambda r: r["digitised"]),
        "B.III.7c": share(received, lambda r: r["data_reused"]),
        "B.III.8": share(finished_with_due, lambda r: r["finished_at"] <= r["due_at"]),
        "B.III.8b": count(r for r in open_at_d if r["due_at"] is not None and r["due_at"] < d),
        "B.VII.4a": share(on_online, online),
        "B.VII.4b": Figure(distinct([r for r in on_online if online(r)]), distinct(on_online), len(on_online)),
        "B.VII.4c": Figure(distinct([r for r in with_fee if r["paid_online"]]), distinct(with_fee), len(with_fee)),
        "B.VII.4d": share(with_fee, lambda r: r["paid_online"]),
        "766.2.1": share((r for r in finished + open_at_d if r["due_at"] is not None), in_time_766),
        "766.online": share(on_full, online),
    }


def feedback_figures(feedback: list[Row], w: Window) -> dict[str, Figure]:
    """What the petition system gives."""
    regulation = [r for r in feedback if r["kind"] == "regulation"]
    publish = []
    for row in regulation:
        due = working_due(row["answered_on"], 2, w)
        if w.in_p(due):
            publish.append(row | {"due": due})
    return {
        "A.III.1": count(
            r
            for r in feedback
            if w.in_p(r["received_on"]) and (r["kind"] == "conduct" or (r["officer_named"] and r["kind"] != "praise"))
        ),
        "A.V.1b": share(
            (r for r in feedback if r["kind"] != "praise" and w.in_p(r["due_on"])),
            lambda r: by(r["answered_on"], r["due_on"]) and by(r["sender_informed_on"], r["due_on"]),
        ),
        "B.III.10a": share((r for r in regulation if w.in_p(r["due_on"])), lambda r: by(r["answered_on"], r["due_on"])),
        "B.III.10b": share(publish, lambda r: by(r["published_on"], r["due"])),
    }


def deliverable_figures(deliverables: list[Row], w: Window) -> dict[str, Figure]:
    """What the register of plan tasks gives."""

    def completed(row: Row) -> bool:
        return by(row["done_on"], w.as_of) and row["evidence"] is not None

    def on_time(row: Row) -> bool:
        due = deliverable_due(row)
        return completed(row) and due is not None and row["done_on"] <= due

    def of_year(item: str) -> list[Row]:
        return [r for r in deliverables if r["plan_item"] == item and r["plan_year"] == w.plan_year]

    def due_in_p(item: str) -> list[Row]:
        return [r for r in deliverables if r["plan_item"] == item and w.in_p(deliverable_due(r))]

    def due_in_y(item: str) -> list[Row]:
        return [r for r in deliverables if r["plan_item"] == item and w.in_y(deliverable_due(r))]

    return {
        "A.I.2": share(due_in_p("A.I.2"), on_time),
        "A.V.1a": share(of_year("A.V.1"), completed),
        "B.I.1": share(of_year("B.I.1"), completed),
        "B.I.2b": share(of_year("B.I.2"), completed),
        "B.I.3": share(of_year("B.I.3"), completed),
        "B.I.4": share(due_in_y("B.I.4"), on_time),
        "B.I.7": share(due_in_y("B.I.7"), completed),
        "B.II.1": share(due_in_y("B.II.1"), on_time),
        "B.II.2": share(of_year("B.II.2"), completed),
        "B.III.5": share(of_year("B.III.5"), completed),
        "B.III.11": share(due_in_y("B.III.11"), on_time),
        "B.IV.1": share(of_year("B.IV.1"), completed),
        "B.IV.2": share(of_year("B.IV.2"), on_time),
        "B.IV.3": share(due_in_y("B.IV.3"), completed),
        "B.IV.4": share(of_year("B.IV.4"), completed),
        "B.V.2": share(of_year("B.V.2"), completed),
        "B.V.5": share(of_year("B.V.5"), completed),
        "B.VI.1": share(due_in_y("B.VI.1"), on_time),
        "B.VI.2": share(of_year("B.VI.2"), completed),
        "B.VI.3a": share(of_year("B.VI.3"), completed),
        "B.VII.1": share(of_year("B.VII.1"), completed),
        "B.VII.5": share(of_year("B.VII.5"), completed),
        "P.III.2": share(of_year("III.2"), on_time),
    }


def task_figures(tasks: list[Row], w: Window) -> dict[str, Figure]:
    """What the task-reminder software gives."""
    province = [r for r in tasks if r["assigned_by"] == "province" and w.in_y(r["due_on"])]
    late = [
        r
        for r in province
        if (r["completed_on"] is not None and r["completed_on"] > r["due_on"])
        or (r["completed_on"] is None and r["due_on"] < w.as_of)
    ]
    return {
        "B.I.5a": share(province, lambda r: by(r["completed_on"], w.as_of) and r["result_attached"]),
        "B.I.5b": share(province, lambda r: r["completed_on"] is not None and r["completed_on"] < r["due_on"]),
        "B.I.5c": Figure(Fraction(len(late)), None, len(late)),
    }


def inspection_figures(inspections: list[Row], units: list[Row], w: Window) -> dict[str, Figure]:
    """What the inspection plan gives."""
    held = {r["unit_code"] for r in inspections if r["kind"] == "par" and w.in_y(r["inspected_on"])}
    active = [r for r in units if is_active_unit(r, w.as_of)]

    def planned(kind: str) -> list[Row]:
        return [r for r in inspections if r["kind"] == kind and w.in_y(r["planned_on"])]

    inspected = [r for r in inspections if r["kind"] == "decentralisation" and w.in_y(r["inspected_on"])]
    return {
        "A.III.2": share(planned("discipline"), lambda r: by(r["inspected_on"], w.as_of)),
        "B.I.2a": share(active, lambda r: r["unit_code"] in held),
        "B.IV.5a": share(planned("decentralisation"), lambda r: by(r["inspected_on"], w.as_of)),
        "B.IV.5b": Figure(
            Fraction(sum(r["findings_resolved"] or 0 for r in inspected if r["findings"] is not None)),
            Fraction(sum(r["findings"] or 0 for r in inspected)),
            len(inspected),
        ),
    }


def personnel_figures(personnel: list[Row], w: Window) -> dict[str, Figure]:
    """What the staff software gives."""
    appointed = [r for r in personnel if r["kind"] in ("appointment", "reappointment") and w.in_y(r["due_on"])]
    called = [r for r in personnel if r["kind"] == "training" and w.in_y(r["due_on"])]
    disciplined = [r for r in personnel if r["kind"] == "discipline" and w.in_y(r["event_on"])]
    people = len({r["staff_id"] for r in disciplined if r["staff_id"] is not None})
    people += sum(1 for r in disciplined if r["staff_id"] is None)
    changes = []
    for row in personnel:
        if row["kind"] == "record_change":
            due = row["due_on"] or calendar_due(row["event_on"], 5)
            if w.in_p(due):
                changes.append(row | {"due": due})
    return {
        "B.V.1": share(appointed, lambda r: r["compliant"] and by(r["done_on"], r["due_on"])),
        "B.V.3": share(called, lambda r: by(r["done_on"], w.as_of)),
        "B.V.4": Figure(Fraction(people), None, len(disciplined)),
        "B.V.6": share(changes, lambda r: by(r["done_on"], r["due"])),
    }


def latest_lines(budget: list[Row], w: Window) -> list[Row]:
    """The latest snapshot of every line with as_of <= D and the plan year's budget."""
    latest: dict[str, Row] = {}
    for row in budget:
        if row["as_of"] <= w.as_of and row["budget_year"] == w.plan_year:
            seen = latest.get(row["line_id"])
            if seen is None or row["as_of"] > seen["as_of"]:
                latest[row["line_id"]] = row
    return list(latest.values())


def budget_figures(lines: list[Row]) -> dict[str, Figure]:
    """What the snapshots give; a line with a blank amount leaves both sums."""
    admin = [r for r in lines if r["kind"] == "admin" and r["planned_vnd"] is not None and r["spent_vnd"] is not None]
    investment = [
        r
        for r in lines
        if r["kind"] == "investment" and r["allocated_vnd"] is not None and r["disbursed_vnd"] is not None
    ]
    return {
        "B.VI.3b": Figure(
            Fraction(sum(r["planned_vnd"] - r["spent_vnd"] for r in admin)),
            Fraction(sum(r["planned_vnd"] for r in admin)),
            len(admin),
        ),
        "B.VI.4": Figure(
            Fraction(sum(r["disbursed_vnd"] for r in investment)),
            Fraction(sum(r["allocated_vnd"] for r in investment)),
            len(investment),
        ),
    }


def document_figures(documents: list[Row], files: list[Row], w: Window) -> dict[str, Figure]:
    """What E-office gives."""
    registered = [r for r in documents if w.in_p(r["registered_on"])]
    incoming = [r for r in registered if r["direction"] == "incoming"]
    outgoing = [r for r in registered if r["direction"] == "outgoing"]
    return {
        "B.VII.2a": share(incoming, lambda r: r["digitised"] and r["processed_online"]),
        "B.VII.2b": share(outgoing, lambda r: r["approved_online"]),
        "B.VII.2c": share(outgoing, lambda r: r["signed_digitally"]),
        "B.VII.3": share((r for r in files if w.in_p(r["opened_on"])), lambda r: r["electronic"]),
    }


# "766": figure, maximum, share from which the points are full.
SUB_INDICES = [
    ("766.2.1", 20, Fraction(1)),
    ("766.online", 12, Fraction(1)),
    ("B.VII.4c", 2, Fraction(1)),
    ("B.VII.4d", 6, Fraction(1)),
    ("B.III.7a", 6, Fraction(1)),
    ("B.III.7b", 4, Fraction(4, 5)),
    ("B.III.7c", 2, Fraction(4, 5)),
    ("B.III.10a", 6, Fraction(1)),
]


def index_766(figures: dict[str, Figure]) -> Figure:
    """Points over the points assessable; sub-indices without a denominator are not applicable."""
    points, assessable, rows = Fraction(0), Fraction(0), 0
    for name, maximum, threshold in SUB_INDICES:
        figure = figures[name]
        rows += figure.rows
        if figure.denominator:
            assert figure.numerator is not None
            ratio = figure.numerator / figure.denominator
            points += min(ratio / threshold, Fraction(1)) * maximum
            assessable += maximum
    value = 100 * points / assessable if assessable else None
    return Figure(points, assessable, rows, value)


class Survey:
    """The responses of P with the run's one decision on weights."""

    def __init__(self, responses: list[Row], frame: list[Row], items: list[str], period: str, w: Window):
        self.items = items
        self.responses = [r for r in responses if w.in_p(r["answered_on"])]
        per_unit: dict[str, int] = defaultdict(int)
        for row in self.responses:
            per_unit[row["unit_code"]] += 1
        population = {r["unit_code"]: r["population"] for r in frame if r["period"] == period}
        if self.responses and all(unit in population for unit in per_unit):
            self.weighting = "frame"
            for row in self.responses:
                row["w"] = Fraction(population[row["unit_code"]], per_unit[row["unit_code"]])
        elif self.responses and all(r["weight"] is not None for r in self.responses):
            self.weighting = "weight"
            for row in self.responses:
                row["w"] = row["weight"]
        else:
            self.weighting = "none"
            for row in self.responses:
                row["w"] = Fraction(1)

    def pooled(self, unit: str | None, columns: list[str]) -> dict[str, Any]:
        """Satisfied and valid answers (weighted) in the columns; respondents with and without one."""
        satisfied = valid = Fraction(0)
        n = missing = 0
        for row in self.responses:
            if unit is not None and row["unit_code"] != unit:
                continue
            answers = [row[c] for c in columns if row.get(c) is not None]
            if answers:
                n += 1
            else:
                missing += 1
            valid += row["w"] * len(answers)
            satisfied += row["w"] * sum(1 for a in answers if a >= 4)
        return {
            "n": n,
            "n_missing": missing,
            "numerator": satisfied,
            "denominator": valid,
            "share": satisfied / valid if valid else None,
            "weighting": self.weighting,
        }

    def table(self, unit: str | None, direct: bool) -> dict[tuple[str, str], dict[str, Any]]:
        """(level, code) -> cell for one unit."""
        cells = {("item", item): self.pooled(unit, [item]) for item in self.items}
        shares = []
        for name, factor in FACTORS.items():
            cell = self.pooled(unit, [i for i in self.items if i.startswith(f"{name}_")])
            cells["factor", factor] = cell
            shares.append(cell["share"])
        overall = self.pooled(unit, self.items)
        overall["denominator"] = Fraction(5)
        complete = all(s is not None for s in shares)
        overall["numerator"] = sum(shares, Fraction(0)) if complete else None
        overall["share"] = overall["numerator"] / 5 if complete else None
        cells["overall", "sipas"] = overall
        if direct:
            cells["direct", "overall"] = self.pooled(unit, ["overall"])
        return cells


def compare(value: Fraction, comparator: str, target: Fraction) -> bool:
    """The value stands to the target as the comparator says."""
    return {">=": value >= target, ">": value > target, "==": value == target}[comparator]


def attained(value: Fraction, comparator: str, target: Fraction, is_count: bool) -> Fraction:
    """Attainment of the target, 0 to 1."""
    if is_count and comparator == "==" and target == 0:
        return Fraction(1) if value == 0 else Fraction(0)
    return max(Fraction(0), min(Fraction(1), value / target))


def as_float(number: Fraction | None) -> float | None:
    """A float at the very end."""
    return None if number is None else float(number)


def judged(indicator: str, unit: str | None, figure: Figure, has_tables: bool, w: Window) -> dict[str, Any]:
    """One row of the result table."""
    window, comparator, target_text, deadline_rule = RULES[indicator]
    if unit is not None and indicator in NO_TARGET_IN_UNITS:
        comparator = target_text = deadline_rule = None
    target = None if target_text is None else Fraction(target_text)
    deadline = None if deadline_rule is None else date(w.plan_year, *deadline_rule)
    is_count = indicator in COUNTS

    numerator, denominator = figure.numerator, figure.denominator
    value = figure.value
    if not has_tables:
        numerator, denominator, value = (None, None, None) if is_count else (Fraction(0), Fraction(0), None)
    elif is_count:
        value = numerator
    elif value is None and denominator and numerator is not None:
        value = numerator / denominator

    attainment = None
    if value is None:
        status: str | None = "no_data"
    elif target is None or comparator is None:
        status = None
    else:
        attainment = attained(value, comparator, target, is_count)
        still_time = deadline is not None and deadline > w.as_of
        if indicator == "B.III.9":
            status = None
        elif indicator == "B.VI.3b" and still_time:
            status = "pending"
        elif compare(value, comparator, target):
            status = "met"
        elif still_time:
            status = "pending"
        else:
            status = "not_met"
    return {
        "numerator": as_float(numerator),
        "denominator": as_float(denominator),
        "value": as_float(value),
        "status": status,
        "target": as_float(target),
        "comparator": comparator,
        "attainment": as_float(attainment),
        "deadline": deadline,
        "window": window,
    }


BALANCE = (
    *("received_online", "received_direct", "carried_over", "total"),
    *("finished", "early", "on_time", "late", "finished_no_due"),
    *("open", "open_in_time", "open_overdue", "open_no_due"),
)


def case_balance(
    cases: list[Row], procedures: dict[str, Row], w: Window
) -> dict[tuple[str | None, str | None], dict[str, int]]:
    """Unit × field with margins: received, finished in P, open at D."""
    cells: dict[tuple[str | None, str | None], dict[str, int]] = {(None, None): dict.fromkeys(BALANCE, 0)}
    for row in cases:
        marks = []
        finished, due = row["finished_at"], row["due_at"]
        if w.in_p(row["received_at"]):
            marks += ["received_online" if row["channel"] == "online" else "received_direct", "total"]
        elif row["received_at"] < w.start and (finished is None or finished >= w.start):
            marks += ["carried_over", "total"]
        if w.in_p(finished):
            marks.append("finished")
            if due is None:
                marks.append("finished_no_due")
            elif finished < due:
                marks.append("early")
            elif finished == due:
                marks.append("on_time")
            else:
                marks.append("late")
        if finished is None:
            marks.append("open")
            if due is None:
                marks.append("open_no_due")
            else:
                marks.append("open_overdue" if due < w.as_of else "open_in_time")
        if not marks:
            continue
        unit = row["unit_code"]
        field = procedures[row["procedure_code"]]["field"] if row["procedure_code"] in procedures else None
        for key in {(unit, field), (unit, None), (None, field), (None, None)}:
            cell = cells.setdefault(key, dict.fromkeys(BALANCE, 0))
            for mark in marks:
                cell[mark] += 1
    for key, cell in cells.items():
        assert cell["total"] == cell["finished"] + cell["open"], (key, cell)
        assert cell["finished"] == sum(cell[m] for m in ("early", "on_time", "late", "finished_no_due"))
        assert cell["open"] == sum(cell[m] for m in ("open_in_time", "open_overdue", "open_no_due"))
    return cells


def has_what_it_needs(indicator: str, sources: dict[str, Source]) -> bool:
    """Every table it reads has an accepted row and every column it reads was there."""
    for name in NEEDS.get(indicator, "").split():
        table, column = name.split(".")
        if not sources[table].rows or column not in sources[table].columns:
            return False
    return True


def compute(folder: Path, period: str, window: str = "decree09", as_of: date | None = None) -> dict[str, Any]:
    """Indicators by (id, unit), case balance by (unit, field), satisfaction by (unit, level, code)."""
    w = window_of(period, window, as_of)
    sources = read_folder(folder)
    tables = seen_at(sources, w.as_of)
    procedures = {r["procedure_code"]: r for r in tables["procedures"]}
    lines = latest_lines(tables["budget"], w)
    items = sorted(c for c in sources["survey_responses"].columns if ITEM.fullmatch(c))
    survey = Survey(tables["survey_responses"], tables["survey_frame"], items, period, w)
    balance = case_balance(tables["cases"], procedures, w)

    def figures_of(unit: str | None) -> dict[str, Figure]:
        def own(rows: list[Row]) -> list[Row]:
            return [r for r in rows if unit is None or r["unit_code"] == unit]

        figures = {
            **procedure_figures(own(tables["procedures"]), w),
            **case_figures(own(tables["cases"]), procedures, w),
            **feedback_figures(own(tables["feedback"]), w),
            **deliverable_figures(own(tables["deliverables"]), w),
            **task_figures(own(tables["assigned_tasks"]), w),
            **inspection_figures(own(tables["inspections"]), own(tables["units"]), w),
            **personnel_figures(own(tables["personnel"]), w),
            **budget_figures(own(lines)),
            **document_figures(own(tables["documents"]), own(tables["work_files"]), w),
            "B.I.6": count(r for r in own(tables["initiatives"]) if w.in_y(r["recognised_on"])),
        }
        for name in figures:
            if not has_what_it_needs(name, sources):
                figures[name] = Figure(Fraction(0), Fraction(0), 0)
        figures["B.III.9"] = index_766(figures)
        cells = survey.table(unit, direct=False)
        for factor in FACTORS.values():
            cell = cells["factor", factor]
            figures[f"{factor}.index"] = Figure(cell["numerator"], cell["denominator"], cell["n"])
        overall = cells["overall", "sipas"]
        figures["sipas"] = Figure(overall["numerator"], overall["denominator"], overall["n"] + overall["n_missing"])
        return figures

    candidates = {r["unit_code"] for rows in tables.values() for r in rows}
    active_in_p = {
        r["unit_code"]
        for r in tables["units"]
        if (r["active_from"] is None or r["active_from"] <= w.as_of)
        and (r["active_to"] is None or r["active_to"] >= w.start)
    }
    in_balance = {unit for unit, _ in balance if unit is not None}
    units: list[str | None] = [None]
    indicators: dict[tuple[str, str | None], dict[str, Any]] = {}
    for unit in [None, *sorted(candidates | active_in_p)]:
        figures = figures_of(unit)
        counted = any(figure.rows for name, figure in figures.items() if name != "B.I.2a")
        if unit is not None and not (unit in active_in_p or unit in in_balance or counted):
            continue
        if unit is not None:
            units.append(unit)
        for indicator in RULES:
            has_tables = has_what_it_needs(indicator, sources)
            indicators[indicator, unit] = judged(indicator, unit, figures[indicator], has_tables, w)

    direct = "overall" in sources["survey_responses"].columns
    satisfaction = {}
    for unit in units:
        for (level, code), cell in survey.table(unit, direct).items():
            satisfaction[unit, level, code] = {
                "n": cell["n"],
                "n_missing": cell["n_missing"],
                "share": as_float(cell["share"]),
                "weighting": cell["weighting"],
            }
    return {"indicators": indicators, "case_balance": balance, "satisfaction": satisfaction}
