"""Cases of the one-stop system, month by month, so that any number of them fits in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from chiso.demo.clock import NEVER, Bools, Clock, Floats, Ints, pick, stream
from chiso.demo.department import Department
from chiso.demo.procedures import Procedures

WEEKDAYS = np.array([1.18, 1.10, 1.02, 1.00, 0.84, 0.04, 0.02])  # Monday to Sunday
GROWTH = 0.16  # more cases at the end of the span than at its start
FORGOTTEN = 0.05  # share of the late cases that nobody closes
DAY_OFF = 0.02
ONLINE_AT_ALL = 0.15  # procedures whose online share is below this are in practice filed at the counter
CLOSING_TIME = 17 * 3600


def day_weights(clock: Clock) -> Floats:
    """Relative number of cases of each day: rhythm of the week, days off, the dip around Tết, growth."""
    days = np.arange(clock.first, clock.last + 1)
    weekday = (days + clock.origin.weekday()) % 7
    working = clock.working(days)
    weights = WEEKDAYS[weekday] * (1 + GROWTH * clock.progress(days))
    weights = np.where(working, np.maximum(weights, 0.7), np.minimum(weights, DAY_OFF))
    # Tết is the only closure of a week or more: few people come in the days around it.
    edges = np.flatnonzero(np.diff(np.concatenate(([1], working.astype(np.int64), [1]))))
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if end - start >= 7:
            weights[max(start - 7, 0) : start] *= 0.55
            weights[end : end + 7] *= 0.6
    return weights


def case_blocks(
    department: Department, clock: Clock, procedures: Procedures, seed: int, cases: int
) -> Iterator[pl.DataFrame]:
    """Yield the cases of each month in the order of their receipt; ``cases`` rows in all."""
    weights = day_weights(clock)
    season = np.array([field.season for field in department.fields])[procedures.field]  # procedure x month
    months = clock.months()
    mass = np.empty(len(months))
    chance = []
    for i, (start, end) in enumerate(months):
        month = int(clock.month_of(np.array([start]))[0])
        alive = (procedures.opens <= start) & (procedures.closes >= end)
        share = procedures.weight * season[:, month - 1] * alive
        mass[i] = weights[start - clock.first : end - clock.first + 1].sum() * share.sum()
        chance.append(share / share.sum())
    counts = np.diff(np.rint(np.concatenate(([0.0], np.cumsum(mass) / mass.sum())) * cases)).astype(int)
    for i, (start, end) in enumerate(months):
        rng = stream(seed, "cases", i)
        by_day = weights[start - clock.first : end - clock.first + 1]
        days = np.sort(start + rng.choice(len(by_day), counts[i], p=by_day / by_day.sum()))
        procedure = rng.choice(len(procedures.weight), counts[i], p=chance[i])
        # On days off only the portal is open: what cannot be filed there gives way to what is filed there most.
        favourite = int(np.argmax(chance[i] * procedures.online))
        closed = ~clock.working(days) & (procedures.online[procedure] < ONLINE_AT_ALL)
        procedure = np.where(closed, favourite, procedure)
        yield _block(department, clock, procedures, rng, days, procedure)


def _block(
    department: Department,
    clock: Clock,
    procedures: Procedures,
    rng: np.random.Generator,
    days: Ints,
    procedure: Ints,
) -> pl.DataFrame:
    """Make the cases received on ``days`` (sorted) for ``procedure`` (positions)."""
    n = len(days)
    field = procedures.field[procedure]
    unit = _unit(department, clock, procedures.unit[procedure], field, days)
    t = clock.progress(days)
    digital = np.array([u.digital for u in department.units])[unit]

    channel = _channel(clock, rng, procedures.online[procedure], 0.58 + 0.42 * t, digital, days)
    online = channel == 0
    seconds = _seconds(rng, n, online)
    order = np.lexsort((np.arange(n), seconds, days))
    seconds = seconds[order]  # days are sorted; the rest stays independent of the time of day
    channel, online = channel[order], online[order]
    procedure, field, unit, digital = procedure[order], field[order], unit[order], digital[order]

    officer, quality = _officer(department, rng, unit)
    supplements = _supplements(department, rng, unit, t)
    due = clock.add(days, procedures.days[procedure])
    finished, finish_time = _finish(department, clock, rng, unit, days, due, quality, supplements)
    no_due = (rng.random(n) < 0.006) | ((field == 4) & (rng.random(n) < 0.01))
    late = np.where(finished == NEVER, clock.last, finished) > due

    draw = rng.random(n)
    closed = finished != NEVER
    outcome = np.where(draw < 0.016 + 0.05 * (supplements > 1), 1, np.where(draw > 0.992, 2, 0))
    granted, refused = closed & (outcome == 0), closed & (outcome == 1)
    fee = procedures.fee[procedure]
    paid = (fee > 0) & (rng.random(n) < np.where(online, 0.34 + 0.38 * t + digital, 0.05))
    records = np.array([u.digitises for u in department.units])[unit]
    digitised = rng.random(n) < 0.56 + 0.42 * t + 0.5 * digital
    reused = digitised & (rng.random(n) < 0.42 + 0.38 * t + digital)
    apologies = (late & ~no_due & (rng.random(n) < 0.55 + 0.3 * t)).astype(np.int64)
    visits = 1 - online + (rng.random(n) < 0.18) + supplements * (rng.random(n) < 0.6) + (rng.random(n) < 0.02) * 2
    forms = np.where(rng.random(n) < 0.93, supplements, np.maximum(supplements - 1, 0))

    first = np.searchsorted(days, days)
    frame = pl.DataFrame(
        {
            "day": clock.any_dates(days),
            "number": np.arange(n) - first + 1,
            "procedure_code": procedures.table["procedure_code"].gather(procedure),
            "unit_code": pick([u.code for u in department.units], unit),
            "officer_id": officer.set(pl.Series(rng.random(n) < 0.004), None),
            "applicant_kind": pick(
                ["person", "organisation"],
                (rng.random(n) < np.array([f.organisations for f in department.fields])[field]).astype(np.int64),
            ),
            "channel": pick(["online", "in_person", "postal"], channel),
            "received_at": clock.moments(days, seconds),
            "due_at": clock.moments(np.where(no_due, NEVER, due), np.full(n, CLOSING_TIME)),
            "finished_at": clock.moments(finished, finish_time),
            "outcome": pick(["granted", "refused", "withdrawn"], outcome).set(pl.Series(~closed), None),
            "supplement_requests": supplements,
            "supplement_forms": forms,
            "refusal_form": refused & (rng.random(n) < 0.9),
            "apology_forms": apologies,
            "visits": pl.Series(visits.astype(np.int64)).set(pl.Series(rng.random(n) < 0.03), None),
            "progress_published": rng.random(n) < np.where(t < 0.45, 0.985, 1.0),
            "result_published": closed & (rng.random(n) < np.where(t < 0.7, 0.93 + 0.08 * t, 1.0)),
            "fee_vnd": fee,
            "paid_online": paid,
            "digitised": pl.Series(digitised).set(pl.Series(~records), None),
            "result_electronic": granted & (rng.random(n) < 0.80 + 0.18 * t + 0.4 * digital),
            "data_reused": pl.Series(reused).set(pl.Series(~records), None),
        }
    )
    number = pl.col("number").cast(pl.String).str.zfill(4)
    case_id = pl.concat_str(pl.lit("MP-"), pl.col("day").dt.to_string("%y%m%d"), pl.lit("-"), number)
    return frame.select(case_id.alias("case_id"), pl.exclude("day", "number"))


def _unit(department: Department, clock: Clock, unit: Ints, field: Ints, days: Ints) -> Ints:
    """The unit that handles each case: a field may have belonged to another one before a day."""
    for number, entry in enumerate(department.fields):
        if entry.before:
            earlier = (field == number) & (days <= clock.day(entry.before.until))
            unit = np.where(earlier, department.unit_index[entry.before.unit], unit)
    return unit


def _channel(
    clock: Clock, rng: np.random.Generator, share: Floats, growth: Floats, digital: Floats, days: Ints
) -> Ints:
    """0 online, 1 in person, 2 by post; ``share`` of each case's procedure at the span's end; days off: online."""
    n = len(days)
    usual = np.clip(share * growth + 0.4 * digital, 0.05, 0.97)
    online = rng.random(n) < np.where(share < ONLINE_AT_ALL, share * 0.3, usual)
    online |= ~clock.working(days)
    return np.where(online, 0, np.where(rng.random(n) < 0.86, 1, 2))


def _seconds(rng: np.random.Generator, n: int, online: Bools) -> Ints:
    """Second of the day: counters 7:30-11:30 and 13:30-16:30; the portal 6:00-22:30, most in office hours."""
    counter = (rng.random(n) * 7 * 3600).astype(np.int64) + 27_000
    counter += np.where(counter >= 41_400, 7200, 0)
    portal = 21_600 + (rng.random(n) * 59_400).astype(np.int64)
    return np.where(online & (rng.random(n) < 0.45), portal, counter)


def _officer(department: Department, rng: np.random.Generator, unit: Ints) -> tuple[pl.Series, Floats]:
    """Officer of each case, and how much more (>1) or less (<1) often that officer is late."""
    handlers = np.array([max(2, u.staff // 2) for u in department.units])
    offset = np.cumsum(handlers) - handlers
    number = (rng.random(len(unit)) ** 1.4 * handlers[unit]).astype(np.int64)
    labels = [f"CB{i:03d}" for i in range(1, int(handlers.sum()) + 1)]
    quality = 0.6 + 0.8 * number / np.maximum(handlers[unit] - 1, 1)
    return pick(labels, offset[unit] + number), quality


def _supplements(department: Department, rng: np.random.Generator, unit: Ints, t: Floats) -> Ints:
    """Times that more papers were asked for; falls a little over the two years."""
    share = np.array([u.supplement for u in department.units])[unit] * (1.1 - 0.25 * t)
    draw = rng.random(len(unit))
    return (draw < share).astype(np.int64) + (draw < share * 0.13) + (draw < share * 0.02)


def _finish(
    department: Department,
    clock: Clock,
    rng: np.random.Generator,
    unit: Ints,
    days: Ints,
    due: Ints,
    quality: Floats,
    supplements: Ints,
) -> tuple[Ints, Ints]:
    """Day and second on which each case was finished; :data:`NEVER` where it is open at the span's end."""
    n = len(days)
    allowed = clock.calendar.cumulative[due] - clock.calendar.cumulative[days]
    month = clock.month_of(days)
    rush = np.where((month >= 11) | (month == 1), 1.35, 1.0) * (1.08 - 0.16 * clock.progress(days))
    chance = np.array([u.late for u in department.units])[unit] * quality * rush * (1 + 0.8 * (supplements > 0))
    late = rng.random(n) < np.clip(chance, 0, 0.6)
    on_day = rng.random(n) < 0.17
    # Early cases take most often 45-90 % of the time allowed; at least one working day passes, and one is spared.
    pace = 0.25 + 0.7 * np.sqrt(rng.random(n))
    needed = np.where(on_day, allowed, np.clip((allowed * pace).astype(np.int64), 1, np.maximum(allowed - 1, 1)))
    overrun = 1 + np.minimum(rng.geometric(0.22, n), 40)
    needed = np.where(late, allowed + overrun, needed)
    finished = clock.add(days, needed)
    forgotten = late & (rng.random(n) < FORGOTTEN)
    seconds = 27_000 + (rng.random(n) * 7 * 3600).astype(np.int64)
    seconds += np.where(seconds >= 41_400, 7200, 0)
    return np.where(forgotten | (finished > clock.last), NEVER, finished), seconds
