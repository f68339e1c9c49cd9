"""``chiso map``: a mapping proposed from a specimen, as a report and a file to edit."""

from __future__ import annotations

from pathlib import Path

from chiso.errors import ChisoError
from chiso.messages import text
from chiso.runs.files import write_text
from chiso.sources.mapping.model import load_mapping
from chiso.sources.mapping.proposal import propose, report, toml


def map_into(specimen: Path, table: str | None, out: Path | None, overwrite: bool) -> str:
    """Write the proposed mapping file and return the report on it.

    Raises:
        ChisoError: the specimen cannot be read, or the file is there already and may not be overwritten.
    """
    proposal = propose(specimen, table)
    target = out or Path("mappings") / f"{proposal.table.name if proposal.own else specimen.stem}.toml"
    if target.exists() and not overwrite:
        raise ChisoError(text("sources.proposal.exists", file=target))
    write_text(target, toml(proposal))
    load_mapping(target)
    how = {"file": target, "file_quoted": _quoted(target), "specimen_quoted": _quoted(specimen), "name": target.name}
    return "\n".join((report(proposal), text("sources.proposal.written", **how)))


def _quoted(path: Path) -> str:
    """Return a path as it is written in a command."""
    return f'"{path}"' if " " in str(path) else str(path)
