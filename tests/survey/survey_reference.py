"""Sample data and the values that R's packages gave for them."""

from collections import defaultdict
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl

DATA = Path(__file__).parent / "data"
PLAIN, FITTED = 1e-9, 1e-6  # relative differences allowed


@cache
def golden() -> dict[str, np.ndarray]:
    """Values by key; NaN where R has none."""
    found: dict[str, list[float]] = defaultdict(list)
    table = pl.read_csv(DATA / "golden.csv", schema={"key": pl.String, "index": pl.Int64, "value": pl.String})
    for key, _, value in table.rows():
        found[key].append(float("nan") if value in ("NA", "NaN") else float(value))
    return {key: np.array(values) for key, values in found.items()}


@cache
def sample(name: str) -> pl.DataFrame:
    """One of the CSV files."""
    return pl.read_csv(DATA / f"{name}.csv", schema_overrides={"weight": pl.Float64}, infer_schema_length=None)


def close(found: object, key: str, tolerance: float = PLAIN, most: float = np.inf) -> None:
    """Compare ``found`` with the golden values of ``key``, those cut at ``most``."""
    expected = np.minimum(golden()[key], most)
    got = np.array([np.nan if f is None else f for f in np.ravel(np.asarray(found, dtype=object))], dtype=float)
    np.testing.assert_allclose(got, expected, rtol=tolerance, atol=1e-15, err_msg=key)
