"""environment.yml, pyproject.toml and both locks are in step, and nothing names a registry's host."""

import re
import subprocess
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).parents[1]
LOCK = PROJECT / "requirements.lock"
#: What only `make test-look` installs, on top of the other.
LOOK = PROJECT / "requirements-look.lock"


def locked(lock: Path = LOCK) -> list[Requirement]:
    lines = (line.removesuffix("\\").strip() for line in lock.read_text(encoding="utf-8").splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith(("#", "--hash"))]


def direct() -> list[tuple[Path, Requirement]]:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    extras = [name for names in project["project"]["optional-dependencies"].values() for name in names]
    wanted = {LOCK: [*project["project"]["dependencies"], *extras, *groups["dev"]], LOOK: groups["look"]}
    return [(lock, Requirement(requirement)) for lock, names in wanted.items() for requirement in names]


def pinned(requirement: Requirement) -> str:
    (specifier,) = requirement.specifier
    assert specifier.operator == "=="
    return specifier.version


@pytest.mark.parametrize("lock", [LOCK, LOOK], ids=lambda lock: lock.stem)
def test_every_locked_package_has_one_version_and_hashes(lock):
    blocks = re.split(r"\n(?=[a-z0-9])", lock.read_text(encoding="utf-8").strip())
    assert len(blocks) == len(locked(lock))
    for requirement, block in zip(locked(lock), blocks, strict=True):
        assert pinned(requirement)
        assert "--hash=sha256:" in block, requirement.name


@pytest.mark.parametrize(("lock", "wanted"), direct(), ids=lambda value: getattr(value, "name", ""))
def test_the_lock_satisfies_the_project(lock, wanted):
    found = [r for r in locked(lock) if canonicalize_name(r.name) == canonicalize_name(wanted.name)]
    assert found, "run `make lock`"
    for requirement in found:
        assert wanted.specifier.contains(pinned(requirement)), "run `make lock`"


def test_the_locks_agree():
    versions = {canonicalize_name(r.name): pinned(r) for r in locked()}
    for requirement in locked(LOOK):
        assert versions.get(canonicalize_name(requirement.name), pinned(requirement)) == pinned(requirement)


def test_this_environment_is_the_locked_one():
    differing = {}
    for requirement in locked():
        if requirement.marker is not None and not requirement.marker.evaluate():
            continue
        installed = metadata.version(requirement.name)
        if installed != pinned(requirement):
            differing[requirement.name] = installed
    assert not differing, "run `make` in a fresh environment"


def test_conda_installs_the_same_lock():
    environment = yaml.safe_load((PROJECT / "environment.yml").read_text(encoding="utf-8"))
    assert environment["channels"] == ["conda-forge", "nodefaults"]
    python, pip, section = environment["dependencies"]
    assert pip == "pip"
    assert section == {"pip": [f"-r {LOCK.name}"]}
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    version = python.removeprefix("python=")
    assert Requirement(f"python{project['requires-python']}").specifier.contains(version)


def test_the_lock_names_no_address():
    for line in (LOCK.read_text(encoding="utf-8") + LOOK.read_text(encoding="utf-8")).splitlines():
        assert "://" not in line
        assert not line.startswith(("-i", "--index", "--extra-index", "--find-links", "--trusted-host"))


def test_no_tracked_file_names_a_registry():
    # Spelt in parts, so that this file does not name them either.
    hosts = [
        ("py" + "pi", "org"),
        ("python" + "hosted", "org"),
        ("anaconda", "org"),
        ("anaconda", "com"),
        ("npm" + "js", "org"),
    ]
    hosts += [("npm" + "js", "com"), ("crates", "io"), ("prefix", "dev")]
    names = re.compile("|".join(re.escape(".".join(host)) for host in hosts) + "|https?://[^\\s\"'<>)]*/simple\\b")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    for name in filter(None, listed.stdout.decode().split("\0")):
        file = PROJECT / name
        if not file.is_file():
            continue
        found = names.search(file.read_bytes().decode("utf-8", errors="ignore"))
        assert found is None, f"{name}: {found and found[0]}"
