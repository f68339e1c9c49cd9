"""Tables taken over from earlier imports: on messy folders that change step by step, the bytes of an import of all."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest
from fuzz_mess import make_mess

from chiso.sources import ingest
from chiso.sources.privacy.pseudonyms import VARIABLE

SEEDS = int(os.environ.get("CHISO_SEEDS", "6"))
STEPS = 5


def _step(folder: Path, other: Path, rng: random.Random) -> None:
    """Change the folder as days do: a line goes, a file goes, comes, or is another one now."""
    files = sorted(folder.iterdir())
    one = rng.choice(files)
    kind = rng.choice(["line", "gone", "other", "other", "units"])
    if kind == "line" and one.suffix == ".csv":
        one.write_bytes(b"".join(one.read_bytes().splitlines(keepends=True)[:-1]))
    elif kind == "gone" and len(files) > 4:
        one.unlink()
    else:
        given = sorted(other.glob("units*")) if kind == "units" else [rng.choice(sorted(other.iterdir()))]
        for file in given:
            shutil.copy(file, folder / file.name)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_taken_over_or_not_the_bytes_are_the_same(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "key"))
    folder, other = tmp_path / "data", tmp_path / "other"
    for place, number in ((folder, seed), (other, seed + 1000)):
        place.mkdir()
        make_mess(place, number)
    rng = random.Random(seed)
    ingest(folder, tmp_path / "steps")
    for step in range(STEPS):
        _step(folder, other, rng)
        made = [ingest(folder, tmp_path / base).processed for base in ("steps", f"whole{step}")]
        one, whole = ({file.name: file.read_bytes() for file in place.iterdir()} for place in made)
        assert one == whole
