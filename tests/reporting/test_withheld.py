"""Decisions on what may not be published, found again: those taken anew, whatever changes; nothing unread decides."""

import hashlib
import random
from dataclasses import fields, replace
from functools import partial
from pathlib import Path

import polars as pl
import pytest

from chiso.indicators.pieces import SURVEY
from chiso.indicators.views import Sources
from chiso.reporting import privacy, withheld
from chiso.runs.plan import catalogue_for
from chiso.sources import Dataset, ingest
from chiso.sources.digests import TableDigest
from chiso.sources.kept import Kept
from chiso.worktime import Period, Timeframe

SAMPLE = Path(__file__).parents[2] / "data" / "raw" / "sample"
PERIODS = ("2024-Q2", "2024-9M", "2024-11")
DECISIONS = (privacy.hidden, privacy.hidden_groups, privacy.hidden_themes)
NAMES = {privacy.hidden: "cells", privacy.hidden_groups: "groups", privacy.hidden_themes: "themes"}


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """The sample with few answers a unit and field: much must be withheld."""
    dataset = ingest(SAMPLE, tmp_path_factory.mktemp("imports"))
    rows = pl.read_parquet(dataset.processed / "survey_responses.parquet")
    return having(dataset, rows.sample(260, seed=1).sort("response_id"), tmp_path_factory.mktemp("thin"))


