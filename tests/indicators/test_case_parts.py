"""Cases in parts: any division of the rows gives the figures of one run; one body's are those of its own run."""

from __future__ import annotations

import pickle
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from handmade import Q4, Rows, case, dataset, plan, procedure, unit
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from chiso.demo import generate
from chiso.errors import ChisoError
from chiso.indicators import compute
from chiso.indicators.parts import Combined, Partial, combine, partial
from chiso.indicators.parts.counted import case_measures, counted, necessary
from chiso.indicators.views import VIEWS, Sources
from chiso.sources.parts import find_cases


@cache
def tables() -> dict[str, pl.DataFrame]:
    return generate(cases=1500)


def write(folder: Path, rows: dict[tuple[str, str], pl.DataFrame]) -> Path:
    """Write cases by body and file, and the look-up tables beside them."""
    for table in ("procedures", "units"):
        folder.mkdir(parents=True, exist_ok=True)
        tables()[table].write_parquet(folder / f"{table}.parquet")
    for (body, name), frame in rows.items():
        place = folder / f"body={body}"
        place.mkdir(exist_ok=True)
        frame.write_parquet(place / f"{name}.parquet")
    return folder


def of_all(folder: Path) -> Combined:
    return combine([partial(find_cases([folder]).files, plan(), Q4)], plan(), Q4)


def same(one: Combined, other: Combined) -> None:
    assert_frame_equal(one.indicators, other.indicators)
    assert_frame_equal(one.case_balance, other.case_balance)
    assert_frame_equal(one.notes, other.notes)


def test_one_body_has_the_figures_of_its_own_run(tmp_path: Path) -> None:
    names = ("cases", "procedures", "units")
    rows = {name: tables()[name].rows(named=True) for name in names}
    ours = of_all(write(tmp_path, {("H32.01", "cases"): tables()["cases"]}))
    theirs = compute(Rows(rows), plan(), Q4, statistics=False)  # type: ignore[arg-type]
    body = pl.col("body") == "H32.01"
    order = ["unit_code", "indicator"]
    figures = theirs.indicators.filter(pl.col("indicator").is_in(ours.covered)).sort(order)
    assert figures.height > 100
    assert_frame_equal(ours.indicators.filter(body).drop("body").sort(order), figures)
    assert_frame_equal(ours.case_balance.filter(body).drop("body"), theirs.case_balance)
    whole = ours.indicators.filter(pl.col("body").is_null()).drop("body").sort("indicator")
    assert_frame_equal(whole, figures.filter(pl.col("unit_code").is_null()))


