"""Oracle, part sources: reads `<table>[_<period>][_<YYYYMMDD>].csv` into lists of dicts by the import rules.

Only canonical English columns and codes, ISO dates, true/false. Standard library only.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from fractions import Fraction
from pathlib import Path
from typing import Any

from reference_time import last_month_of_label

Row = dict[str, Any]
VIETNAM = timezone(timedelta(hours=7))
FACTORS = {"access": "A.I", "procedure": "A.II", "staff": "A.III", "result": "A.IV", "feedback": "A.V"}
ITEM = re.compile(r"(access|procedure|staff|result|feedback)_\d+")

# name -> type; "!" may not be empty; "{a b}" an enum; "count" an int that may not be negative.
TABLES: dict[str, dict[str, str]] = {
    "units": {
        "unit_code": "text!", "unit_name": "text!", "kind": "{division affiliate}!",
        "active_from": "date", "active_to": "date",
    },
    "procedures": {
        "procedure_code": "text!", "procedure_name": "text!", "field": "text!", "unit_code": "text!",
        "online_level": "{full partial none}!", "has_fee": "bool!", "central_decision_on": "date",
        "proposal_submitted_on": "date", "announced_on": "date", "workflow_submitted_on": "date",
        "process_approved_on": "date", "portal_requested_on": "date", "onestop_requested_on": "date",
        "website_published_on": "date", "simplification_proposed_on": "date", "abolished_on": "date",
    },
    "cases": {
        "case_id": "text!", "procedure_code": "text!", "unit_code": "text!", "officer_id": "text",
        "applicant_kind": "{person organisation}", "channel": "{online in_person postal}!",
        "received_at": "datetime!", "due_at": "datetime", "finished_at": "datetime",
        "outcome": "{granted refused withdrawn}", "supplement_requests": "count", "supplement_forms": "count",
        "refusal_form": "bool", "apology_forms": "count", "visits": "count", "progress_published": "bool",
        "result_published": "bool", "fee_vnd": "int", "paid_online": "bool", "digitised": "bool",
        "result_electronic": "bool", "data_reused": "bool",
    },
    "survey_responses": {
        "response_id": "text!", "answered_on": "date!", "unit_code": "text!", "field": "text",
        "respondent_kind": "text", "gender": "text", "age_band": "text", "channel": "text",
        "weight": "number", "comment": "text", "overall": "answer",
    },
    "survey_frame": {"unit_code": "text!", "period": "text!", "population": "count!"},
    "feedback": {
        "feedback_id": "text!", "kind": "{regulation conduct case_handling praise other}!",
        "source": "{hotline portal website direct}", "unit_code": "text!", "officer_named": "bool",
        "case_id": "text", "received_on": "date!", "due_on": "date", "answered_on": "date",
        "sender_informed_on": "date", "published_on": "date",
    },
    "assigned_tasks": {
        "task_id": "text!", "title": "text", "unit_code": "text!", "assigned_by": "{province department}!",
        "assigned_on": "date!", "due_on": "date!", "completed_on": "date", "result_attached": "bool",
    },
    "deliverables": {
        "deliverable_id": "text!", "plan_year": "int!", "plan_item": "text!", "plan": "text",
        "subtype": "text", "kind": "{task report decision proposal publication notice list}!",
        "title": "text!", "unit_code": "text!", "period": "period", "due_on": "date", "done_on": "date",
        "evidence": "text",
    },
    "documents": {
        "document_id": "text!", "direction": "{incoming outgoing}!", "unit_code": "text!",
        "registered_on": "date!", "digitised": "bool", "processed_online": "bool",
        "approved_online": "bool", "signed_digitally": "bool",
    },
    "work_files": {
        "file_id": "text!", "unit_code": "text!", "opened_on": "date!", "electronic": "bool!",
    },
    "personnel": {
        "event_id": "text!",
        "kind": "{appointment reappointment training discipline rotation record_change}!",
        "unit_code": "text!", "staff_id": "text", "event_on": "date!", "due_on": "date", "done_on": "date",
        "compliant": "bool", "level": "text",
    },
    "budget": {
        "line_id": "text!", "as_of": "date!", "budget_year": "int!", "unit_code": "text!",
        "kind": "{investment admin}!", "planned_vnd": "int", "allocated_vnd": "int",
        "disbursed_vnd": "int", "spent_vnd": "int",
    },
    "inspections": {
        "inspection_id": "text!", "kind": "{par discipline decentralisation}!", "unit_code": "text!",
        "planned_on": "date!", "inspected_on": "date", "concluded_on": "date", "findings": "count",
        "findings_resolved": "count",
    },
    "initiatives": {
        "initiative_id": "text!", "title": "text!", "unit_code": "text!", "applied_on": "date",
        "recognised_on": "date", "decision_no": "text",
    },
}  # fmt: skip

KEYS = {table: (next(iter(columns)),) for table, columns in TABLES.items()}
KEYS["budget"] = ("line_id", "as_of")
KEYS["survey_frame"] = ("unit_code", "period")


class BadValue(Exception):
    """A cell that does not parse; the row is rejected."""


def parse_date(text: str) -> date:
    """An ISO day; of a timestamp the local day."""
    return parse_datetime(text).date()


def parse_datetime(text: str) -> datetime:
    """Local time of Vietnam without offset; a bare day is its midnight."""
    if not re.match(r"\d{4}-\d{2}-\d{2}", text):
        raise BadValue(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadValue(text) from error
    if moment.tzinfo is not None:
        moment = moment.astimezone(VIETNAM).replace(tzinfo=None)
    return moment


def parse_int(text: str) -> int:
    """A whole number, also one that a spreadsheet wrote as 3.0."""
    if not re.fullmatch(r"[+-]?\d+(\.0)?", text):
        raise BadValue(text)
    return int(text.removesuffix(".0"))


def parse_count(text: str) -> int:
    """A whole number that is not negative."""
    number = parse_int(text)
    if number < 0:
        raise BadValue(text)
    return number


def parse_number(text: str) -> Fraction:
    """A decimal number, exact."""
    if not re.fullmatch(r"[+-]?\d+(\.\d+)?", text):
        raise BadValue(text)
    return Fraction(text)


def parse_bool(text: str) -> bool:
    """True or false."""
    try:
        return {"true": True, "false": False}[text.casefold()]
    except KeyError as error:
        raise BadValue(text) from error


def parse_answer(text: str) -> int | None:
    """1–5; don't-know codes and values outside the scale leave the cell empty, never the row."""
    return int(text[0]) if re.fullmatch(r"[1-5](\.0)?", text) else None


