"""The questionnaire of a data folder: which items count in a plan year, on which scale, asked which way round.

``questionnaire.toml`` holds for every year, ``questionnaire_<year>.toml`` for one. Without either, every item column
counts, on the scale 1–5. Items of another scale (the three-level slip of the one-stop counter) are never mixed with
those of the index: they get lines of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from chiso.messages import text
from chiso.survey import Questionnaire, SurveyError, compare_forms, load_questionnaire

FORM = "questionnaire.toml"
FACTORS: dict[str, str] = {
    "access": "A.I",
    "procedure": "A.II",
    "staff": "A.III",
    "result": "A.IV",
    "feedback": "A.V",
}
#: Column of the direct question.
DIRECT = "overall"
#: Codes that the import lets through.
CODES = (1, 2, 3, 4, 5)
_ITEM = re.compile(rf"({'|'.join(FACTORS)})_(\d+)")


@dataclass(frozen=True)
class Items:
    """What is asked.

    Attributes:
        factors: item columns of the index by factor, in order of their number.
        direct: column of the direct question; None where there is none.
        scale: codes of their answers, worst first.
        satisfied: codes counted as satisfied.
        other: item columns of other scales, by scale.
        form: the questionnaire; None: every item column counts.
        absent: items of the form that no file has.
        extra: item columns that the form has not.
    """

    factors: Mapping[str, list[str]]
    direct: str | None
    scale: tuple[int, ...]
    satisfied: tuple[int, ...]
    other: Mapping[str, list[str]] = field(default_factory=dict)
    form: Questionnaire | None = None
    absent: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()

    @property
    def all(self) -> list[str]:
        """Every column that is asked: those of the index, the direct question, those of other scales."""
        columns = [c for group in self.factors.values() for c in group]
        return [*columns, *([self.direct] if self.direct else []), *(c for group in self.other.values() for c in group)]


def form_files(folder: Path) -> list[Path]:
    """Return the questionnaires of a data folder, by name."""
    return sorted(folder.glob("questionnaire.toml")) + sorted(folder.glob("questionnaire_[0-9][0-9][0-9][0-9].toml"))


def load_form(folder: Path, year: int) -> Questionnaire | None:
    """Return the questionnaire of a plan year; None where the folder has none.

    Raises:
        SurveyError: it cannot be read, or does not fit the survey table; every fault with its key.
    """
    own = folder / f"questionnaire_{year}.toml"
    path = own if own.is_file() else folder / FORM
    if not path.is_file():
        return None
    form = load_questionnaire(path)
    if faults := list(_faults(form)):
        raise SurveyError(text("survey.form_invalid", file=path.name, places="\n".join(faults)))
    return form


def _faults(form: Questionnaire) -> Iterable[str]:
    """Tell where a form does not fit the survey table."""
    for name, scale in form.scales.items():
        outside = [c for c in scale.codes if c not in CODES]
        if outside:
            yield text(
                "survey.form_fault", where=f"scales.{name}.codes", what=text("survey.form_codes", codes=CODES[-1])
            )
    for place, item in enumerate(form.items, 1):
        match = _ITEM.fullmatch(item.code)
        if item.code == DIRECT:
            if item.factor is not None:
                yield text("survey.form_fault", where=f"items.{place}.factor", what=text("survey.form_direct"))
            if item.scale != form.index:
                what = text("survey.form_direct_scale", scale=form.index)
                yield text("survey.form_fault", where=f"items.{place}.scale", what=what)
        elif match is None:
            what = text("survey.form_code", code=item.code, known=", ".join(f"{f}_1" for f in FACTORS))
            yield text("survey.form_fault", where=f"items.{place}.code", what=what)
        elif item.factor != match[1]:
            what = text("survey.form_factor", code=item.code, factor=match[1])
            yield text("survey.form_fault", where=f"items.{place}.factor", what=what)


def item_columns(columns: Iterable[str]) -> dict[str, list[str]]:
    """Item columns of each factor, in order of their number."""
    found: dict[str, list[tuple[int, str]]] = {factor: [] for factor in FACTORS}
    for column in columns:
        if match := _ITEM.fullmatch(column):
            found[match[1]].append((int(match[2]), column))
    return {factor: [c for _, c in sorted(items)] for factor, items in found.items()}


def items_of(columns: Iterable[str], form: Questionnaire | None, satisfied: Sequence[int]) -> Items:
    """Return what is asked of the columns that the files have.

    Args:
        columns: of the survey table.
        form: the plan year's questionnaire, if there is one.
        satisfied: codes counted as satisfied where there is none.
    """
    known = set(columns)
    found = item_columns(known)
    if form is None:
        return Items(found, DIRECT if DIRECT in known else None, CODES, tuple(satisfied))
    asked = {item.code: item for item in form.items}
    factors = {f: [c for c in group if c in asked and asked[c].scale == form.index] for f, group in found.items()}
    other: dict[str, list[str]] = {}
    for group in found.values():
        for column in group:
            if column in asked and asked[column].scale != form.index:
                other.setdefault(asked[column].scale, []).append(column)
    scale = form.scales[form.index]
    return Items(
        factors=factors,
        direct=DIRECT if DIRECT in known and DIRECT in asked else None,
        scale=scale.codes,
        satisfied=scale.satisfied,
        other=other,
        form=form,
        absent=tuple(code for code in asked if code not in known),
        extra=tuple(c for c in (*(c for g in found.values() for c in g), DIRECT) if c in known and c not in asked),
    )


def apply_form(responses: pl.DataFrame, items: Items) -> tuple[pl.DataFrame, int]:
    """Return the responses as the form reads them, and how many answers lie outside their scale.

    Codes of "don't know" and answers outside the scale become blank; reverse items are turned round.
    """
    if items.form is None:
        return responses, 0
    asked = tuple(item for item in items.form.items if item.code in items.all and item.code in responses.columns)
    known, outside = [], 0
    for item in asked:
        scale, answer = items.form.scales[item.scale], pl.col(item.code)
        valid = answer.is_in(list(scale.codes))
        wrong = answer.is_not_null() & ~valid & ~answer.is_in(list(scale.unknown))
        outside += int(responses.select(wrong.sum()).item())
        turned = max(scale.codes) + min(scale.codes) - answer if item.reverse else answer
        known.append(pl.when(valid).then(turned).alias(item.code))
    return responses.with_columns(known), outside


def same_items(now: Items, before: Items) -> set[str]:
    """Return the item columns of the index that both periods ask alike."""
    both = {c for g in now.factors.values() for c in g} & {c for g in before.factors.values() for c in g}
    if now.form is None or before.form is None or now.form == before.form:
        return both
    alike = compare_forms(before.form, now.form).filter(pl.col("status") == "same")["code"]
    return both & set(alike)
