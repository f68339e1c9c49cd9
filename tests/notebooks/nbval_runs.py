"""Running notebooks under nbval in a process of its own."""

import subprocess
import sys
from pathlib import Path

import nbformat

#: The project's settings turn warnings of any library into errors: kernels have their own.
SETTINGS = "[pytest]\naddopts =\n"
PARAMETERS = "parameters"


def copy_with(source: Path, target: Path, parameters: dict[str, str]) -> Path:
    """Copy a notebook with other values in its parameters cell."""
    notebook = nbformat.read(source, as_version=4)
    for cell in notebook.cells:
        if {PARAMETERS, "injected-parameters"} & set(cell.metadata.get("tags", ())):
            cell.source = "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
    target.write_text(nbformat.writes(notebook), encoding="utf-8")
    return target


def nbval(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Run pytest with nbval over the notebooks of a folder."""
    settings = folder / "nbval.ini"
    settings.write_text(SETTINGS, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-c", str(settings), "--rootdir", str(folder), "-q", "--tb=short"]
    command += ["-p", "no:cacheprovider", "-p", "no:xdist", "--nbval-current-env", *arguments]
    command += [str(path) for path in sorted(folder.glob("*.ipynb"))]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", timeout=600)


def lax(folder: Path, sources: list[Path], parameters: dict[str, str]) -> subprocess.CompletedProcess:
    """Run copies of notebooks, without comparing outputs: there are none."""
    for source in sources:
        copy_with(source, folder / source.name, parameters)
    return nbval(folder, "--nbval-lax")
