"""Units against each other, and a period against earlier ones: what the answers allow to say."""

from __future__ import annotations

import numpy as np
import polars as pl

from chiso.catalogue.model import SipasSettings
from chiso.indicators.survey_form import same_items
from chiso.indicators.survey_statistics import Sample, coded, details
from chiso.survey import change, compare, holm

_TEST = {
    "difference": pl.Float64,
    "se": pl.Float64,
    "df": pl.Float64,
    "ci_low": pl.Float64,
    "ci_high": pl.Float64,
    "p": pl.Float64,
    "p_holm": pl.Float64,
    "verdict": pl.String,
}
UNITS = {
    "period": pl.String,
    "unit_code": pl.String,
    "other": pl.String,
    "level": pl.String,
    "code": pl.String,
    "share": pl.Float64,
    "share_other": pl.Float64,
    **_TEST,
    "rank": pl.Int64,
    "rank_best": pl.Int64,
    "rank_worst": pl.Int64,
}
CHANGES = {
    "period": pl.String,
    "before": pl.String,
    "against": pl.String,
    "unit_code": pl.String,
    "level": pl.String,
    "code": pl.String,
    "items_compared": pl.Int64,
    "all_items": pl.Boolean,
    "share_before": pl.Float64,
    "share_after": pl.Float64,
    **_TEST,
}
_LEVELS = ("factor", "overall")


def units(sample: Sample, sipas: SipasSettings, period: str) -> pl.DataFrame:
    """Compare every unit with all the others together (``other`` null) and with each: columns of :data:`UNITS`.

    ``p_holm`` and ``verdict`` are of one code's comparisons of one kind. Rank and band stand in the rows with ``other``
    null, among all units with a figure; a report that leaves units out ranks the rest anew (:func:`bands`).
    """
    named = sample.design.data["unit_code"].drop_nulls().n_unique()
    if named < 2:
        return pl.DataFrame(schema=UNITS)
    parts = []
    for against in ("rest", "pairs"):
        with np.errstate(invalid="ignore", divide="ignore"):  # a line that nobody answered has no spread
            table = compare(
                sample.design,
                sample.items,
                "unit_code",
                against=against,
                level=sipas.confidence,
                within=("level", "code"),
                **sample.asked(sipas),
            )
        table = table.filter(pl.col("level").is_in(_LEVELS))
        parts.append(
            table.rename(
                {"second": "unit_code", "first": "other", "share_second": "share", "share_first": "share_other"}
            ).with_columns(pl.col("other").cast(pl.String))
        )
    rows = pl.concat(parts, how="diagonal_relaxed").with_columns(
        period=pl.lit(period),
        code=coded(),
        **{c: pl.col(c).fill_nan(None) for c in ("share", "share_other")},
    )
    ranked = pl.concat(
        bands(group, sipas.confidence).with_columns(code=pl.lit(str(code)))
        for (code,), group in rows.group_by("code", maintain_order=True)
    ).with_columns(other=pl.lit(None, pl.String))
    joined = rows.join(ranked, on=["unit_code", "code", "other"], how="left", nulls_equal=True, maintain_order="left")
    return joined.select(*UNITS).cast(UNITS)  # type: ignore[arg-type]


