"""Random small folders of exported tables that sit on the boundaries of the rules. Standard library only.

Dates are drawn mostly from a set of special days (window edges, the as-of day, due days and their neighbours,
New Year, swapped working days, Tết), blanks stand wherever they are allowed. `dirty=True` mixes in bad rows
of every kind, exact and conflicting duplicates and export-dated file names, several files a table.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

Cells = dict[str, Any]
DAY = timedelta(days=1)

PLAN_ITEMS = [
    *(f"A.I.{n}" for n in (1, 2, 3)), "A.II.1", "A.III.1", "A.III.2", "A.IV.1", "A.V.1",
    *(f"B.I.{n}" for n in range(1, 8)), *(f"B.II.{n}" for n in (1, 2)), *(f"B.III.{n}" for n in range(1, 12)),
    *(f"B.IV.{n}" for n in range(1, 6)), *(f"B.V.{n}" for n in range(1, 7)),
    *(f"B.VI.{n}" for n in range(1, 5)), *(f"B.VII.{n}" for n in range(1, 6)), "III.2",
]  # fmt: skip

COLUMNS: dict[str, str] = {
    "units": "unit_code unit_name kind active_from active_to",
    "procedures": "procedure_code procedure_name field unit_code online_level has_fee central_decision_on "
    "proposal_submitted_on announced_on workflow_submitted_on process_approved_on portal_requested_on "
    "onestop_requested_on website_published_on simplification_proposed_on abolished_on",
    "cases": "case_id procedure_code unit_code officer_id applicant_kind channel received_at due_at finished_at "
    "outcome supplement_requests supplement_forms refusal_form apology_forms visits progress_published "
    "result_published fee_vnd paid_online digitised result_electronic data_reused",
    "survey_frame": "unit_code period population",
    "feedback": "feedback_id kind source unit_code officer_named case_id received_on due_on answered_on "
    "sender_informed_on published_on",
    "assigned_tasks": "task_id title unit_code assigned_by assigned_on due_on completed_on result_attached",
    "deliverables": "deliverable_id plan_year plan_item plan subtype kind title unit_code period due_on done_on "
    "evidence",
    "documents": "document_id direction unit_code registered_on digitised processed_online approved_online "
    "signed_digitally",
    "work_files": "file_id unit_code opened_on electronic",
    "personnel": "event_id kind unit_code staff_id event_on due_on done_on compliant level",
    "budget": "line_id as_of budget_year unit_code kind planned_vnd allocated_vnd disbursed_vnd spent_vnd",
    "inspections": "inspection_id kind unit_code planned_on inspected_on concluded_on findings findings_resolved",
    "initiatives": "initiative_id title unit_code applied_on recognised_on decision_no",
}

# Columns that a sparse folder may lack: what then has no data is clear from the rules.
DROPPABLE = {
    "procedures": "central_decision_on announced_on workflow_submitted_on process_approved_on "
    "portal_requested_on website_published_on simplification_proposed_on",
    "cases": "due_at outcome supplement_requests supplement_forms refusal_form apology_forms visits "
    "progress_published paid_online digitised result_electronic data_reused",
    "feedback": "sender_informed_on published_on",
    "assigned_tasks": "result_attached completed_on",
    "deliverables": "evidence done_on",
    "documents": "digitised processed_online approved_online signed_digitally",
    "personnel": "compliant",
    "budget": "spent_vnd disbursed_vnd",
    "inspections": "inspected_on",
    "initiatives": "recognised_on",
}


def special_days(year: int) -> list[date]:
    """Edges of every window of the year, New Year, Tết, swapped working days, and days that rules name."""
    days = [
        date(year, 1, 1), date(year - 1, 12, 31), date(year, 12, 31), date(year - 1, 12, 15),
        date(year - 1, 12, 14), date(year, 12, 13), date(year, 12, 14), date(year, 12, 15), date(year, 12, 4),
        date(year, 3, 31), date(2024, 4, 26), date(2024, 4, 28), date(2024, 4, 29), date(2024, 5, 3),
        date(2024, 5, 4), date(2024, 5, 5), date(2024, 5, 6), date(2024, 2, 7), date(2024, 2, 8),
        date(2024, 2, 14), date(2024, 2, 15), date(2024, 2, 16), date(2025, 4, 25), date(2025, 4, 26),
        date(2025, 5, 2), date(2025, 5, 5),
    ]  # fmt: skip
    for month in range(1, 13):
        days += [date(year, month, d) for d in (1, 13, 14, 15, 16, 28)]
    return days


class Maker:
    """Random values for one folder."""

    def __init__(self, seed: int, around: Sequence[date]):
        self.r = random.Random(seed)
        self.year = around[-1].year if around else 2024
        near = [d + n * DAY for d in around for n in (-3, -2, -1, -1, 0, 0, 0, 1, 1, 2, 5)]
        self.pool = special_days(self.year) + near * 12
        self.near = near or self.pool
        self.floor = date(2023, 1, 2)

    def day(self) -> date:
        """A day, mostly a special one."""
        r = self.r
        if r.random() < 0.85:
            return max(self.floor, r.choice(self.pool))
        return date(self.year, 1, 1) + r.randrange(-40, 400) * DAY

    def later(self, start: date, spread: int = 12) -> date:
        """A day not long after another, or a special day that is not before it."""
        r = self.r
        if r.random() < 0.45:
            later = [d for d in r.choices(self.pool, k=6) if d >= start]
            if later:
                return later[0]
        return start + r.randrange(0, spread + 1) * DAY

    def beside(self, day: date) -> date:
        """The day itself or a neighbour."""
        return day + self.r.choice((-3, -1, -1, 0, 0, 0, 1, 1, 2)) * DAY

    def maybe(self, value: Any, blank: float = 0.15) -> Any:
        """The value or a blank."""
        return "" if self.r.random() < blank else value

    def yes(self, p: float = 0.7, blank: float = 0.1) -> str:
        """True, false or blank."""
        return self.maybe("true" if self.r.random() < p else "false", blank)

    def stamp(self, day: date, *, plain: float = 0.35) -> str:
        """A local timestamp on the day as exports write it: bare day, local time, with an offset."""
        r = self.r
        if r.random() < plain:
            return day.isoformat()
        clock = r.choice(("00:00:00", "00:30:00", "08:00:00", "11:59:59", "16:30:00", "17:00:00", "23:30:00"))
        form = r.choice(("", "", "+07:00", "Z"))
        if form != "Z":
            return f"{day}T{clock}{form}"
        hour = int(clock[:2])
        if hour >= 7:
            return f"{day}T{hour - 7:02}{clock[2:]}Z"
        return f"{day - DAY}T{hour + 17:02}{clock[2:]}Z"


def make_units(m: Maker) -> list[Cells]:
    rows = []
    for n in range(12):
        active_from = active_to = ""
        if n >= 4:
            active_from = m.maybe(m.r.choice(m.near).isoformat(), 0.6)
            active_to = m.maybe(m.r.choice(m.near).isoformat(), 0.6)
        rows.append(
            {
                "unit_code": f"U{n:02}",
                "unit_name": f"Phòng {n}",
                "kind": m.r.choice(("division", "affiliate")),
                "active_from": active_from,
                "active_to": active_to,
            }
        )
    return rows


def make_procedures(m: Maker, units: list[str]) -> list[Cells]:
    rows = []
    for n in range(25):
        decided, announced, approved = m.day(), m.day(), m.day()
        rows.append(
            {
                "procedure_code": f"1.{n:05}",
                "procedure_name": f"Thủ tục {n}",
                "field": f"Lĩnh vực {n % 4}",
                "unit_code": m.r.choice(units),
                "online_level": m.r.choice(("full", "full", "partial", "none")),
                "has_fee": m.r.choice(("true", "false")),
                "central_decision_on": m.maybe(decided - m.r.choice((0, 19, 20, 20, 21)) * DAY, 0.3),
                "proposal_submitted_on": m.maybe(m.beside(decided), 0.2),
                "announced_on": m.maybe(announced - m.r.choice((0, 0, 29, 30, 30, 31)) * DAY, 0.15),
                "workflow_submitted_on": m.maybe(m.beside(announced), 0.2),
                "process_approved_on": m.maybe(approved - m.r.choice((0, 2, 3, 3, 4, 5, 31, 32)) * DAY, 0.1),
                "portal_requested_on": m.maybe(m.beside(approved), 0.15),
                "onestop_requested_on": m.maybe(m.beside(approved), 0.15),
                "website_published_on": m.maybe(m.day(), 0.2),
                "simplification_proposed_on": m.maybe(m.day(), 0.5),
                "abolished_on": m.maybe(m.day(), 0.8),
            }
        )
    return rows


def make_cases(m: Maker, units: list[str], procedures: list[str]) -> list[Cells]:
    r, rows = m.r, []
    for n in range(r.randrange(150, 401)):
        received = m.day()
        due = m.later(received)
        finished = max(received, m.beside(due) if r.random() < 0.6 else m.later(received))
        received_at = m.stamp(received)
        requests = r.choice((0, 0, 0, 1, 1, 2, 3))
        rows.append(
            {
                "case_id": f"H{n:05}",
                "procedure_code": r.choice(procedures),
                "unit_code": r.choice(units),
                "officer_id": m.maybe(f"CB{r.randrange(9)}"),
                "applicant_kind": m.maybe(r.choice(("person", "organisation"))),
                "channel": m.maybe(r.choice(("online", "online", "in_person", "postal")), 0.01),
                "received_at": received_at,
                "due_at": m.maybe(m.stamp(due), 0.12),
                "finished_at": m.maybe(m.stamp(finished, plain=0.6), 0.25),
                "outcome": m.maybe(r.choice(("granted", "granted", "refused", "withdrawn")), 0.06),
                "supplement_requests": m.maybe(requests),
                "supplement_forms": m.maybe(max(0, requests - r.choice((0, 0, 1)))),
                "refusal_form": m.yes(),
                "apology_forms": m.maybe(r.choice((0, 1, 1, 2))),
                "visits": m.maybe(r.choice((0, 1, 2, 2, 3, 4))),
                "progress_published": m.yes(),
                "result_published": m.yes(),
                "fee_vnd": m.maybe(r.choice((0, 20000, 150000))),
                "paid_online": m.yes(0.4),
                "digitised": m.yes(),
                "result_electronic": m.yes(),
                "data_reused": m.yes(0.5),
            }
        )
    return rows


def make_survey(m: Maker, units: list[str], few: bool) -> tuple[list[str], list[Cells]]:
    """Header and responses; some folders have weights everywhere, somewhere or nowhere."""
    r = m.r
    items = [
        f"{name}_{k}"
        for name in ("access", "procedure", "staff", "result", "feedback")
        for k in range(1, r.choice((2, 3, 3)) + 1)
    ]
    blank_weight = r.choice((0.0, 0.0, 0.05, 1.0))
    scale = r.choice(("123445 9", "344455555555 9"))
    answers = ["" if a == " " else a for a in scale] + ["KB"]
    rows = []
    for n in range(r.randrange(6, 20) if few else r.randrange(40, 120)):
        row: Cells = {
            "response_id": f"P{n:04}",
            "answered_on": m.day(),
            "unit_code": r.choice(units),
            "field": m.maybe("Lĩnh vực 1", 0.5),
            "weight": m.maybe(r.choice(("0.5", "1", "1.25", "2.75")), blank_weight),
        }
        empty = r.random() < 0.05
        for item in items:
            row[item] = "" if empty else r.choice(answers)
        row["overall"] = "" if empty else r.choice(("2", "4", "5", "9", ""))
        rows.append(row)
    header = ["response_id", "answered_on", "unit_code", "field", "weight", *items]
    if r.random() < 0.7:
        header.append("overall")
    return header, rows


def make_frame(m: Maker, units: list[str], periods: list[str]) -> list[Cells]:
    share = m.r.choice((1.0, 1.0, 0.8, 0.0))
    return [
        {"unit_code": unit, "period": period, "population": m.r.randrange(1, 900)}
        for period in periods
        for unit in units
        if m.r.random() < share
    ]


def make_feedback(m: Maker, units: list[str]) -> list[Cells]:
    r, rows = m.r, []
    for n in range(r.randrange(30, 90)):
        received = m.day()
        due = m.later(received)
        answered = max(received, m.beside(due))
        rows.append(
            {
                "feedback_id": f"PA{n:04}",
                "kind": r.choice(("regulation", "regulation", "conduct", "case_handling", "praise", "other")),
                "source": m.maybe(r.choice(("hotline", "portal", "website", "direct"))),
                "unit_code": r.choice(units),
                "officer_named": m.yes(0.3),
                "case_id": m.maybe(f"H{r.randrange(150):05}", 0.6),
                "received_on": received,
                "due_on": m.maybe(due),
                "answered_on": m.maybe(answered, 0.2),
                "sender_informed_on": m.maybe(m.beside(due), 0.2),
                "published_on": m.maybe(answered + r.choice((0, 1, 2, 2, 3, 4, 5)) * DAY, 0.2),
            }
        )
    return rows


def make_tasks(m: Maker, units: list[str]) -> list[Cells]:
    rows = []
    for n in range(m.r.randrange(20, 60)):
        assigned = m.day()
        due = m.later(assigned, 30)
        rows.append(
            {
                "task_id": f"NV{n:04}",
                "title": m.maybe("Nhiệm vụ"),
                "unit_code": m.r.choice(units),
                "assigned_by": m.r.choice(("province", "province", "department")),
                "assigned_on": assigned,
                "due_on": due,
                "completed_on": m.maybe(m.beside(due), 0.2),
                "result_attached": m.yes(0.8),
            }
        )
    return rows


def rule_days(item: str, year: int) -> list[date]:
    """Days on which a deliverable without a due date of its own may fall due."""
    if item in ("B.I.4", "B.III.11"):
        return [date(year, month, 13 if item == "B.I.4" else 19) for month in (3, 6, 9, 12)]
    if item == "B.IV.2":
        return [date(year, 3, 31)]
    return [date(year, 12, 4), date(year, 12, 13), date(year, 12, 14), date(year, 12, 31)]


def make_deliverables(m: Maker, units: list[str]) -> list[Cells]:
    r, rows = m.r, []
    for item in PLAN_ITEMS:
        for _ in range(r.choice((0, 1, 2, 3, 4))):
            year = r.choice((m.year - 1, m.year, m.year, m.year, m.year, m.year + 1))
            due = m.day()
            quarter = r.choice(("I", "II", "III", "IV"))
            periods = (
                f"{year}-Q{r.randrange(1, 5)}", f"{year}-H1", f"{year}-9M", f"{year}", f"{year}-03", f"{year}-W09",
                f"Quý {quarter}/{year}", f"Năm {year}", "6 tháng", "9 tháng",
            )  # fmt: skip
            blank_due = 0.5 if item in ("B.I.1", "B.I.3", "B.I.4", "B.II.1", "B.III.11", "III.2") else 0.25
            done = m.beside(due)
            if r.random() < 0.5:  # beside a due day that the catalogue may supply
                done = m.beside(r.choice(rule_days(item, year)))
            if r.random() < 0.2:
                done = m.day()
            rows.append(
                {
                    "deliverable_id": f"SP{len(rows):04}",
                    "plan_year": year,
                    "plan_item": item,
                    "plan": m.maybe("KH tỉnh", 0.5),
                    "subtype": m.maybe(r.choice(("document_review", "law_implementation", "ad_hoc")), 0.2)
                    if item == "B.II.1"
                    else "",
                    "kind": r.choice(("task", "report", "decision", "proposal", "publication", "notice", "list")),
                    "title": "Sản phẩm",
                    "unit_code": r.choice(units),
                    "period": m.maybe(r.choice(periods), 0.2),
                    "due_on": m.maybe(due, blank_due),
                    "done_on": m.maybe(done, 0.2),
                    "evidence": m.maybe("1/BC-SNV", 0.15),
                }
            )
    return rows


def make_documents(m: Maker, units: list[str]) -> list[Cells]:
    return [
        {
            "document_id": f"VB{n:04}",
            "direction": m.r.choice(("incoming", "outgoing")),
            "unit_code": m.r.choice(units),
            "registered_on": m.day(),
            "digitised": m.yes(0.9),
            "processed_online": m.yes(0.9),
            "approved_online": m.yes(0.9),
            "signed_digitally": m.yes(),
        }
        for n in range(m.r.randrange(30, 90))
    ]


def make_files(m: Maker, units: list[str]) -> list[Cells]:
    return [
        {
            "file_id": f"HS{n:04}",
            "unit_code": m.r.choice(units),
            "opened_on": m.day(),
            "electronic": m.r.choice(("true", "true", "false")),
        }
        for n in range(m.r.randrange(10, 40))
    ]


def make_personnel(m: Maker, units: list[str]) -> list[Cells]:
    r, rows = m.r, []
    kinds = ("appointment", "reappointment", "training", "discipline", "rotation", *("record_change",) * 2)
    for n in range(r.randrange(20, 70)):
        event = m.day()
        kind = r.choice(kinds)
        due = event + 5 * DAY if kind == "record_change" else m.later(event, 20)
        if r.random() < 0.2:
            due = m.day()
        rows.append(
            {
                "event_id": f"SK{n:04}",
                "kind": kind,
                "unit_code": r.choice(units),
                "staff_id": m.maybe(f"NS{r.randrange(8)}", 0.3),
                "event_on": event,
                "due_on": m.maybe(due, 0.4),
                "done_on": m.maybe(m.beside(due), 0.2),
                "compliant": m.yes(0.9),
                "level": m.maybe("Khiển trách", 0.5) if kind == "discipline" else "",
            }
        )
    return rows


def make_budget(m: Maker, units: list[str]) -> list[Cells]:
    r, rows = m.r, []
    for n in range(r.randrange(4, 14)):
        unit, kind = r.choice(units), r.choice(("investment", "admin"))
        year = r.choice((m.year, m.year, m.year, m.year - 1))
        for as_of in sorted({m.day() for _ in range(r.randrange(1, 5))}):
            total = r.choice((0, 1_000_000, 85_000_000, 2_500_000_001))
            rows.append(
                {
                    "line_id": f"DM{n:02}",
                    "as_of": as_of,
                    "budget_year": year,
                    "unit_code": unit,
                    "kind": kind,
                    "planned_vnd": m.maybe(total, 0.1),
                    "allocated_vnd": m.maybe(total, 0.1),
                    "disbursed_vnd": m.maybe(int(total * r.choice((0.5, 0.85, 0.9, 1))), 0.1),
                    "spent_vnd": m.maybe(int(total * r.choice((0.5, 0.9, 0.9, 1.1))), 0.1),
                }
            )
    return rows


def make_inspections(m: Maker, units: list[str]) -> list[Cells]:
    r, rows = m.r, []
    for n in range(r.randrange(10, 35)):
        planned = m.day()
        inspected = m.maybe(m.beside(planned) if r.random() < 0.6 else m.day(), 0.2)
        findings = r.randrange(0, 5)
        rows.append(
            {
                "inspection_id": f"KT{n:03}",
                "kind": r.choice(("par", "discipline", "decentralisation")),
                "unit_code": r.choice(units),
                "planned_on": planned,
                "inspected_on": inspected,
                "concluded_on": m.maybe(m.day(), 0.5),
                "findings": m.maybe(findings, 0.1),
                "findings_resolved": m.maybe(r.randrange(0, findings + 1), 0.15),
            }
        )
    return rows


def make_initiatives(m: Maker, units: list[str]) -> list[Cells]:
    return [
        {
            "initiative_id": f"SK{n:02}",
            "title": "Sáng kiến",
            "unit_code": m.r.choice(units),
            "applied_on": m.maybe(m.day(), 0.5),
            "recognised_on": m.maybe(m.day(), 0.3),
            "decision_no": m.maybe("12/QĐ", 0.4),
        }
        for n in range(m.r.choice((1, 2, 3, 6)))
    ]


# --- dirt ---------------------------------------------------------------------------------------------------

# For each table ways to spoil a copy of a good row: column -> bad values.
SPOILED: dict[str, dict[str, tuple[str, ...]]] = {
    "units": {"active_from": ("2024-02-30", "hôm qua"), "kind": ("", "bureau"), "unit_name": ("",)},
    "procedures": {"online_level": ("", "level 4"), "announced_on": ("2023-02-29",), "unit_code": ("U99", "")},
    "cases": {
        "received_at": ("", "2024-13-01", "2024-03-14T25:00:00"),
        "due_at": ("2024-02-30", "sớm"),
        "procedure_code": ("9.99999", ""),
        "unit_code": ("U99", ""),
        "channel": ("", "fax"),
        "outcome": ("lost",),
        "supplement_requests": ("-1", "2.5", "hai"),
        "visits": ("-2",),
        "apology_forms": ("-1",),
        "digitised": ("maybe",),
        "case_id": ("",),
    },
    "survey_responses": {"answered_on": ("", "2024-04-31"), "unit_code": ("U99",), "weight": ("nhiều",)},
    "survey_frame": {"population": ("", "-5"), "unit_code": ("U99",)},
    "feedback": {"kind": ("", "rumour"), "due_on": ("2024-06-31",), "unit_code": ("U99",)},
    "assigned_tasks": {"due_on": ("",), "assigned_by": ("ministry",), "result_attached": ("maybe",)},
    "deliverables": {"plan_year": ("", "hai nghìn"), "kind": ("poem",), "done_on": ("2024-00-10",)},
    "documents": {"direction": ("",), "registered_on": ("2024-11-31",), "digitised": ("2",)},
    "work_files": {"electronic": ("", "maybe"), "opened_on": ("",)},
    "personnel": {"kind": ("",), "event_on": ("", "2024-09-31"), "compliant": ("maybe",)},
    "budget": {"budget_year": ("",), "planned_vnd": ("nhiều",), "kind": ("loan",)},
    "inspections": {"findings": ("-1", "1.5"), "planned_on": ("",), "findings_resolved": ("99",)},
    "initiatives": {"title": ("",), "recognised_on": ("2024-02-30",)},
}

# A harmless change that makes two rows of the same key conflict, but is seen in some figure.
CHANGED: dict[str, tuple[str, tuple[str, ...]]] = {
    "units": ("active_to", ("2023-06-30", "2030-01-01")),
    "procedures": ("online_level", ("full", "none")),
    "cases": ("digitised", ("true", "false")),
    "survey_responses": ("access_1", ("1", "5")),
    "feedback": ("kind", ("conduct", "praise")),
    "assigned_tasks": ("assigned_by", ("province", "department")),
    "deliverables": ("evidence", ("có", "")),
    "documents": ("approved_online", ("true", "false")),
    "work_files": ("electronic", ("true", "false")),
    "personnel": ("kind", ("training", "discipline")),
    "budget": ("disbursed_vnd", ("1", "5000000")),
    "inspections": ("kind", ("par", "discipline")),
    "initiatives": ("recognised_on", ("", "2024-01-01")),
}
KEY_OF = {table: columns.split()[0] for table, columns in COLUMNS.items()} | {"survey_responses": "response_id"}


def spoil(m: Maker, table: str, rows: list[Cells]) -> list[Cells]:
    """Bad rows, most with keys of their own, some in place of a good row."""
    bad = []
    for column, values in SPOILED[table].items():
        for value in values:
            if m.r.random() < (0.15 if table in ("units", "procedures") else 0.5):
                row = dict(m.r.choice(rows))
                if m.r.random() < 0.7 and table != "survey_frame":
                    row[KEY_OF[table]] = f"{row[KEY_OF[table]]}x"
                row[column] = value
                bad.append(row)
    if table == "cases":
        for received, finished in (
            ("2024-03-14T10:00:00", "2024-03-14T09:59:59"),
            ("2024-03-14T10:00:00", "2024-03-14"),  # good: no time on one side
            ("2024-03-14T10:00:00", "2024-03-13"),
            ("2024-03-14T23:30:00Z", "2024-03-14T23:59:00"),  # 15 March, 06:30 local
            ("2024-03-14T00:00:00", "2024-03-14T00:00:01"),  # good
            ("2024-03-15", "2024-03-14T23:59:59"),
        ):
            row = dict(m.r.choice(rows))
            row["case_id"] = f"{row['case_id']}y{len(bad)}"
            row["received_at"], row["finished_at"] = received, finished
            bad.append(row)
    if table == "survey_responses":
        for value in ("0", "6", "7", "-1", "abc", "8"):
            row = dict(m.r.choice(rows))
            row["response_id"] += f"y{len(bad)}"
            row["staff_1"] = row["overall"] = value
            bad.append(row)
    return bad


def with_times(m: Maker, rows: list[Cells]) -> list[Cells]:
    """Some systems write timestamps into date columns too."""
    return [{c: m.stamp(v) if isinstance(v, date) and c.endswith("_on") else v for c, v in row.items()} for row in rows]


def write(path: Path, header: list[str], rows: list[Cells]) -> None:
    """One CSV file."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, header, extrasaction="ignore", restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def write_dirty(m: Maker, folder: Path, table: str, header: list[str], rows: list[Cells]) -> None:
    """Several files a table: with and without period and export date; duplicates across them."""
    r = m.r
    rows = rows + spoil(m, table, rows)
    r.shuffle(rows)
    dated = r.random() < 0.7
    last = max(m.near) + r.choice((30, 30, -3, -5)) * DAY  # some exports are older than rows in them
    exports = [last - n * DAY for n in (45, 31, 0)] if dated else []
    parts = r.choice((1, 2, 3))
    stems: list[str] = []
    for n in range(parts):
        label = r.choice(("", f"_{m.year}", f"_{m.year}-Q{n + 1}", f"_{m.year}-0{n + 1}"))
        day = f"_{exports[-parts:][n]:%Y%m%d}" if dated else ""
        if table + label + day in stems:
            label = f"_{m.year - 1}-0{n + 1}"
        stems.append(table + label + day)
    files: list[list[Cells]] = [rows[n::parts] for n in range(parts)]
    changed_rate = 0.01 if table in ("units", "procedures") else 0.06
    for n, part in enumerate(list(map(list, files))):
        for row in part:
            other = r.randrange(parts)
            chance = r.random()
            if chance < 0.05:
                files[other].append(dict(row))  # identical
            elif chance < 0.05 + changed_rate and table in CHANGED and row.get(CHANGED[table][0]) is not None:
                column, values = CHANGED[table]
                files[other if dated else n].append(row | {column: r.choice(values)})
    for stem, part in zip(stems, files, strict=True):
        write(folder / f"{stem}.csv", header, part)