def having(dataset, rows, folder):
    """Return an import with other responses, known by their own hash."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in dataset.processed.glob("*.parquet"):
        if file.stem != "survey_responses":
            (folder / file.name).symlink_to(file.resolve())
    rows.write_parquet(folder / "survey_responses.parquet")
    known = hashlib.sha256(rows.write_ndjson().encode()).hexdigest()
    digests = {**dataset._digests, "survey_responses": TableDigest(known, "")}
    counts = {**dataset._accepted, "survey_responses": rows.height}
    return replace(dataset, processed=folder, _digests=digests, _accepted=counts)


def sources(dataset, period="2024-Q4", as_of=None):
    t = Timeframe(Period.parse(period), "decree09", as_of)
    return Sources(dataset, catalogue_for(dataset.body, t.plan_year), t)


def decided(dataset, periods=PERIODS):
    return [decide(sources(dataset, period)) for period in periods for decide in DECISIONS]


def test_found_again_as_taken_anew_after_any_change_of_a_response(sample, tmp_path):
    kept, rows = Kept(tmp_path / "kept", "salt"), sample.scan("survey_responses").collect()
    chance = random.Random(4)
    units = rows["unit_code"].unique().drop_nulls().sort().to_list()

    def other(n, **values):
        here = pl.int_range(pl.len()) == n
        return rows.with_columns(
            pl.when(here).then(pl.lit(v, rows.schema[c])).otherwise(c).alias(c) for c, v in values.items()
        )

    changed = [rows, rows.sample(90, seed=2), rows.clear(), rows.filter(pl.col("unit_code") == units[0])]
    for n in chance.sample(range(rows.height), 2):
        changed += [rows.filter(pl.int_range(pl.len()) != n), other(n, unit_code=chance.choice(units))]
        changed += [other(n, comment="Chờ quá lâu, cán bộ nhiệt tình"), other(n, gender=None, field=None)]
        changed += [other(n, access_1=None, access_2=None, overall=None)]
    told = []
    for place, responses in enumerate(changed):
        plain = having(sample, responses, tmp_path / str(place))
        keeping = replace(plain, kept=kept)
        expected = decided(plain)
        assert decided(keeping) == expected  # taken now, kept
        assert decided(keeping) == expected  # found again
        told.append(expected)
    assert any(one for one in told[0] if one)
    assert sum(expected != told[0] for expected in told) > 3  # the changes matter


def test_found_again_nothing_is_decided(sample, tmp_path, monkeypatch):
    keeping = replace(sample, kept=Kept(tmp_path, "salt"))
    expected = decided(keeping)
    for name in ("_of_year", "_of_part", "_groups_of_year", "_themes_of_year"):
        monkeypatch.delattr(privacy, name)
    assert decided(keeping) == expected
    assert len(list(tmp_path.glob("withheld-2024-*.zip"))) == 1


def test_another_question_is_decided_anew(sample, tmp_path):
    """Period, as-of day, rule, catalogue, questionnaire, survey frame, code: each makes another decision."""
    made = []

    def taken(dataset, period="2024-Q4", as_of=None, catalogue=None):
        asked = sources(dataset, period, as_of)
        asked = replace(asked, catalogue=catalogue or asked.catalogue)
        withheld.kept(asked, "cells", SURVEY, ("",), lambda: made.append(1) or {"": set()})
        return len(made)

    folder = tmp_path / "data"
    folder.mkdir()
    one = replace(sample, folder=folder, kept=Kept(tmp_path / "kept", "salt"))
    assert [taken(one), taken(one)] == [1, 1]
    t = sources(one).timeframe
    assert taken(one, as_of=t.start) == 2
    assert taken(one, "2024-Q3") == 3
    catalogue = catalogue_for(one.body, 2024)
    sipas = catalogue.settings.sipas.model_copy(update={"satisfied": (5,)})
    other = catalogue.model_copy(update={"settings": catalogue.settings.model_copy(update={"sipas": sipas})})
    assert taken(one, catalogue=other) == 4
    assert taken(replace(one, kept=Kept(tmp_path / "kept", "other code"))) == 5
    frame = {**one._digests, "survey_frame": TableDigest("other", "")}
    assert taken(replace(one, _digests=frame)) == 6
    (folder / "questionnaire_2024.toml").write_text("title = ''", encoding="utf-8")
    assert taken(one) == 7
    assert taken(one) == 7


class Watched(Dataset):
    """An import that notes what is asked of it, and which tables are read."""

    def __getattribute__(self, name):
        found = object.__getattribute__(self, name)
        if name in ("scan", "columns", "accepted"):
            return partial(self._noted, found)
        if not name.startswith("_"):
            self.__dict__["asked"].add(name)
        return found

    def _noted(self, method, table):
        self.__dict__["read"].add(table)
        return method(table)


@pytest.mark.parametrize("period", PERIODS)
def test_a_decision_reads_nothing_outside_its_key(sample, tmp_path, monkeypatch, period):
    keeping = replace(sample, kept=Kept(tmp_path, "salt"))
    watched = Watched(**{f.name: getattr(keeping, f.name) for f in fields(Dataset)})
    seen = []
    whole = withheld.kept

    def kept(sources, name, tables, periods, decide):
        def noted():
            watched.__dict__.update(read=set(), asked=set())
            found = decide()
            assert watched.__dict__["read"] <= set(tables), name
            # the folder for its questionnaires, the import for its tables; `kept` where one decision rests on another
            assert watched.__dict__["asked"] <= {"folder", "processed", "kept", "rows_digest", "noting"}, name
            seen.append(name)
            return found

        return whole(sources, name, tables, periods, noted)

    monkeypatch.setattr(withheld, "kept", kept)
    watched.__dict__.update(read=set(), asked=set())
    decided(watched, [period])
    assert set(seen) == ({"part"} if period == "2024-11" else {"cells", "groups", "themes"})


def test_a_decision_that_is_not_whole_is_taken_anew(sample, tmp_path, monkeypatch):
    keeping = replace(sample, kept=Kept(tmp_path, "salt"))
    expected = decided(keeping)
    whole = withheld.Pieces.get
    damages = [
        lambda frames: frames | {"cells": frames["cells"].clear()},
        lambda frames: frames | {"cells": frames["cells"][1:]},
        lambda frames: frames | {"cells": pl.concat([frames["cells"]] * 2)[1:]} | {"decided": frames["decided"][1:]},
        lambda frames: frames | {"decided": frames["decided"].clear()},
        lambda frames: frames | {"decided": pl.concat([frames["decided"]] * 2)},
        lambda frames: frames | {"cells": frames["cells"].rename({"first": "unit_code"})},
        lambda frames: {"cells": frames["cells"]},
        lambda frames: {},
    ]
    for damage in damages:

        def again(self, name, tables, damage=damage):
            frames = whole(self, name, tables)
            return None if frames is None else damage(frames)

        monkeypatch.setattr(withheld.Pieces, "get", again)
        assert decided(keeping) == expected


@pytest.mark.parametrize(
    "decision",
    [{}, {"Q1": set()}, {"Q1": None}, {"Q1": {(None, "A.I"), ("u", "A.I")}, "Q2": None, "H1": {("u", None)}}],
)
def test_a_decision_as_frames_is_the_same(decision):
    assert withheld.from_frames(withheld.to_frames(decision), list(decision)) == decision
    assert withheld.from_frames(withheld.to_frames(decision), [*decision, "year"]) is None
