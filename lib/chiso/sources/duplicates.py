"""One key, several rows: equal rows are one, later exports replace earlier ones, the rest cannot be told apart."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

#: Columns that the frame carries beside the table's own.
SHEET, ROW, EXPORTED = "_sheet", "_row", "_exported"
FATE = "_fate"


def resolve(frame: pl.DataFrame, key: Sequence[str], columns: Sequence[str]) -> pl.DataFrame:
    """Return the rows with their fate: accepted, merged, superseded or rejected.

    A version is a set of rows of one key that are equal in all ``columns``. One version: one row is accepted, the
    others are merged. Several versions: where each row has an export date and one version alone has the latest, it
    wins and the others are superseded; where a date is missing, all are rejected; where versions share the latest
    date, those rows are rejected and the older ones superseded. The order of the rows does not matter.

    Args:
        frame: the table's columns and `SHEET` (number of the sheet in the order of file names), `ROW`, `EXPORTED`.
        key: the table's key.
        columns: all columns of the table.
    """
    doubled = frame.select(pl.struct(key).is_duplicated()).to_series()
    if not doubled.any():
        return frame.with_columns(pl.lit("accepted").alias(FATE))
    single = frame.filter(~doubled).with_columns(pl.lit("accepted").alias(FATE))
    rows = frame.filter(doubled).sort(EXPORTED, SHEET, ROW, descending=[True, False, False], nulls_last=True)
    rows = rows.with_row_index("_place")
    versions = rows.group_by(columns, maintain_order=True).agg("_place").with_row_index("_version")
    rows = rows.join(versions.select("_version", "_place").explode("_place"), on="_place").sort("_place")

    exported, version = pl.col(EXPORTED), pl.col("_version")
    at_latest = exported == exported.max()
    told = rows.with_columns(
        _versions=version.n_unique().over(key),
        _undated=exported.is_null().any().over(key),
        _at_latest=at_latest.over(key),
        _latest_versions=version.filter(at_latest).n_unique().over(key),
        _winner=version.filter(at_latest).first().over(key),
        _first=(pl.col("_place") == pl.col("_place").min()).over([*key, "_version"]),
    )
    one = pl.when("_first").then(pl.lit("accepted")).otherwise(pl.lit("merged"))
    fate = (
        pl.when(pl.col("_versions") == 1).then(one)
        .when("_undated").then(pl.lit("rejected"))
        .when((pl.col("_latest_versions") > 1) & pl.col("_at_latest")).then(pl.lit("rejected"))
        .when(pl.col("_latest_versions") > 1).then(pl.lit("superseded"))
        .when(version == pl.col("_winner")).then(one)
        .otherwise(pl.lit("superseded"))
    )  # fmt: skip
    return pl.concat([single, told.with_columns(fate.alias(FATE)).select(single.columns)])
