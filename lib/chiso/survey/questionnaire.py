"""Questionnaires as data: items with their text, factor and scale; what two forms have in common.

A form may hold items of several scales (answers 1–5, the three-level slip of the one-stop counter). They are never
mixed in one figure: settings for :func:`chiso.survey.shares` are given scale by scale.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from chiso.messages import text
from chiso.sources.mapping.model import explain
from chiso.survey.frames import Frame, fail, need, some, to_polars


class Scale(BaseModel):
    """Codes an answer may have.

    Attributes:
        codes: every code, in order from the worst to the best.
        labels: a label for each code.
        satisfied: codes counted as satisfied.
        unknown: codes of "don't know", taken as blank.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    codes: tuple[int, ...] = Field(min_length=2)
    labels: tuple[str, ...]
    satisfied: tuple[int, ...] = Field(min_length=1)
    unknown: tuple[int, ...] = ()

    @model_validator(mode="after")
    def _agrees(self) -> Scale:
        if len(set(self.codes)) != len(self.codes):
            raise ValueError(text("survey.form_codes_twice"))
        if len(self.labels) != len(self.codes):
            raise ValueError(text("survey.form_labels", labels=len(self.labels), codes=len(self.codes)))
        if outside := [c for c in self.satisfied if c not in self.codes]:
            raise ValueError(text("survey.form_satisfied", codes=some(outside)))
        if both := [c for c in self.unknown if c in self.codes]:
            raise ValueError(text("survey.form_unknown", codes=some(both)))
        return self


class Item(BaseModel):
    """One question.

    Attributes:
        code: column of the answers.
        text: the question as asked.
        factor: factor it belongs to; none: the direct question.
        scale: name of its scale.
        reverse: asked the other way round; answers are turned before anything is counted.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    code: str
    text: str
    factor: str | None = None
    scale: str
    reverse: bool = False


class Questionnaire(BaseModel):
    """A form: its scales and items.

    Attributes:
        code: short name of the form.
        title: its heading.
        scales: by name.
        items: in the form's order.
        index_scale: scale of the items that make the index; default: that of the first item with a factor.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    code: str
    title: str
    scales: dict[str, Scale]
    items: tuple[Item, ...] = Field(min_length=1)
    index_scale: str | None = None

    @property
    def index(self) -> str:
        """Name of the scale of the items that make the index."""
        first = next((item.scale for item in self.items if item.factor is not None), self.items[0].scale)
        return self.index_scale or first

    def factors(self, scale: str) -> dict[str, list[str]]:
        """Return factor → item columns of one scale, in the form's order."""
        found: dict[str, list[str]] = {}
        for item in self.items:
            if item.scale == scale and item.factor is not None:
                found.setdefault(item.factor, []).append(item.code)
        return found

    def settings(self, scale: str) -> dict[str, Any]:
        """Return the arguments of :func:`chiso.survey.shares` that say what the answers of one scale mean.

        Raises:
            SurveyError: the form has no such scale.
        """
        if scale not in self.scales:
            fail("unknown_choice", name="scale", value=scale, choices=", ".join(self.scales))
        codes = self.scales[scale]
        return {
            "items": self.factors(scale),
            "satisfied": codes.satisfied,
            "scale": codes.codes,
            "unknown": codes.unknown,
        }

    def prepare(self, frame: Frame) -> pl.DataFrame:
        """Return the answers with reverse items turned round (best + worst code - answer); codes of "don't know" stay.

        Raises:
            SurveyError: an item has no column, or a reverse item holds text.

        Examples:
            >>> slip = Scale(codes=(1, 2, 3), labels=("bad", "fair", "good"), satisfied=(3,), unknown=(9,))
            >>> item = Item(code="q1", text="Did you wait long?", factor="f", scale="slip", reverse=True)
            >>> form = Questionnaire(code="x", title="x", scales={"slip": slip}, items=(item,))
            >>> form.prepare(pl.DataFrame({"q1": [1, 3, 9, None]}))["q1"].to_list()
            [3, 1, 9, None]
        """
        data = to_polars(frame)
        need(data, [item.code for item in self.items])
        turned = []
        for item in self.items:
            if item.reverse:
                if not data[item.code].dtype.is_numeric():
                    fail("not_numbers", column=item.code, kind=str(data[item.code].dtype))
                scale, answer = self.scales[item.scale], pl.col(item.code)
                ends = max(scale.codes) + min(scale.codes)
                turned.append(
                    pl.when(answer.is_in(list(scale.codes))).then(ends - answer).otherwise(answer).alias(item.code)
                )
        return data.with_columns(turned)


def load_questionnaire(path: Path) -> Questionnaire:
    """Read a form from TOML: ``code``, ``title``, ``[scales.<name>]``, ``[[items]]``, perhaps ``index_scale``.

    Raises:
        SurveyError: not TOML, or not a form: every fault with its key.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        fail("form_not_toml", file=path.name, why=error)
    faults = [text("survey.form_fault", where=where, what=what) for where, what in _crossed(raw)]
    try:
        form = Questionnaire.model_validate(raw)
    except ValidationError as error:
        faults.insert(0, explain(error))
    if faults:
        fail("form_invalid", file=path.name, places="\n".join(faults))
    return form


def _crossed(raw: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what does not agree between the parts of a form that may have other faults too: key, what is wrong."""
    scales = raw.get("scales")
    names = list(scales) if isinstance(scales, dict) else []
    items = raw.get("items")
    entries = [item if isinstance(item, dict) else {} for item in items] if isinstance(items, list) else []
    seen: set[object] = set()
    for place, item in enumerate(entries, 1):
        code, scale = item.get("code"), item.get("scale")
        if code is not None and str(code) in seen:
            yield f"items.{place}.code", text("survey.form_item_twice", code=code)
        seen.add(str(code))
        if scale is not None and scale not in names:
            yield f"items.{place}.scale", text("survey.form_no_scale", scale=scale, known=", ".join(names))
    index = raw.get("index_scale")
    if index is not None and index not in names:
        yield "index_scale", text("survey.form_no_scale", scale=index, known=", ".join(names))


def compare_forms(first: Questionnaire, second: Questionnaire) -> pl.DataFrame:
    """Tell which items of two forms may be compared.

    Returns:
        One row an item code, in the order of the forms: ``code``, ``factor``, ``status``: ``same``; ``text_changed``,
        ``scale_changed`` (codes, satisfied codes or direction differ), ``factor_changed``; ``only_first``,
        ``only_second``. Only ``same`` items are comparable.
    """
    a, b = ({item.code: item for item in form.items} for form in (first, second))
    rows = []
    for code in dict.fromkeys([*a, *b]):
        if code not in b or code not in a:
            status = "only_first" if code in a else "only_second"
        else:
            one, two = first.scales[a[code].scale], second.scales[b[code].scale]
            scales = (one.codes, one.satisfied, a[code].reverse) == (two.codes, two.satisfied, b[code].reverse)
            status = (
                "scale_changed"
                if not scales
                else "text_changed"
                if " ".join(a[code].text.split()) != " ".join(b[code].text.split())
                else "factor_changed"
                if a[code].factor != b[code].factor
                else "same"
            )
        rows.append((code, (b.get(code) or a[code]).factor, status))
    return pl.DataFrame(rows, schema={"code": pl.String, "factor": pl.String, "status": pl.String}, orient="row")
