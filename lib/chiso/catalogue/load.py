"""Read a plan file and check it as a whole; every error at once, each with its key."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from chiso.catalogue.checks import cross_check
from chiso.catalogue.model import Catalogue
from chiso.catalogue.translate import Phrasebook, read_phrasebook, translated
from chiso.errors import ChisoError
from chiso.messages import DEFAULT, has, language, text
from chiso.messages.system import reason

PLANS = Path(__file__).parent / "plans"


class CatalogueError(ChisoError):
    """A plan file that cannot be used: missing, not TOML, or not consistent."""


def load_catalogue(year: int | None = None, path: Path | None = None) -> Catalogue:
    """Return the checked catalogue of a plan year.

    Its texts are in the language of the process, if the plan has a translation beside it, else Vietnamese.

    Args:
        year: plan year wanted; without its file the nearest earlier one, else the earliest. None: newest.
        path: a plan file, or a folder of files ``<year>.toml``; None: the plans that come with the package.

    Raises:
        CatalogueError: no such file, or a file with errors (all of them are listed, each with its key).
    """
    path = PLANS if path is None else Path(path)
    return _read(_choose(path, year) if path.is_dir() else path)


def _choose(folder: Path, year: int | None) -> Path:
    plans = {int(f.stem): f for f in folder.glob("*.toml") if re.fullmatch(r"\d{4}", f.stem)}
    if not plans:
        raise CatalogueError(text("catalogue.error.no_plans", folder=folder))
    if year is None:
        return plans[max(plans)]
    earlier = [y for y in plans if y <= year]
    return plans[max(earlier) if earlier else min(plans)]


def _read(file: Path) -> Catalogue:
    try:
        content = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise CatalogueError(text("catalogue.error.encoding", file=file)) from None
    except OSError as error:
        raise CatalogueError(text("catalogue.error.unreadable", file=file, reason=reason(error))) from None
    return _checked(file, content, language(), _bytes(file.with_suffix(f".{language()}.toml")))


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""


@lru_cache(maxsize=8)  # a report asks several times for the plan, and checking it takes its time
def _checked(file: Path, content: str, tongue: str, _translation: bytes) -> Catalogue:
    """Return the catalogue of a plan file with that content, in a language, with that content of its translation."""
    try:
        raw = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"line (\d+), column (\d+)", str(error))
        line, column = where.groups() if where else ("?", "?")
        raise CatalogueError(text("catalogue.error.toml", file=file, line=line, column=column, detail=error)) from None
    problems = list(cross_check(raw))
    if re.fullmatch(r"\d{4}", file.stem) and raw.get("year") not in (None, int(file.stem)):
        problems.append(f"year: {text('catalogue.error.year_of_file', year=raw['year'])}")
    try:
        catalogue = Catalogue.model_validate(raw)
    except ValidationError as error:
        problems = [_told(e, raw) for e in error.errors(include_url=False)] + problems
    if problems:
        listed = "\n".join(f"  - {p}" for p in problems)
        raise CatalogueError(text("catalogue.error.head", file=file, count=len(problems)) + "\n" + listed)
    if tongue == DEFAULT or (phrasebook := _phrasebook(file)) is None:
        return catalogue
    return Catalogue.model_validate({**translated(raw, phrasebook), "language": tongue})


def _phrasebook(plan: Path) -> Phrasebook | None:
    try:
        return read_phrasebook(plan, language())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        file, why = plan.with_suffix(f".{language()}.toml"), reason(error) if isinstance(error, OSError) else error
        raise CatalogueError(text("catalogue.error.unreadable", file=file, reason=why)) from None


def _told(error: Any, raw: dict[str, Any]) -> str:
    """Return one pydantic error as "key: what is wrong"."""
    kind, context = error["type"], error.get("ctx", {})
    key = f"catalogue.error.{kind}"
    if kind == "catalogue":
        message = error["msg"]
    else:
        message = text(
            key if has(key) else "catalogue.error.invalid",
            value=error["input"],
            expected=str(context.get("expected", "")).replace(" or ", ", "),
            **{bound: context.get(bound) for bound in ("ge", "gt", "le", "lt")},
        )
    return f"{_place(error['loc'], raw)}: {message}"


def _place(loc: tuple[int | str, ...], raw: Any) -> str:
    """Return where an error is, with the entry's own id: ``indicators[3] (B.I.1).target``."""
    place = ""
    for part in loc:
        raw = raw[part] if _has(raw, part) else None
        if isinstance(part, int):
            name = next((raw[k] for k in ("id", "number", "code", "item") if _has(raw, k)), None)
            place += f"[{part + 1}]" + (f" ({name})" if name else "")
        else:
            place += f".{part}" if place else part
    return place


def _has(node: Any, part: int | str) -> bool:
    return (isinstance(node, dict) and part in node) or (
        isinstance(node, list) and isinstance(part, int) and part < len(node)
    )