def write_random_folder(
    folder: Path,
    seed: int,
    *,
    dirty: bool,
    around: Sequence[date] = (),
    periods: Sequence[str] = (),
    sparse: bool = False,
    few: bool = False,
) -> None:
    """Write all tables into the folder.

    `around`: days that matter (window's first and last, D); `periods`: periods for the survey frame.
    `sparse`: some tables or optional columns are missing. `few`: a small survey.
    """
    folder.mkdir(parents=True, exist_ok=True)
    m = Maker(seed, around)
    units = make_units(m)
    codes = [row["unit_code"] for row in units]
    busy = codes[:9] + codes[:4]  # the last units have hardly any data
    procedures = make_procedures(m, busy)
    survey_header, survey = make_survey(m, codes[:5] if few else busy, few)
    used = sorted({row["unit_code"] for row in survey})
    tables: dict[str, list[Cells]] = {
        "units": units,
        "procedures": procedures,
        "cases": make_cases(m, busy, [row["procedure_code"] for row in procedures]),
        "survey_responses": survey,
        "survey_frame": make_frame(m, used, list(periods) or ["2024-Q1", "2024-Q4", "2024"]),
        "feedback": make_feedback(m, busy),
        "assigned_tasks": make_tasks(m, busy),
        "deliverables": make_deliverables(m, codes),
        "documents": make_documents(m, busy),
        "work_files": make_files(m, busy),
        "personnel": make_personnel(m, busy),
        "budget": make_budget(m, busy),
        "inspections": make_inspections(m, codes),
        "initiatives": make_initiatives(m, busy),
    }
    missing = set()
    if sparse:
        missing = {t for t in tables if t not in ("units", "procedures") and m.r.random() < 0.2}
    for table, rows in tables.items():
        header = survey_header if table == "survey_responses" else COLUMNS[table].split()
        if table in missing:
            if m.r.random() < 0.3:
                write(folder / f"{table}.csv", header, [])  # a header and nothing below it
            continue
        if sparse:
            optional = DROPPABLE.get(table, "").split()
            header = [c for c in header if c not in optional or m.r.random() < 0.85]
        if m.r.random() < 0.15:
            rows = with_times(m, rows)
        if dirty and rows:
            write_dirty(m, folder, table, header, rows)
        else:
            write(folder / f"{table}.csv", header, rows)
