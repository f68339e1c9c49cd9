"""Questionnaires as data: items with their text, factor and scale; what two forms have in common.

A form may hold items of several scales (answers 1–5, the three-level slip of the one-stop counter). They are never
mixed in one figure: settings for :func:`chiso.survey.shares` are given scale by scale.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from chiso.survey.frames import Frame, fail, need, to_polars


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
        if len(self.labels) != len(self.codes) or len(set(self.codes)) != len(self.codes):
            raise ValueError("labels, codes")
        if not set(self.satisfied) <= set(self.codes) or set(self.unknown) & set(self.codes):
            raise ValueError("satisfied, unknown")
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
    factor: str | None
    scale: str
    reverse: bool = False


class Questionnaire(BaseModel):
    """A form: its scales and items."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    code: str
    title: str
    scales: dict[str, Scale]
    items: tuple[Item, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _complete(self) -> Questionnaire:
        codes = [item.code for item in self.items]
        twice = sorted({c for c in codes if codes.count(c) > 1})
        unknown = sorted({item.scale for item in self.items} - set(self.scales))
        if twice or unknown:
            raise ValueError(", ".join(twice + unknown))
        return self

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
    """Read a form from TOML: ``code``, ``title``, ``[scales.<name>]`` and ``[[items]]``.

    Raises:
        SurveyError: not TOML, or not a form; names the place.
    """
    try:
        return Questionnaire.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        fail("form_not_toml", file=path.name, why=error)
    except ValidationError as error:
        places = "; ".join(".".join(str(p) for p in e["loc"]) + ": " + e["msg"] for e in error.errors()[:5])
        fail("form_invalid", file=path.name, places=places)


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