def bands(rows: pl.DataFrame, level: float) -> pl.DataFrame:
    """Rank the units of one code and give each a band of ranks; all bands hold together with confidence ``level``.

    Args:
        rows: of :data:`UNITS`, one code: those with ``other`` null say which units there are and their shares; the
            pairs are tested anew by Holm, so that units may be left out.
        level: confidence of all bands together.

    Returns:
        ``unit_code``, ``rank`` (ties share the smaller), ``rank_best``, ``rank_worst``; nulls for a unit without share.

    Source:
        As :func:`chiso.survey.rank_bands`.
    """
    single = rows.filter(pl.col("other").is_null()).sort("unit_code")
    names, share = single["unit_code"].to_list(), single["share"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    pairs = rows.filter(pl.col("other").is_in(names) & pl.col("unit_code").is_in(names))
    clear = pairs.filter(pl.Series(holm(pairs["p"].cast(pl.Float64).fill_null(np.nan).to_numpy()) < 1 - level))
    up = pl.when(pl.col("difference") > 0)
    better = clear.select(up.then("unit_code").otherwise("other")).to_series().to_list()
    worse = clear.select(up.then("other").otherwise("unit_code")).to_series().to_list()
    known = int((~np.isnan(share)).sum())
    found = [
        (
            name,
            None if np.isnan(own) else 1 + int((share > own + 1e-12).sum()),
            None if np.isnan(own) else 1 + worse.count(name),
            None if np.isnan(own) else known - better.count(name),
        )
        for name, own in zip(names, share, strict=True)
    ]
    schema = {"unit_code": pl.String, "rank": pl.Int64, "rank_best": pl.Int64, "rank_worst": pl.Int64}
    return pl.DataFrame(found, schema=schema, orient="row")


def changes(now: Sample, before: Sample, sipas: SipasSettings, period: str, earlier: str, against: str) -> pl.DataFrame:
    """Compare a period with an earlier one on the items asked alike and answered in both: columns of :data:`CHANGES`.

    Args:
        now: this period's responses.
        before: the earlier period's.
        sipas: conventions; this period's hold for both.
        period: canonical name.
        earlier: canonical name of the earlier one.
        against: ``previous`` or ``year_before``.

    Returns:
        Rows of factors and overall, whole department (one family of tests) and units (one family a code).
    """
    answered = [_answered(s) for s in (now, before)]
    alike = same_items(now.answers.asked, before.answers.asked)
    shared = {f: [c for c in group if c in alike and all(c in a for a in answered)] for f, group in now.items.items()}
    shared = {f: group for f, group in shared.items() if group}
    if not shared:
        return pl.DataFrame(schema=CHANGES)
    factors = set(now.items) == set(shared)
    own = {c for group in now.items.values() for c in group if c in answered[0]} | {
        c for group in before.items.values() for c in group if c in answered[1]
    }
    both = {c for group in shared.values() for c in group}
    tables = [details(s, sipas, period, shared).rename({"method": "interval"}) for s in (before, now)]
    tables = [
        t.filter(pl.col("level").is_in(_LEVELS) & (factors | (pl.col("level") != "overall"))).with_columns(
            pl.col("interval").fill_null("none")
        )
        for t in tables
    ]
    parts = []
    for whole, within in ((True, ()), (False, ("code",))):
        pair = [t.filter(pl.col("unit_code").is_null() == whole) for t in tables]
        if pair[0].join(pair[1], on=["unit_code", "code"], nulls_equal=True).height:
            parts.append(change(*pair, on=("unit_code", "level", "code"), level=sipas.confidence, within=within))
    if not parts:
        return pl.DataFrame(schema=CHANGES)
    table = pl.concat(parts, how="diagonal_relaxed").with_columns(
        period=pl.lit(period),
        before=pl.lit(earlier),
        against=pl.lit(against),
        items_compared=pl.lit(len(both)),
        all_items=pl.lit(own == both),
        **{c: pl.col(c).fill_nan(None) for c in ("share_before", "share_after")},
    )
    return table.select(*CHANGES).cast(CHANGES)  # type: ignore[arg-type]


def same_form(changes: pl.DataFrame | None, before: str) -> bool:
    """Return whether the form of an earlier period asked the same items.

    Where it did not, the change stands in the table of changes, on the items that both share; the indices of the two
    periods are of different items, and their difference means nothing.

    Args:
        changes: the table of changes (:data:`CHANGES`); None where there is no survey.
        before: the earlier period.
    """
    return changes is None or bool(changes.filter(pl.col("before") == before)["all_items"].all())


def _answered(sample: Sample) -> set[str]:
    """Item columns with a valid answer."""
    data = sample.design.data
    return {c for group in sample.items.values() for c in group if data[c].null_count() < data.height}