PARSERS: dict[str, Callable[[str], Any]] = {
    "text": str,
    "period": str,
    "date": parse_date,
    "datetime": parse_datetime,
    "int": parse_int,
    "count": parse_count,
    "number": parse_number,
    "bool": parse_bool,
    "answer": parse_answer,
}


def parse_cell(kind: str, text: str | None) -> Any:
    """The cell's value; None if blank; BadValue if it is required and blank, or does not parse."""
    required = kind.endswith("!")
    kind = kind.removesuffix("!")
    text = (text or "").strip()
    if text == "":
        if required:
            raise BadValue("empty")
        return None
    if kind.startswith("{"):
        if text not in kind[1:-1].split():
            raise BadValue(text)
        return text
    return PARSERS[kind](text)


def finished_before_received(received: datetime, finished: datetime) -> bool:
    """By timestamp where both have a time (00:00:00 counts as none), else by date."""
    if received.time() != datetime.min.time() and finished.time() != datetime.min.time():
        return finished < received
    return finished.date() < received.date()


def check_row(table: str, row: Row, exported: date | None, known: dict[str, set[str]]) -> None:
    """Raise BadValue where a rule over several cells rejects the row."""
    if table != "units" and "units" in known and row["unit_code"] not in known["units"]:
        raise BadValue("unknown unit")
    if table == "cases":
        if "procedures" in known and row["procedure_code"] not in known["procedures"]:
            raise BadValue("unknown procedure")
        if row["finished_at"] and finished_before_received(row["received_at"], row["finished_at"]):
            raise BadValue("finished before received")
        if exported and row["received_at"].date() > exported:
            raise BadValue("received after the export")
    if table == "feedback" and exported and row["received_on"] > exported:
        raise BadValue("received after the export")
    if table == "inspections":
        findings, resolved = row["findings"], row["findings_resolved"]
        if findings is not None and resolved is not None and resolved > findings:
            raise BadValue("resolved > findings")
    if table == "deliverables" and row["period"] is not None:
        row["period_end"] = last_month_of_label(row["period"], row["plan_year"])
        if row["period_end"] is None:
            raise BadValue("period")


