from __future__ import annotations

from pathlib import Path

import pytest
from sources_rows import Import

from chiso.sources import Dataset, ingest

UNITS = "unit_code,unit_name,kind\nU1,Phòng Một,division\nU2,Phòng Hai,affiliate\n"
PROCEDURES = "procedure_code,procedure_name,field,unit_code,online_level,has_fee\nP1,Thủ tục,Hội,U1,full,true\n"


@pytest.fixture
def import_files(tmp_path: Path) -> Import:
    """Write files (name -> text or bytes) into a data folder beside valid units and procedures, and import it."""

    def run(files: dict[str, str | bytes], *, basics: bool = True) -> Dataset:
        folder = tmp_path / "data"
        folder.mkdir(exist_ok=True)
        given = {"units.csv": UNITS, "procedures.csv": PROCEDURES, **files} if basics else files
        for name, content in given.items():
            raw = content.encode() if isinstance(content, str) else content
            (folder / name).write_bytes(raw)
        return ingest(folder, tmp_path / "processed")

    return run
