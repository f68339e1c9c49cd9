"""Pieces of results on disk: taken where they were made of the same, made anew where anything is wrong with them."""

import os
import zipfile

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from chiso.sources import kept as module
from chiso.sources.kept import NO_SHELVES, SHELVES, VERSIONS, Kept

FRAME = pl.DataFrame({"a": [1, None], "b": ["x", None]}, schema={"a": pl.Int8, "b": pl.String})


class Maker:
    def __init__(self, frame=FRAME):
        self.made, self.frame = 0, frame

    def __call__(self):
        self.made += 1
        return {"one": self.frame, "none": self.frame.clear()}


def take(kept, make, *made_of, shelf="s"):
    with kept.shelf(shelf) as found:
        return found.frames(make, "piece", *made_of)


def test_a_piece_is_made_once_and_comes_back_as_it_was(tmp_path):
    make, kept = Maker(), Kept(tmp_path / "new", "salt")
    for _ in range(3):
        found = take(kept, make, 1, ["x"], b"bytes")
        assert list(found) == ["one", "none"]
        assert_frame_equal(found["one"], FRAME)
        assert found["none"].schema == FRAME.schema
    assert make.made == 1


def test_what_is_made_of_something_else_is_made_anew(tmp_path):
    make, kept = Maker(), Kept(tmp_path, "salt")
    for made_of in ((1,), (2,), ("1",), (1, 1), ([1, 1],)):
        take(kept, make, *made_of)
    take(Kept(tmp_path, "other code"), make, 1)
    assert make.made == 6


@pytest.mark.parametrize("content", [b"", b"PK nothing", b"\0" * 5000])
def test_a_damaged_shelf_is_ignored_and_written_anew(tmp_path, content):
    make, kept = Maker(), Kept(tmp_path)
    take(kept, make)
    (tmp_path / "s.zip").write_bytes(content)
    take(kept, make)
    take(kept, make)
    assert make.made == 2


def test_every_cut_and_every_flipped_byte_is_noticed(tmp_path):
    kept = Kept(tmp_path)
    take(kept, Maker())
    whole = (tmp_path / "s.zip").read_bytes()
    places = range(0, len(whole), 97)
    for content in [whole[:place] for place in places] + [
        whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :] for place in places
    ]:
        (tmp_path / "s.zip").write_bytes(content)
        assert_frame_equal(take(kept, Maker())["one"], FRAME)


def test_a_foreign_piece_under_the_right_name_is_made_anew(tmp_path):
    make, kept = Maker(), Kept(tmp_path)
    take(kept, make)
    with zipfile.ZipFile(tmp_path / "s.zip") as archive:
        (name,) = archive.namelist()
    with zipfile.ZipFile(tmp_path / "s.zip", "w") as archive:
        archive.writestr(name, b'[["one", 3]]\nabc')
    assert_frame_equal(take(kept, make)["one"], FRAME)
    assert make.made == 2


def test_nothing_is_written_when_the_block_fails(tmp_path):
    kept = Kept(tmp_path)
    with pytest.raises(ZeroDivisionError), kept.shelf("s") as shelf:
        shelf.frames(Maker(), "piece")
        raise ZeroDivisionError
    assert not list(tmp_path.iterdir())


def test_two_at_once_leave_one_whole_shelf(tmp_path):
    kept, first, second = Kept(tmp_path), Maker(), Maker()
    with kept.shelf("s") as one, kept.shelf("s") as other:
        one.frames(first, "piece", 1)
        other.frames(second, "piece", 2)
    take(kept, first, 1)
    assert first.made == 1
    assert [f.name for f in tmp_path.iterdir()] == ["s.zip"]


def test_a_folder_that_cannot_be_written_costs_time_only(tmp_path):
    (tmp_path / "file").write_text("")
    make = Maker()
    take(Kept(tmp_path / "file" / "below"), make)
    take(NO_SHELVES, make)
    assert make.made == 2


def test_pieces_and_shelves_are_bounded_and_the_newest_stay(tmp_path, monkeypatch):
    kept = Kept(tmp_path)
    for n in range(VERSIONS + 2):
        take(kept, Maker(), n)
    with zipfile.ZipFile(tmp_path / "s.zip") as archive:
        assert len(archive.namelist()) == VERSIONS
    newest, oldest = Maker(), Maker()
    take(kept, newest, VERSIONS + 1)
    take(kept, oldest, 0)
    assert (newest.made, oldest.made) == (0, 1)
    monkeypatch.setattr(module, "SHELVES", 3)
    assert SHELVES > 3
    for n in range(5):
        take(kept, Maker(), shelf=f"n{n}")
        os.utime(tmp_path / f"n{n}.zip", (n, n))
    take(kept, Maker(), shelf="last")
    assert len(list(tmp_path.glob("*.zip"))) == 3
    assert (tmp_path / "last.zip").is_file()