def split_name(stem: str) -> tuple[str, date | None] | None:
    """(table, export date) of a file's stem; None if it is no table."""
    for table in sorted(TABLES, key=len, reverse=True):
        found = re.fullmatch(rf"{table}(_\d{{4}}(-[A-Z0-9]+)?)?(_(\d{{8}}))?", stem)
        if found:
            exported = datetime.strptime(found[4], "%Y%m%d").date() if found[4] else None
            return table, exported
    return None


class Source:
    """One table: accepted rows, the columns its files really had, and how many rows fell where."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.columns: set[str] = set()
        self.rejected = 0
        self.merged = 0
        self.superseded = 0


def content(row: Row) -> tuple[tuple[str, Any], ...]:
    """What makes two rows identical: all values that are there."""
    return tuple(sorted(((k, v) for k, v in row.items() if v is not None), key=lambda kv: kv[0]))


def resolve_duplicates(table: str, good: list[tuple[Row, date | None]], source: Source) -> None:
    """Merge identical rows; of conflicting ones the later export date wins, else all are rejected."""
    by_key: dict[tuple[Any, ...], list[tuple[Row, date | None]]] = defaultdict(list)
    for row, exported in good:
        by_key[tuple(row[k] for k in KEYS[table])].append((row, exported))
    for versions in by_key.values():
        latest: dict[Any, tuple[Row, date | None]] = {}
        for row, exported in versions:
            seen = latest.get(content(row))
            if seen is None:
                latest[content(row)] = (row, exported)
                continue
            source.merged += 1
            if exported is not None and (seen[1] is None or exported > seen[1]):
                latest[content(row)] = (row, exported)
        different = list(latest.values())
        if len(different) == 1:
            source.rows.append(different[0][0])
            continue
        dates = [exported for _, exported in different]
        if any(exported is None for exported in dates):
            source.rejected += len(different)
            continue
        newest = max(d for d in dates if d is not None)
        winners = [row for row, exported in different if exported == newest]
        source.superseded += len(different) - len(winners)
        if len(winners) == 1:
            source.rows.append(winners[0])
        else:
            source.rejected += len(winners)


def read_folder(folder: Path) -> dict[str, Source]:
    """All fourteen tables, reference tables first."""
    sources = {table: Source() for table in TABLES}
    files: dict[str, list[tuple[Path, date | None]]] = defaultdict(list)
    for path in sorted(folder.glob("*.csv")):
        named = split_name(path.stem)
        if named:
            files[named[0]].append((path, named[1]))
    known: dict[str, set[str]] = {}
    for table, columns in TABLES.items():  # units and procedures come first
        source = sources[table]
        data_rows = 0
        good: list[tuple[Row, date | None]] = []
        for path, exported in files[table]:
            with path.open(encoding="utf-8-sig", newline="") as stream:
                reader = csv.DictReader(stream)
                header = [name for name in reader.fieldnames or [] if name]
                items = [name for name in header if table == "survey_responses" and ITEM.fullmatch(name)]
                source.columns |= {name for name in header if name in columns} | set(items)
                for cells in reader:
                    data_rows += 1
                    try:
                        row = {name: parse_cell(kind, cells.get(name)) for name, kind in columns.items()}
                        row |= {name: parse_cell("answer", cells.get(name)) for name in items}
                        check_row(table, row, exported, known)
                    except BadValue:
                        source.rejected += 1
                        continue
                    good.append((row, exported))
        resolve_duplicates(table, good, source)
        # An empty file is like a missing one: nothing can be checked against it.
        if table in ("units", "procedures") and data_rows:
            known[table] = {row[KEYS[table][0]] for row in source.rows}
    return sources
