"""Every text that a reader of the project sees, each with the place it stands in."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from chiso.catalogue.load import PLANS
from chiso.catalogue.translate import texts_of
from chiso.messages import messages
from chiso.runs.plan import notebook_folder
from chiso.sources import contract

#: Ids, dates and names of code: no texts.
NAME = re.compile(r"[\w.:<>=*-]+", re.ASCII)
#: File names, paths, code and settings within sentences.
CODE = re.compile(
    r"`[^`]*`|\{\{+[^{}]*\}\}+|\{[^{}]*\}|<[^<>]*>|\\u[0-9a-f]{4}|\bU\+[0-9A-F]+|https?:\S+|\S*_\S*|\S*[\w>]/[\w<]\S*"
    r"|\S+\.(?:toml|xlsx?|xlsb|csv|parquet|docx|py|ods|json)\b|--[a-z-]+|\b[a-z.]+ ?= ?\S+"
)
NOTEBOOKS = sorted(notebook_folder().glob("*.ipynb"))


def of_messages(language: str) -> Iterator[tuple[str, str]]:
    """Yield each message with its key."""
    yield from messages(language).items()


def of_plans() -> Iterator[tuple[str, str]]:
    """Yield each Vietnamese text of the plans, the titles of deliverables among them."""
    for plan in sorted(PLANS.glob("[0-9][0-9][0-9][0-9].toml")):
        raw = tomllib.loads(plan.read_text(encoding="utf-8"))
        for text, item in texts_of(raw):
            if not NAME.fullmatch(text):
                yield f"{plan.name} {item}", text
        for expected in raw.get("expected", ()):
            yield f"{plan.name} {expected['item']}", expected["title"]


def of_tables() -> Iterator[tuple[str, str]]:
    """Yield each Vietnamese label of the table contracts."""
    raw = tomllib.loads(Path(contract.__file__).with_name("tables.toml").read_text(encoding="utf-8"))
    for name, table in raw.items():
        yield name, table["label"]
        yield name, table["system"]
        for column, entry in table["columns"].items():
            yield f"{name}.{column}", entry["label"]
            for word in entry.get("values", {}).values():
                yield f"{name}.{column}", word
        for item in table.get("items", {}).values():
            yield name, item["label"]


def of_notebooks() -> Iterator[tuple[str, str]]:
    """Yield each markdown cell with notebook and cell id."""
    for file in NOTEBOOKS:
        for cell in json.loads(file.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                yield f"{file.stem}#{cell['id']}", "".join(cell["source"])


def vietnamese() -> Iterator[tuple[str, str]]:
    """Yield every Vietnamese text."""
    yield from of_messages("vi")
    yield from of_plans()
    yield from of_tables()
    yield from of_notebooks()


def words(text: str) -> list[str]:
    """Return the words of a text: letters only, without code, file names and places for values.

    >>> words("Mở `rejected.xlsx`, sửa cột {column} rồi lưu.")
    ['Mở', 'sửa', 'cột', 'rồi', 'lưu']
    """
    return re.findall(r"[^\W\d_]+", CODE.sub(" ", text))
