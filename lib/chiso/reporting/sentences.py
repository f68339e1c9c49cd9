"""Sentences on indicators, as an official report writes them: figure with its code and n/N, changes, verdict.

Pure functions on rows of the result table; which figures are told, and in which order, is the reports' affair.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chiso.catalogue import Indicator
from chiso.messages import has, text
from chiso.reporting import formats, wording
from chiso.worktime import Period, PeriodError

Row = Mapping[str, Any]
#: Million đồng: sums of money are told in them.
MILLION = 1e6


@dataclass(frozen=True)
class Change:
    """A movement since an earlier period.

    Attributes:
        way: ``up``, ``down`` or ``same``.
        size: how far, in words; empty for ``same``.
        period: since when, in words.
        verdict: of a survey figure, what statistics allow to say; else empty.
    """

    way: str
    size: str
    period: str
    verdict: str = ""


def name(indicator: Indicator) -> str:
    """Return how a sentence names the figure: "tỷ lệ hồ sơ …", "chỉ số hài lòng …"."""
    if indicator.phrase:
        return indicator.phrase
    inside = uncapital(indicator.name)
    return text("prose.share", name=inside) if indicator.measure == "share" else inside


def full_name(indicator: Indicator) -> str:
    """Return the name where no number stands before it: "số hồ sơ quá hạn", "tỷ lệ hồ sơ …"."""
    return text("prose.number", name=name(indicator)) if indicator.measure == "count" else name(indicator)


def nothing_to_count(indicator: Indicator, row: Row) -> bool:
    """Return whether a share has no value because nothing of its kind happened, not because data is missing."""
    return row["value"] is None and indicator.measure == "share" and row["denominator"] == 0


def noun(indicator: Indicator) -> str:
    """Return what n and N count; empty where there is no word for it."""
    key = f"prose.noun.{indicator.tables[0]}"
    return indicator.noun or (text(key) if has(key) else "")


def is_money(indicator: Indicator) -> bool:
    """Return whether n and N are sums of money."""
    return "budget" in indicator.tables


def quantity(indicator: Indicator, number: float) -> str:
    """Return a number of what the indicator counts: "16 hồ sơ", "227 triệu đồng"."""
    if is_money(indicator):
        return text("prose.money", value=formats.number(number / MILLION))
    shown = formats.number(number)
    return text("prose.amount", value=shown, noun=noun(indicator)) if noun(indicator) else shown


def value(indicator: Indicator, row: Row) -> str:
    """Return the value with its unit: "98,1 %", "84,1 điểm", "8 hồ sơ"."""
    shown = wording.value(indicator, row["value"])
    if indicator.as_percent or row["value"] is None:
        return shown
    word = text("prose.noun.points") if indicator.measure == "index" else noun(indicator)
    return text("prose.amount", value=shown, noun=word) if word else shown


def base(indicator: Indicator, row: Row, respondents: int | None = None) -> str:
    """Return what stands in brackets behind a value: the code, n/N and what they count, or the respondents."""
    if respondents is not None:
        return text("prose.respondents", id=indicator.id, n=formats.number(respondents))
    n, whole = row["numerator"], row["denominator"]
    if n is None or whole is None:
        return indicator.id
    if is_money(indicator):
        shown = text("prose.money_base", id=indicator.id, base=formats.share_of(n / MILLION, whole / MILLION))
        return f"{shown}, {text('prose.overspent', amount=quantity(indicator, -n))}" if n < 0 else shown
    key = "base_bare" if not noun(indicator) else "single" if whole == 1 and indicator.measure == "share" else "base"
    return text(f"prose.{key}", id=indicator.id, base=formats.share_of(n, whole), noun=noun(indicator))


def change(indicator: Indicator, now: Row, before: Row, period: str, verdict: str = "") -> Change | None:
    """Return the movement between two rows; None where one has no value, or a share rests on one case alone."""
    if now["value"] is None or before.get("value") is None:
        return None
    if indicator.measure == "share" and 1 in (now["denominator"], before.get("denominator")):
        return None
    way, size = wording.movement(indicator, now["value"], before["value"])
    if indicator.measure == "count" and noun(indicator):
        size = text("prose.amount", value=size, noun=noun(indicator))
    elif not indicator.as_percent and indicator.measure == "index":
        size = text("prose.amount", value=size, noun=text("prose.noun.points"))
    return Change(way, "" if way == "same" else size, period, verdict)


def growth(now: float | None, before: float | None, period: str) -> Change | None:
    """Return how a volume grew, in per cent of what it was; None where there is nothing to compare with."""
    if now is None or not before or before < 0:
        return None
    way, shown = "up" if now > before else "down", formats.percent(abs(now - before) / before)
    if shown == formats.percent(0):
        return Change("same", "", period)
    return Change(way, shown, period)


def predecessors(indicator: Indicator, current: Period) -> list[Period]:
    """Return the periods that a figure may be compared with: one that accumulates only with the year before."""
    found: list[Period] = []
    try:
        if indicator.window in wording.COMPARABLE:
            found.append(current.previous())
        if (year_before := current.year_before()) not in found:
            found.append(year_before)
    except PeriodError:  # before the first year there is
        pass
    return found


def since(period: Period, current: Period) -> str:
    """Return how a sentence names an earlier period: "quý III/2024", "cùng kỳ năm 2023"."""
    if current.kind != "year" and period == current.year_before():
        return text("prose.same_period", year=period.year)
    return period.label


def moved(changes: Sequence[Change]) -> str:
    """Return one or two movements as a clause: "tăng 0,7 điểm % so với quý III/2024 và 1,7 điểm % so với …"."""
    if len(changes) != 2:
        return wording.enumerate_words([_judged(c) for c in changes])
    first, second = changes
    together = first.verdict == second.verdict
    a, b = (_told(first), _told(second)) if together else (_judged(first), _judged(second))
    alike = first.way == "same" or first.size == second.size
    if first.way == second.way and alike and together:
        told = text("prose.change.same_both", first=a, period=second.period)
    elif first.way == second.way and together:
        told = text("prose.change.further", first=a, size=second.size, period=second.period)
    else:
        key = "but" if {first.way, second.way} == {"up", "down"} else "and"
        told = text(f"prose.change.{key}", first=a, second=b)
    return text("prose.change.judged_both", change=told, verdict=first.verdict) if together and first.verdict else told


def _told(found: Change) -> str:
    return text(f"prose.change.{found.way}", size=found.size, period=found.period)


def _judged(found: Change) -> str:
    told = _told(found)
    return text("prose.change.judged", change=told, verdict=found.verdict) if found.verdict else told


def target(indicator: Indicator, row: Row) -> str:
    """Return the target within a sentence: "từ 40 % trở lên", "100 %", "không có hồ sơ"."""
    goal = row["target"]
    if goal == 0 and indicator.measure == "count" and noun(indicator):
        return text("prose.target.none", noun=noun(indicator))
    shown = formats.target_text(goal, None, "share" if indicator.as_percent else "count")
    if not indicator.as_percent and indicator.measure == "index":
        shown = text("prose.amount", value=shown, noun=text("prose.noun.points"))
    elif indicator.measure == "count" and noun(indicator):
        shown = text("prose.amount", value=shown, noun=noun(indicator))
    key = {">=": "ge", ">": "gt"}.get(indicator.comparator or "", "eq")
    return text(f"prose.target.{key}", value=shown)


def verdict(indicator: Indicator, row: Row) -> str:
    """Return the judgement as a clause; empty where the figure is only watched or there is none."""
    status = row["status"]
    if row["value"] is None or status == "no_data":
        return ""
    if status is not None:
        left = (row["deadline"] - row["as_of"]).days if row["deadline"] is not None else 0
        key = status
        if status == "pending":
            reached = row["attainment"] is not None and row["attainment"] >= 1
            key = "pending_reached" if reached else "pending"
        deadline = formats.day(row["deadline"])
        return text(f"prose.verdict.{key}", target=target(indicator, row), deadline=deadline, days=left)
    if row["target"] is not None:
        return text("prose.verdict.unjudged", target=target(indicator, row))
    if indicator.reference_line is None:
        return ""
    side = "above" if row["value"] >= indicator.reference_line else "below"
    return text(f"prose.verdict.{side}", reference=formats.percent(indicator.reference_line, trim=True))


def clause(indicator: Indicator, row: Row, respondents: int | None = None, mark: str = "") -> str:
    """Return what a figure is, without changes and verdict, beginning small; also where there is none."""
    words = {"name": name(indicator) + mark, "id": indicator.id, "noun": noun(indicator)}
    if row["value"] is None:
        words["name"] = full_name(indicator) + mark
        if row.get("withheld"):
            return text("prose.withheld", **words)
        nothing = nothing_to_count(indicator, row) and words["noun"]
        return text("prose.nothing" if nothing else "prose.no_data", **words)
    if indicator.measure == "count":
        key = "count" if row["value"] else "count_none"
        return text(f"prose.{key}", value=formats.number(row["value"]), **words)
    verb = "reached" if indicator.better == "higher" and row["value"] > 0 else "is"
    behind = base(indicator, row, respondents)
    return text("prose.figure", verb=text(f"prose.{verb}"), value=value(indicator, row), base=behind, **words)


def sentence(
    indicator: Indicator,
    row: Row,
    changes: Sequence[Change] = (),
    respondents: int | None = None,
    beside: str = "",
    mark: str = "",
) -> str:
    """Return one sentence on an indicator.

    Args:
        indicator: what is told.
        row: its row of the result table (withheld figures blanked, ``withheld`` true).
        changes: movements since earlier periods.
        respondents: how many answered, where it rests on the questionnaire.
        beside: a figure to set beside it ("toàn Sở 97 %"), or nothing.
        mark: stands behind the name, for a note below.
    """
    told = clause(indicator, row, respondents, mark)
    if row["value"] is not None:
        told = ", ".join(part for part in (told, beside, moved(changes)) if part)
        told = "; ".join(part for part in (told, verdict(indicator, row)) if part)
    return f"{wording.capital(told)}."


def short(indicator: Indicator, row: Row, respondents: int | None = None, *, due: bool = False) -> str:
    """Return a figure as one of a list: "tỷ lệ … 84,6 % (B.III.1: 11/13 thủ tục)"; ``due`` adds the deadline."""
    behind = base(indicator, row, respondents)
    if due and row["deadline"] is not None:
        behind = text("prose.due", base=behind, deadline=formats.day(row["deadline"]))
    return text("prose.short", name=full_name(indicator), value=value(indicator, row), base=behind)


def uncapital(words: str) -> str:
    """Return a name with a small first letter, abbreviations left as they are.

    >>> uncapital("Hồ sơ trễ hạn"), uncapital("TTHC được công khai")
    ('hồ sơ trễ hạn', 'TTHC được công khai')
    """
    return words if words[1:2].isupper() or not words else words[0].lower() + words[1:]
