"""Satisfaction with its uncertainty, as tables: what the notebooks show and the appendices hold."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from chiso.catalogue import Catalogue
from chiso.indicators.survey import DIRECT, FACTORS, OVERALL
from chiso.indicators.survey_form import load_form
from chiso.messages import text
from chiso.reporting import formats, privacy
from chiso.reporting.report import Column, Note, Table
from chiso.sources import Dataset, load_contract

_ITEM = r"^(\w+?)_\d+$"


def item_texts(dataset: Dataset, year: int) -> dict[str, str]:
    """Return the questions by item code, where the data folder brings the plan year's questionnaire; else nothing.

    Raises:
        ChisoError: the form cannot be read; the message names file and key.
    """
    form = load_form(dataset.folder, year)
    return {item.code: item.text for item in form.items} if form else {}


def line_names(catalogue: Catalogue, codes: list[str], texts: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the name of each code of the satisfaction tables; items by their question where it is known."""
    found = {}
    for code in codes:
        if code == OVERALL:
            found[code] = text("sipas.overall")
        elif code == DIRECT:
            found[code] = (texts or {}).get(code) or text("sipas.direct")
        elif code in FACTORS.values():
            found[code] = text("sipas.factor", code=code, name=catalogue.component(code).name)
        else:
            found[code] = (texts or {}).get(code) or item_name(catalogue, code)
    return found


def item_name(catalogue: Catalogue, code: str) -> str:
    """Return what an item is called whose question is not known: its number and its factor."""
    family, _, number = code.rpartition("_")
    if family not in FACTORS:
        return load_contract()["survey_responses"].column(code).label
    return text("sipas.item_of", number=number, factor=catalogue.component(FACTORS[family]).name)


def published_rows(frame: pl.DataFrame, out: privacy.Hidden) -> pl.DataFrame:
    """Return rows of a satisfaction table (``unit_code``, ``level``, ``code``) without the cells that may not show."""
    factor = pl.col("code").str.extract(_ITEM).replace_strict(FACTORS, default=None, return_dtype=pl.String)
    cell = pl.when(pl.col("level") == "item").then(factor).otherwise("code")
    lost = pl.DataFrame(sorted(out, key=str), schema={"unit_code": pl.String, "_cell": pl.String}, orient="row")
    return (
        frame.with_columns(_cell=cell)
        .join(lost, on=["unit_code", "_cell"], how="anti", nulls_equal=True, maintain_order="left")
        .drop("_cell")
    )


def details_table(
    details: pl.DataFrame,
    catalogue: Catalogue,
    units: Mapping[str, str],
    out: privacy.Hidden,
    unit: str | None = None,
    texts: Mapping[str, str] | None = None,
) -> Table:
    """Return every line of the satisfaction tables by unit: n, shares, standard error, interval, method.

    Args:
        details: result table ``satisfaction_details``: internal, unsuppressed.
        catalogue: names of factors; conventions and confidence.
        units: unit names by code.
        out: cells that may not be published.
        unit: code for one unit's rows beside the whole; None: all units.
        texts: questions by item code.
    """
    rows = published_rows(details.filter(pl.col("n") > 0), out)
    if unit:
        rows = rows.filter(pl.col("unit_code").is_null() | (pl.col("unit_code") == unit))
    names = line_names(catalogue, rows["code"].unique().to_list(), texts)
    shown = rows.with_columns(
        unit=pl.col("unit_code").replace(units).fill_null(text("sipas.whole")),
        name=pl.col("code").replace(names),
        kind=pl.col("level").replace({level: text(f"sipas.level_{level}") for level in rows["level"].unique()}),
        method=pl.col("method").replace({m: text(f"sipas.method_{m}") for m in rows["method"].drop_nulls().unique()}),
    )
    columns = (
        Column("unit", text("tables.column.unit"), width=34),
        Column("kind", text("sipas.level"), width=14),
        Column("name", text("sipas.line"), width=44),
        Column("n", text("sipas.respondents"), "integer", width=12),
        Column("share", text("sipas.share"), "percent", width=12),
        Column("share_unweighted", text("sipas.unweighted"), "percent", width=12),
        Column("se", text("sipas.se"), "percent", width=12),
        Column("ci_low", text("sipas.low"), "percent", width=12),
        Column("ci_high", text("sipas.high"), "percent", width=12),
        Column("method", text("sipas.method"), width=22),
    )
    notes = (*method_notes(catalogue, details), Note(text("sipas.withheld", minimum=privacy.MINIMUM)))
    return Table("satisfaction-details", text("sipas.details"), columns, shown, notes, empty=text("tables.survey.none"))


def method_notes(catalogue: Catalogue, details: pl.DataFrame) -> tuple[Note, ...]:
    """Return what stands under every table of intervals: confidence, conventions, how the sample is taken."""
    sipas = catalogue.settings.sipas
    level = formats.percent(sipas.confidence, trim=True)
    usual = "confidence" if sipas.confidence == 0.95 else "confidence_other"
    convention = text(
        "sipas.convention",
        factor=text(f"catalogue.methodology.factor_index_{sipas.factor_index}"),
        overall=text(f"catalogue.methodology.overall_{sipas.overall}"),
    )
    weighting = details["weighting"].drop_nulls().unique().to_list()
    drawn = [Note(text(f"sipas.design_{weighting[0]}"))] if weighting else []
    return (Note(text(f"sipas.{usual}", level=level)), Note(convention), *drawn)