@settings(max_examples=12)
@given(data=st.data())
def test_any_division_of_the_rows_gives_the_same(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    bodies = data.draw(st.integers(1, 3))
    cases = tables()["cases"].with_columns(_body=pl.int_range(pl.len()) % bodies)
    frames = {f"H32.{b}": cases.filter(pl.col("_body") == b).drop("_body") for b in range(bodies)}
    whole = of_all(write(tmp_path_factory.mktemp("whole"), {(b, "all"): f for b, f in frames.items()}))
    pieces = {}
    for body, frame in frames.items():
        file = pl.Series(data.draw(st.lists(st.integers(0, 3), min_size=8, max_size=8))).gather(
            pl.Series(range(frame.height)) % 8
        )
        pieces |= {(body, f"part-{k}"): frame.filter(file == k) for k in range(4)}
    files = find_cases([write(tmp_path_factory.mktemp("split"), pieces)]).files
    of_file = data.draw(st.lists(st.integers(0, 2), min_size=len(files), max_size=len(files)))
    groups = [[f for f, g in zip(files, of_file, strict=True) if g == k] for k in range(3)]
    parts = [partial(group, plan(), Q4) for group in groups if group]
    parts = [pickle.loads(pickle.dumps(part)) for part in data.draw(st.permutations(parts))]
    found = combine(parts, plan(), Q4)
    assert_frame_equal(found.indicators, whole.indicators)
    assert_frame_equal(found.case_balance, whole.case_balance)
    assert found.account.select("rows", "later", "outside", "counted").sum().rows() == (
        whole.account.select("rows", "later", "outside", "counted").sum().rows()
    )


def test_a_procedure_of_two_bodies_is_one_procedure(tmp_path: Path) -> None:
    cases = tables()["cases"]
    twice = of_all(write(tmp_path, {("A", "x"): cases, ("B", "x"): cases}))
    counts = twice.indicators.filter(pl.col("indicator") == "B.VII.4b", pl.col("unit_code").is_null())
    assert counts["denominator"].n_unique() == 1
    cases_counted = twice.indicators.filter(pl.col("indicator") == "B.III.8", pl.col("unit_code").is_null())
    assert cases_counted["denominator"][0] == 2 * cases_counted["denominator"][1] > 0


def test_a_part_is_kept_in_files(tmp_path: Path) -> None:
    part = partial(find_cases([write(tmp_path / "in", {("A", "x"): tables()["cases"]})]).files, plan(), Q4)
    part.save(tmp_path / "part")
    same(combine([Partial.load(tmp_path / "part")], plan(), Q4), combine([part], plan(), Q4))


def test_the_account_of_rows_adds_up(tmp_path: Path) -> None:
    cases = tables()["cases"]
    account = of_all(write(tmp_path, {("A", "x"): cases})).account.row(0, named=True)
    later = cases.filter(pl.col("received_at").dt.date() > Q4.as_of).height
    assert (account["rows"], account["later"]) == (cases.height, later)
    assert account["rows"] == account["later"] + account["outside"] + account["counted"]
    assert 0 < account["counted"] < account["rows"]


def test_rows_that_are_passed_over_are_counted_by_no_figure() -> None:
    wanted = counted(plan(), Q4)
    data = dataset(procedure("P1"), unit("U"), *(case(received=d, due=e, finished=f) for d, e, f in _dates()))
    frame = VIEWS["cases_with_procedure"].build(Sources(data, plan(), Q4)).collect()  # type: ignore[arg-type]
    passed = frame.filter(~wanted.keep.fill_null(False))
    assert 0 < passed.height < frame.height
    sums = passed.select(flag.sum().alias(name) for name, flag in wanted.flags.items()).row(0)
    assert not any(sums)


def _dates() -> list[tuple[str, str | None, str | None]]:
    days = ["2024-06-01", "2024-09-13", "2024-09-14", "2024-09-15", "2024-12-13", "2024-12-14", "2024-12-20"]
    return [(r, d, f) for r in days for d in [None, *days] for f in [None, *days] if f is None or f >= r]


def test_what_a_condition_needs() -> None:
    a, b, c = pl.col("a") > 1, pl.col("b") > 1, pl.col("c") > 1
    only = frozenset({"a", "b"})
    for condition, expected in [
        (a & c, a),
        ((a & c).fill_null(False), a),
        (a | c, None),
        ((a & c) | b, a | b),
        (c, None),
        (a & b, a & b),
        (~a, ~a),
    ]:
        found = necessary(condition, only)
        assert (found is None) == (expected is None)
        assert found is None or found.meta.eq(expected)


def test_indicators_of_cases_and_only_those() -> None:
    measures = case_measures(plan(), Q4)
    assert {"B.III.8", "B.VII.4b", "A.I.3"} <= set(measures)
    assert not {"sipas", "B.III.9", "A.V.1b", "B.I.1"} & set(measures)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda f: f.drop("channel"), "channel"),
        (lambda f: f.with_columns(pl.col("received_at").dt.to_string("%d/%m/%Y")), "received_at"),
        (lambda f: f.with_columns(pl.col("due_at").dt.replace_time_zone("Asia/Ho_Chi_Minh")), "due_at"),
        (lambda f: pl.concat([f, f.head(1)]), "MP-"),
    ],
)
def test_faulty_files_are_refused(change, told: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    folder = write(tmp_path, {("A", "x"): change(tables()["cases"])})
    with pytest.raises(ChisoError, match=told):
        of_all(folder)


def test_a_case_in_two_files_of_a_body_is_refused(tmp_path: Path) -> None:
    cases = tables()["cases"]
    with pytest.raises(ChisoError, match=r"y\.parquet"):
        of_all(write(tmp_path, {("A", "x"): cases, ("A", "y"): cases.head(3)}))


def test_types_without_loss_and_columns_in_the_path(tmp_path: Path) -> None:
    cases = tables()["cases"]
    other = cases.with_columns(
        pl.col("visits").cast(pl.Int16),
        pl.col("channel").cast(pl.Categorical),
        pl.col("due_at").cast(pl.Datetime("ms")),
    )
    plain = of_all(write(tmp_path / "plain", {("A", "x"): cases}))
    code = cases["unit_code"][0]
    ours = other.filter(pl.col("unit_code") == code).drop("unit_code")
    folder = write(tmp_path / "other", {("A", "x"): other.filter(pl.col("unit_code") != code)})
    (folder / "body=A" / f"unit_code={code}").mkdir()
    ours.write_parquet(folder / "body=A" / f"unit_code={code}" / "part.parquet")
    same(of_all(folder), plain)


def test_parts_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    files = find_cases([write(tmp_path, {("A", "x"): tables()["cases"]})]).files
    part = partial(files, plan(), Q4)
    with pytest.raises(ChisoError):
        combine([part, part], plan(), Q4)
    with pytest.raises(ChisoError):
        combine([part], plan(), Q4.previous())
    with pytest.raises(ChisoError):
        combine([], plan(), Q4)


def test_keys_that_nobody_compared_are_told(tmp_path: Path) -> None:
    cases = tables()["cases"].sort("case_id")
    even = {("A", f"x{i}"): cases.gather_every(2, i) for i in range(2)}
    files = find_cases([write(tmp_path, even)]).files
    found = combine([partial([f], plan(), Q4) for f in files], plan(), Q4)
    assert found.notes.filter(reason="keys_apart")["body"].to_list() == ["A"]


def test_a_missing_column_costs_its_indicators_in_that_body_alone(tmp_path: Path) -> None:
    cases = tables()["cases"]
    found = of_all(write(tmp_path, {("A", "x"): cases, ("B", "x"): cases.drop("visits")}))
    rows = found.indicators.filter(pl.col("indicator") == "A.IV.1c", pl.col("unit_code").is_null())
    status = dict(rows.select("body", "denominator").rows())
    assert status["B"] == 0 and status["A"] == status[None] > 0
    assert found.notes.filter(pl.col("body") == "B", reason="missing_column")["column"].to_list() == ["visits"]


def test_rows_at_midnight_of_the_as_of_day(tmp_path: Path) -> None:
    last = datetime(2024, 12, 14, 23, 59, 59)
    frame = (
        tables()["cases"]
        .head(2)
        .with_columns(
            received_at=pl.Series([last, last + timedelta(seconds=1)], dtype=pl.Datetime("us")),
            finished_at=pl.lit(None, pl.Datetime("us")),
            due_at=pl.lit(None, pl.Datetime("us")),
        )
    )
    account = of_all(write(tmp_path, {("A", "x"): frame})).account.row(0, named=True)
    assert (account["later"], account["counted"]) == (1, 1)
