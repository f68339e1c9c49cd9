"""Whether a period is still what its manifest says: outputs, and the data, settings, code and versions behind them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from chiso.errors import ChisoError
from chiso.messages import language_folder, text
from chiso.runs import inputs, manifest
from chiso.runs.data import open_dataset
from chiso.runs.files import sha256
from chiso.runs.fingerprint import library, versions
from chiso.runs.plan import Request, make_plan
from chiso.worktime import Period


@dataclass(frozen=True)
class Drift:
    """What is not as the manifest says, each in a sentence; ``files`` is the number of outputs looked at."""

    files: int
    outputs: tuple[str, ...]
    sources: tuple[str, ...]

    def told(self, period: str) -> str:
        """Return it in sentences."""
        if not self.outputs:
            lines = [text("runs.verify_good", count=self.files, period=period)]
        else:
            lines = [text("runs.verify_outputs", count=len(self.outputs)), *(f"  - {line}" for line in self.outputs)]
        if not self.sources:
            lines.append(text("runs.verify_sources_good"))
        else:
            lines += [text("runs.verify_sources", count=len(self.sources)), *(f"  - {line}" for line in self.sources)]
        return "\n".join(lines)


def verify(period: str, out: Path, data: Path | None = None) -> Drift:
    """Hash a period's outputs anew and, where the data folder is given, what they were made of.

    Args:
        period: any spelling of a period.
        out: folder of outputs.
        data: the data folder; None: only the outputs, the code and the versions are compared.

    Raises:
        ChisoError: no such period, or nothing that tells how it was made.
    """
    folder = language_folder(out.absolute()) / str(Period.parse(period))
    content = manifest.read_manifest(folder)
    if "outputs" not in content or "results" not in content:
        raise ChisoError(text("runs.verify_nothing", folder=folder, period=period))
    known: dict[str, str] = content["outputs"]
    gone = [name for name in sorted(known) if not (folder / name).is_file()]
    other = [name for name in sorted(known) if name not in gone and sha256(folder / name) != known[name]]
    ours = {*known, manifest.FILE, manifest.TIMINGS, manifest.RUN_PAGE}
    files = (p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file() and not p.name.startswith("."))
    foreign = sorted(name for name in files if name not in ours)
    outputs = [text("runs.verify_gone", file=name) for name in gone]
    outputs += [text("runs.verify_other", file=name) for name in other]
    outputs += [text("runs.verify_foreign", file=name) for name in foreign]
    return Drift(len(known), tuple(outputs), tuple(_sources(content, period, out, data)))


def _sources(content: dict[str, object], period: str, out: Path, data: Path | None) -> list[str]:
    recorded = content["results"]["inputs"]  # type: ignore[index]
    found = []
    if recorded["library"] != library():
        found.append(text("runs.stale_library"))
    before, now = content["versions"], dict(versions())
    for name in sorted({*before, *now}):  # type: ignore[misc]
        old, new = before.get(name, "–"), now.get(name, "–")  # type: ignore[attr-defined]
        if old != new:
            found.append(text("runs.verify_version", name=name, before=old, now=new))
    if data is None:
        return found
    dataset = open_dataset(data)
    told: dict[str, str] = {entry["file"]: entry["sha256"] for entry in content["inputs"]}  # type: ignore[attr-defined]
    there: dict[str, str] = {row["file"]: row["sha256"] for row in dataset.files.iter_rows(named=True)}
    for name in sorted({*told, *there}):
        if told.get(name) != there.get(name):
            key = "new" if name not in told else "gone" if name not in there else "other"
            found.append(text(f"runs.verify_input_{key}", file=data / name))
    request = Request(period, data, out, unit=content["unit"], window=content["window"])  # type: ignore[arg-type]
    base = inputs.base(make_plan(request), dataset)
    for name in ("catalogue", "settings", "questionnaires", "scorecards"):
        if recorded[name] != base[name]:
            found.append(text(f"runs.stale_{name}"))
    return found
