"""Why a part of a run is stale, in words a person acts on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from chiso.messages import text
from chiso.runs.reads import ACCOUNTS, COLUMNS, EXPORTS, FIGURES, FILES, RESULT, ROWS, TABLE
from chiso.sources.contract import TableContract

#: Reasons that are told; the rest is counted.
SHOWN = 5
#: Names of changed inputs that follow from other changes: told only where nothing else is.
_CONSEQUENCES = (FIGURES, RESULT, ACCOUNTS, EXPORTS)


def told(changed: Iterable[str], contracts: Mapping[str, TableContract]) -> list[str]:
    """Return in words which inputs changed, causes before what follows from them.

    Args:
        changed: names of inputs (:mod:`chiso.runs.inputs`).
        contracts: of the tables, for their names.
    """
    names = list(changed)
    causes = [name for name in names if not name.startswith(_CONSEQUENCES)]
    rest = [name for name in names if name not in causes]
    return _bounded(_causes(causes, contracts) or _figures(rest))


def _causes(names: Sequence[str], contracts: Mapping[str, TableContract]) -> list[str]:
    """Return each cause once: of a table that its rows changed, or else that its files did."""
    changed = {name.partition(":")[2] for name in names if name.startswith((TABLE, ROWS, COLUMNS))}
    found = []
    for name in names:
        kind, _, table = name.partition(":")
        if not table:
            found.append(text(f"runs.stale_{name}"))
            continue
        key = "files" if kind == FILES[:-1] and table not in changed else "table"
        found.append(text(f"runs.stale_{key}", table=contracts[table].label if table in contracts else table))
    return list(dict.fromkeys(found))


def _figures(names: Sequence[str]) -> list[str]:
    found = []
    indicators = [name.removeprefix(f"{FIGURES}:") for name in names if name.startswith(f"{FIGURES}:")]
    if indicators:
        more = text("runs.and_more", count=len(indicators) - SHOWN) if len(indicators) > SHOWN else ""
        found.append(text("runs.stale_figures", indicators=", ".join(indicators[:SHOWN]) + more))
    elif any(name.startswith((FIGURES, RESULT)) for name in names):
        found.append(text("runs.stale_results"))
    kinds = {name.partition(":")[0] for name in names}
    found += [text(f"runs.stale_{kind}") for kind in (ACCOUNTS, EXPORTS) if kind in kinds]
    return found


def _bounded(reasons: list[str]) -> list[str]:
    if len(reasons) <= SHOWN:
        return reasons
    return [*reasons[:SHOWN], text("runs.stale_more", count=len(reasons) - SHOWN)]
