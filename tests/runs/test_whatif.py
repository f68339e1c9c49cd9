"""chiso whatif: what it reads, what it shows, what it refuses; it writes nothing."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from chiso.catalogue import load_catalogue
from chiso.cli import app
from chiso.errors import ChisoError
from chiso.indicators import Results, recording
from chiso.indicators.results import NOTES_SCHEMA, POINTS_SCHEMA, SCHEMA
from chiso.runs.results import write_results
from chiso.runs.whatif import suppose


@pytest.fixture
def computed(tmp_path: Path) -> tuple[Path, Path]:
    """A computed period with one indicator for the department and two units."""
    entry = load_catalogue(2024).indicator("B.VII.4a")
    rows = [
        {
            "indicator": entry.id,
            "plan_item": entry.plan_item,
            "component": entry.component,
            "unit_code": unit,
            "numerator": n,
            "denominator": 100.0,
            "value": n / 100,
            "measure": "share",
            "comparator": ">=",
            "target": 0.6,
            "status": "met" if n >= 60 else "not_met",
            "attainment": min(1.0, n / 60),
            "window": "period",
            "window_start": date(2024, 9, 15),
            "window_end": date(2024, 12, 14),
            "as_of": date(2024, 12, 14),
            "deadline": None,
            "verified": True,
        }
        for unit, n in ((None, 50.0), ("U1", 30.0), ("U2", 45.0))
    ]
    results = Results(
        indicators=pl.DataFrame(rows, schema=SCHEMA, orient="row"),
        case_balance=pl.DataFrame(),
        satisfaction=pl.DataFrame(schema={"weighting": pl.String}),
        points=pl.DataFrame(schema=POINTS_SCHEMA),
        notes=pl.DataFrame(schema=NOTES_SCHEMA),
        recency=pl.DataFrame(schema=recording.RECENCY),
        recording=pl.DataFrame(schema=recording.SCHEMA),
        units=("U1", "U2"),
        weighting="none",
    )
    out, data = tmp_path / "out", tmp_path / "data"
    data.mkdir()
    (out / "2024-Q4").mkdir(parents=True)
    write_results(out / "2024-Q4", results)
    return data, out


@pytest.mark.parametrize("figure", ["B.VII.4a@U1=0.6", "B.VII.4a@U1=0,6", "B.VII.4a@U1=60%", "B.VII.4a@U1=60/100"])
def test_a_figure_in_any_spelling(computed, figure):
    told = suppose("Quý IV/2024", *computed, [figure], []).replace("\N{NO-BREAK SPACE}", " ").splitlines()
    assert told[1].startswith("  B.VII.4a (đơn vị U1) ")
    assert told[1].endswith("30,0 % → 60,0 %, mục tiêu ≥ 60 %; Không đạt → Đạt")
    assert "Chỉ số B (đơn vị U1)" in told[3]
    assert "hạng 2 → 1" in told[3]
    assert "Chỉ số B (đơn vị U2)" in told[4]


def test_a_target_holds_for_all(computed):
    told = suppose("2024-Q4", *computed, [], ["B.VII.4a=45%"])
    assert told.count("→ Đạt") == 2
    assert told.count("Không đạt → Không đạt") == 1


def test_what_changes_nothing_says_so(computed):
    assert "Không có gì thay đổi" in suppose("2024-Q4", *computed, ["B.VII.4a=0.5"], [])


@pytest.mark.parametrize(
    ("figures", "targets", "part"),
    [
        (["B.VII.4a"], [], "“B.VII.4a”"),
        (["B.VII.4a=x"], [], "“B.VII.4a=x”"),
        (["B.VII.4a=5%/10"], [], "5%/10"),
        ([], ["B.VII.4a@U1=0.5"], "@U1"),
        (
            ["B.VII.4a=170%"],
            [],
            "170\N{NO-BREAK SPACE}% không dùng được vì tỷ lệ không vượt quá",
        ),
        (["B.VII.4a=70"], [], "7.000\N{NO-BREAK SPACE}% không dùng được vì tỷ lệ không vượt quá"),
        (["B.VII.4a=150/100"], [], "150\N{NO-BREAK SPACE}%"),
        (["B.VII.4a=-2,55%"], [], "\N{MINUS SIGN}2,55\N{NO-BREAK SPACE}% không dùng được vì tỷ lệ không nhỏ hơn"),
        ([], ["B.VII.4a=1.01"], "101\N{NO-BREAK SPACE}%"),
        (["B.VII.4a=0.5", "B.VII.4a=0.6"], [], "hai giả định"),
        ([], [], "Chưa nêu"),
    ],
)
def test_what_cannot_be_supposed(computed, figures, targets, part):
    with pytest.raises(ChisoError) as error:
        suppose("2024-Q4", *computed, figures, targets)
    assert part in str(error.value)


def test_a_period_not_computed(computed):
    with pytest.raises(ChisoError, match="chiso run 2024-Q3"):
        suppose("2024-Q3", *computed, ["B.VII.4a=0.5"], [])


def test_the_command_writes_nothing(computed):
    data, out = computed
    before = sorted(path for path in out.rglob("*"))
    arguments = ["whatif", "2024-Q4", "--data", str(data), "--out", str(out), "--set", "B.VII.4a=70/100"]
    answer = CliRunner().invoke(app, arguments)
    assert answer.exception is None
    assert "70,0" in answer.output
    assert sorted(path for path in out.rglob("*")) == before
