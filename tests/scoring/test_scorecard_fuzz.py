"""Whatever the two files hold, chiso score either computes or tells what is wrong."""

import random
import warnings
from pathlib import Path

import pytest

from chiso.scoring.scorecard import ScorecardError
from chiso.scoring.scorecard.card_file import load_scorecard
from chiso.scoring.scorecard.command import score_files

CRITERIA = [
    ["code", "area", "max", "rule", "target", "floor", "best", "worst", "step", "per_unit"],
    ["C1", "I", "4", "binary", "", "", "", "", "", ""],
    ["C2", "I", "6", "proportional", "0.8", "0.4", "", "", "", ""],
    ["C3", "II", "10", "steps", "", "", "", "", "100:10|80:5|0:0", ""],
    ["C4", "II", "3", "count", "", "", "", "", "", "0.5"],
]
VALUES = [["period", "unit", "code", "value", "status"]] + [
    [period, unit, f"C{i}", str(i / 4), status]
    for period in ("2024-Q1", "2024-Q2")
    for unit in ("A", "B")
    for i, status in ((1, "ok"), (2, "missing"), (3, "not_applicable"), (4, ""))
]
ODD = [
    *(
        "",
        " ",
        "x",
        "-1",
        "0",
        "1e308",
        "1e-308",
        "-0",
        "nan",
        "inf",
        "NA",
        "0,5",
        "1.234,5",
        "Ω",
        "💥",
        '"',
        "a\nb",
        ",",
    ),
    *("100:4", ":", "|", "1:2|", "total", "C1", "I", "ok", "steps", "2024-W60", "13/2024", "\x00", "9" * 400, "'=1+1"),
]


def mutated(draw: random.Random, table: list[list[str]]) -> str:
    rows = [list(row) for row in table]
    for _ in range(draw.choice([0, 1, 2, 6])):
        row = draw.randrange(len(rows))
        kind = draw.random()
        if kind < 0.6 and rows[row]:
            rows[row][draw.randrange(len(rows[row]))] = draw.choice(ODD)
        elif kind < 0.75:
            rows.insert(row, list(draw.choice(rows)))
        elif kind < 0.85 and len(rows) > 1:
            del rows[row]
        elif kind < 0.95 and rows[row]:
            rows[row].pop()
        else:
            rows[row].append(draw.choice(ODD))
    delimiter = draw.choice([",", ",", ",", ";"])
    return draw.choice(["\n", "\r\n"]).join(delimiter.join(row) for row in rows)


@pytest.mark.parametrize("block", range(10))
def test_any_two_files(tmp_path: Path, block: int):
    computed = 0
    for seed in range(60):
        draw = random.Random(f"{block} {seed}")
        criteria, values = tmp_path / "c.csv", tmp_path / "v.csv"
        criteria.write_text(mutated(draw, CRITERIA), encoding="utf-8", newline="")
        values.write_text(mutated(draw, VALUES), encoding="utf-8", newline="")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                answer = score_files(criteria, values)
            except ScorecardError as error:
                assert len(str(error).splitlines()) > 1
                continue
        computed += 1
        scores = answer.tables["scores"]
        assert scores["percent"].drop_nulls().is_between(0, 100 + 1e-9).all()
        assert scores.select("period", "unit", "level", "code").is_duplicated().sum() == 0
    assert computed > 0


@pytest.mark.parametrize("block", range(4))
def test_any_scorecard_in_toml(tmp_path: Path, block: int):
    cards = Path(__file__).parents[2] / "lib" / "chiso" / "scoring" / "scorecards"
    lines = (cards / "example.toml").read_text(encoding="utf-8").splitlines()
    odd = [
        "",
        "x = 1",
        "code = 1",
        "areas = 3",
        "[[areas]]",
        "rule = []",
        "steps = [1]",
        "max_points = nan",
        "name = ''",
    ]
    for seed in range(60):
        draw = random.Random(f"{block} {seed}")
        changed = list(lines)
        for _ in range(draw.choice([1, 2, 5])):
            changed[draw.randrange(len(changed))] = draw.choice(odd)
        (tmp_path / "card.toml").write_text("\n".join(changed), encoding="utf-8")
        try:
            load_scorecard(tmp_path / "card.toml")
        except ScorecardError as error:
            assert "card.toml" in str(error)
