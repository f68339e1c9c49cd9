"""The draft as a whole: template, heads, sections, the file's bytes."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from chiso.messages import text, texts
from chiso.reporting import formats
from chiso.reporting.packing import repacked
from chiso.reporting.word import outlook, results
from chiso.reporting.word.facts import Facts
from chiso.reporting.word.template import band, fill, open_template
from chiso.reporting.word.work import work_of
from chiso.reporting.workbook import Material


def word_draft(
    material: Material, files: Mapping[str, str], history: pl.DataFrame | None = None, template: Path | None = None
) -> bytes:
    """Return the draft of the periodic report. The same material and template give the same bytes.

    Args:
        material: what the appendices are made from; tables made for them are not made again.
        files: name of each index's workbook, by index.
        history: indicators of earlier periods with a column ``period``, unsuppressed; None: nothing is compared.
        template: the office's own; None: the shipped one.

    Raises:
        ChisoError: the template cannot be used; the message says why.
    """
    document = open_template(template)
    facts, t, body = Facts(material, files, history), material.timeframe, material.dataset.body
    span = {"period": t.period.label, "start": formats.day(t.start), "end": formats.day(t.as_of)}
    writer = fill(document, heads(material) | {"ky_bao_cao": text("word.period", **span)})
    if body.synthetic:
        band(document, text("word.band"))
    c, tasks = material.catalogue, work_of(material)
    writer.paragraph(
        text("word.opening", title=c.title, source=c.source, issuer=c.issuer, subject=material.subject, **span)
    )
    results.direction(writer, facts)
    results.areas(writer, facts)
    results.satisfaction(writer, facts)
    outlook.shortcomings(writer, facts, tasks)
    outlook.next_steps(writer, facts, tasks)
    outlook.notes(writer, facts)
    closing = writer.paragraph(text("word.closing", period=t.period.label, subject=material.subject))
    closing.paragraph_format.keep_with_next = True  # the signature is not alone on a page
    writer.close()
    return _bytes(document, material)


def heads(material: Material) -> dict[str, str]:
    """Return who issues the report, above whom it stands, what it is about and who signs."""
    body = material.dataset.body
    title = text("word.subject", title=material.catalogue.title)
    if material.unit is not None:
        parent, issuer, signer = body.name.upper(), material.subject.upper(), text("word.signer_blank")
    else:
        name, province = body.name, body.province or ""
        if province and name.casefold().endswith(province.casefold()):
            name = name[: -len(province)].strip()
        parent = text("word.parent", province=province).upper() if province else text("word.parent_blank")
        director = body.name.casefold().startswith(tuple(f"{word.casefold()} " for word in texts("word.department")))
        issuer, signer = name.upper(), text("word.signer").upper() if director else text("word.signer_blank")
    return {"co_quan_chu_quan": parent, "co_quan": issuer, "trich_yeu": title, "chuc_vu": signer}


def _bytes(document: object, material: Material) -> bytes:
    day = material.timeframe.as_of
    moment = dt.datetime(day.year, day.month, day.day)
    properties = document.core_properties  # type: ignore[attr-defined]
    properties.author = properties.last_modified_by = "chiso"
    properties.title = text("word.subject", title=material.catalogue.title)
    properties.subject, properties.revision = material.timeframe.period.label, 1
    properties.created = properties.modified = moment
    raw = io.BytesIO()
    document.save(raw)  # type: ignore[attr-defined]
    return repacked(raw.getvalue())
