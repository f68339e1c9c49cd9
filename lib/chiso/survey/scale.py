"""How well the items of a factor measure one thing: blanks, Cronbach's alpha with intervals, item–rest correlations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import scipy

from chiso.survey.frames import Frame, fail, need, numbers, some, to_polars


@dataclass(frozen=True)
class Alpha:
    """Cronbach's alpha of a set of items.

    Attributes:
        total: one row: ``n`` (rows of the frame, as psych counts them), ``n_complete`` (rows without a blank),
            ``items``, ``raw_alpha``, ``std_alpha``, ``g6`` (Guttman's lambda 6), ``average_r``, ``median_r``,
            ``signal_noise``, ``ase`` (Duhachek and Iacobucci), ``feldt_low``, ``feldt_high``, ``duhachek_low``,
            ``duhachek_high``, ``mean`` and ``sd`` of the respondents' mean answer.
        items: one row an item: ``item``, ``n``, ``n_missing``, ``missing_share``, ``mean``, ``sd``, ``raw_r`` (with the
            mean of all items), ``std_r``, ``r_cor`` (corrected for overlap), ``r_drop`` (with the rest), and if the
            item is dropped ``alpha_if_dropped``, ``std_alpha_if_dropped``, ``g6_if_dropped``, ``average_r_if_dropped``
            (null with two items).
        left_out: items without variance, left out.
    """

    total: pl.DataFrame
    items: pl.DataFrame
    left_out: tuple[str, ...]


def nonresponse(frame: Frame, items: Sequence[str]) -> pl.DataFrame:
    """Count the blanks of each item.

    Args:
        frame: one row a respondent.
        items: item columns.

    Returns:
        ``item``, ``n`` (answers), ``n_missing``, ``missing_share``.

    Examples:
        >>> import polars as pl
        >>> nonresponse(pl.DataFrame({"q1": [5, None, 4, 4]}), ["q1"]).row(0)
        ('q1', 3, 1, 0.25)
    """
    data = to_polars(frame)
    need(data, items)
    missing = [data[c].null_count() for c in items]
    return pl.DataFrame(
        {"item": list(items), "n": [data.height - m for m in missing], "n_missing": missing}
    ).with_columns(missing_share=pl.col("n_missing") / data.height)


def cronbach_alpha(frame: Frame, items: Sequence[str], *, reverse: Sequence[str] = (), level: float = 0.95) -> Alpha:
    """Cronbach's alpha from pairwise covariances, as ``psych::alpha`` gives it.

    Args:
        frame: one row a respondent; blanks are left out pair by pair, no row is dropped.
        items: at least two item columns with numbers.
        reverse: items to turn round (smallest + largest answer of all items - answer), as psych's keys.
        level: confidence level of both intervals.

    Raises:
        SurveyError: fewer than two items with variance, two items never answered together, text in an item.

    Source:
        ``alpha()`` of R's `psych` (``use="pairwise"``, ``check.keys=FALSE``); Feldt 1965: 1 - (1-α) F, with n - 1 and
        (n-1)(k-1) degrees of freedom; Duhachek and Iacobucci 2004: α ± z·ase.

    Examples:
        >>> import polars as pl
        >>> answers = pl.DataFrame({"a": [1, 2, 3, 4, 5], "b": [2, 2, 3, 5, 5], "c": [1, 3, 3, 4, 4]})
        >>> cronbach_alpha(answers, ["a", "b", "c"]).total.select(pl.col("raw_alpha", "std_alpha").round(4)).row(0)
        (0.9538, 0.9578)
    """
    data = to_polars(frame)
    need(data, [*items])
    if unknown := [c for c in reverse if c not in items]:
        fail("column_unknown", names=some(unknown), hint="")
    if not 0 < level < 1:
        fail("level_outside", value=level)
    x = np.stack([numbers(data, c) for c in items], axis=1) if items else np.empty((data.height, 0))
    spread = np.array([_sd(c) for c in x.T])
    kept = spread > 0
    names = [c for c, k in zip(items, kept, strict=True) if k]
    if len(names) < 2:
        fail("alpha_too_few", items=some(items))
    constant = x[:, ~kept]
    x = x[:, kept]
    turned = np.isin(names, list(reverse))
    if turned.any():
        x[:, turned] = np.nanmax(x) + np.nanmin(x) - x[:, turned]
    c, r = pairwise_covariance(x), pairwise_covariance(x, correlation=True)
    if np.isnan(c).any():
        a, b = np.argwhere(np.isnan(c))[0]
        fail("alpha_no_pairs", first=names[a], second=names[b])
    whole = _alpha(c, r)
    n, k = data.height, len(names)
    score = _row_means(x, constant)
    ase, z = np.sqrt(whole["q"] / n), -scipy.special.ndtri((1 - level) / 2)
    a = (1 - level) / 2
    df1, df2 = n - 1, (n - 1) * (k - 1)
    total = pl.DataFrame(
        {
            "n": [n],
            "n_complete": [int((~np.isnan(x)).all(axis=1).sum())],
            "items": [k],
            "raw_alpha": [whole["raw"]],
            "std_alpha": [whole["std"]],
            "g6": [whole["g6"]],
            "average_r": [whole["average_r"]],
            "median_r": [float(np.median(r[np.tril_indices(k, -1)]))],
            "signal_noise": [k * whole["average_r"] / (1 - whole["average_r"])],
            "ase": [float(ase)],
            "feldt_low": [float(1 - (1 - whole["raw"]) * scipy.special.fdtri(df1, df2, 1 - a))],
            "feldt_high": [float(1 - (1 - whole["raw"]) * scipy.special.fdtri(df1, df2, a))],
            "duhachek_low": [float(whole["raw"] - z * ase)],
            "duhachek_high": [float(whole["raw"] + z * ase)],
            "mean": [float(np.nanmean(score))],
            "sd": [_sd(score)],
        }
    )
    counted = nonresponse(data, names)
    lines = counted.with_columns(pl.DataFrame(_item_rows(x, c, r, score)))
    return Alpha(total, lines, tuple(c for c, k in zip(items, kept, strict=True) if not k))


def pairwise_covariance(x: np.ndarray, *, correlation: bool = False) -> np.ndarray:
    """Return covariances (or correlations) of the columns of ``x`` (n, k), each from the rows where both are known.

    Source:
        ``cov(use="pairwise")`` and ``cor(use="pairwise")`` of R.

    Examples:
        >>> x = np.array([[1.0, 2.0], [2.0, 4.0], [3.0, np.nan]])
        >>> pairwise_covariance(x).tolist()
        [[1.0, 1.0], [1.0, 2.0]]
    """
    known = (~np.isnan(x)).astype(float)
    centre = np.array([np.mean(c[~np.isnan(c)]) if (~np.isnan(c)).any() else 0.0 for c in x.T])
    y = np.nan_to_num(x - centre)
    n = known.T @ known
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (y.T @ known) / n  # mean of column i over the rows where column j is known too
        found = (y.T @ y - n * mean * mean.T) / (n - 1)
        if correlation:
            own = ((y**2).T @ known - n * mean**2) / (n - 1)
            found = found / np.sqrt(own * own.T)
    return np.where(n > 1, found, np.nan)


def _alpha(c: np.ndarray, r: np.ndarray) -> dict[str, float]:
    k = c.shape[0]
    ratio = k / (k - 1)
    total, trace = c.sum(), np.trace(c)
    square = c @ c
    return {
        "raw": float((1 - trace / total) * ratio),
        "std": float((1 - k / r.sum()) * ratio),
        "g6": float(1 - (k - _smc(r).sum()) / r.sum()),
        "average_r": float((r.sum() - k) / (k * (k - 1))),
        "q": float(2 * ratio**2 / total**3 * (total * (np.trace(square) + trace**2) - 2 * trace * square.sum())),
    }


def _smc(r: np.ndarray) -> np.ndarray:
    """Squared multiple correlation of each item with the others."""
    if r.shape[0] == 1:
        return np.zeros(1)
    return np.clip(1 - 1 / np.diag(np.linalg.pinv(r, hermitian=True)), 0, 1)


def _item_rows(x: np.ndarray, c: np.ndarray, r: np.ndarray, score: np.ndarray) -> dict[str, list[float | None]]:
    k = c.shape[0]
    overlap = r.copy()
    np.fill_diagonal(overlap, _smc(r))
    rest = c.sum() - 2 * c.sum(axis=0) + np.diag(c)
    r_drop = (c.sum(axis=0) - np.diag(c)) / np.sqrt(np.diag(c) * rest)
    dropped = [
        _alpha(np.delete(np.delete(m, i, 0), i, 1), np.delete(np.delete(r, i, 0), i, 1)) if k > 2 else {}
        for i, m in enumerate([c] * k)
    ]
    rows = {
        "mean": np.nanmean(x, axis=0),
        "sd": np.array([_sd(column) for column in x.T]),
        "raw_r": np.array([pairwise_covariance(np.stack([score, col], 1), correlation=True)[0, 1] for col in x.T]),
        "std_r": r.sum(axis=0) / np.sqrt(r.sum()),
        "r_cor": overlap.sum(axis=0) / np.sqrt(overlap.sum()),
        "r_drop": r_drop,
    }
    found: dict[str, list[float | None]] = {name: [float(v) for v in values] for name, values in rows.items()}
    for name, key in (
        ("alpha_if_dropped", "raw"),
        ("std_alpha_if_dropped", "std"),
        ("g6_if_dropped", "g6"),
        ("average_r_if_dropped", "average_r"),
    ):
        found[name] = [d.get(key) for d in dropped]
    return found


def _row_means(x: np.ndarray, constant: np.ndarray) -> np.ndarray:
    """Mean answer of each respondent over the items answered; items without variance count with their first value."""
    known = (~np.isnan(x)).sum(axis=1)
    mean = np.where(known > 0, np.nansum(x, axis=1) / np.maximum(known, 1), np.nan)
    if constant.shape[1] == 0:
        return mean
    return (x.shape[1] * mean + np.nansum(constant[0])) / (x.shape[1] + constant.shape[1])


def _sd(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return float(known.std(ddof=1)) if known.size > 1 else 0.0
