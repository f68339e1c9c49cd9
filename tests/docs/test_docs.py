"""The documents agree with each other, with the command line and with the code."""

import re
import subprocess
import textwrap
from pathlib import Path
from urllib.parse import unquote

import pytest
from click.testing import CliRunner

from chiso.cli import app

PROJECT = Path(__file__).parents[2]
FENCE = re.compile(r"^ *```[^\n]*\n(.*?)^ *```", re.S | re.M)


def pages() -> list[Path]:
    """The project's own documents, not those that lie in a user's data or outputs."""
    places = [
        "*.md",
        "docs/**/*.md",
        "data/*/README.md",
        "data/raw/sample/*.md",
        "data/raw/permits/*.md",
        "outputs/README.md",
    ]
    return sorted(page for place in places for page in PROJECT.glob(place))


def prose(page: Path) -> str:
    """Text without code blocks."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def blocks(page: Path) -> list[str]:
    return [textwrap.dedent(block) for block in FENCE.findall(page.read_text(encoding="utf-8"))]


def anchors(page: Path) -> set[str]:
    """Heading anchors as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", pages(), ids=lambda p: str(p.relative_to(PROJECT)))
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if re.match(r"https?://", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / unquote(path)).resolve() if path else page
        assert file.exists(), f"{page.name}: {target}"
        assert PROJECT in file.parents, f"{page.name}: {target} leaves the project"
        assert not anchor or anchor in anchors(file), f"{page.name}: no heading for {target}"


def test_both_readmes_have_the_same_sections_and_code():
    english, vietnamese = PROJECT / "README.md", PROJECT / "README.vi.md"
    levels = [re.findall(r"^(#+) ", prose(page), re.M) for page in (english, vietnamese)]
    assert levels[0] == levels[1]
    assert blocks(english) == blocks(vietnamese)
    tables = [len(re.findall(r"^\|", prose(page), re.M)) for page in (english, vietnamese)]
    assert tables[0] == tables[1]


def test_the_readmes_name_every_option_and_no_other():
    helped = CliRunner().invoke(app, ["run", "--help"]).output
    options = set(re.findall(r"--[a-z][a-z-]+", helped)) - {"--help"}
    for name in ("README.md", "README.vi.md"):
        assert set(re.findall(r"^\| `(--[a-z-]+)` \|", prose(PROJECT / name), re.M)) == options


def test_every_command_in_the_documents_is_one():
    lines = [line for page in pages() for block in blocks(page) for line in block.splitlines()]
    commands = [
        line.replace("\\", "/").partition("chiso ")[2] for line in lines if re.match(r"(\S*[/\\])?chiso ", line)
    ]
    assert len(commands) >= 6
    for command in commands:
        name, *words = command.split()
        helped = CliRunner().invoke(app, [name, "--help"])
        assert helped.exit_code == 0, command
        for option in (word for word in words if word.startswith("--")):
            assert re.search(rf"{option}\b", helped.output), command


def test_make_targets_exist():
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    lines = [line for page in pages() for block in blocks(page) for line in block.splitlines()]
    for target in {line.split()[1] for line in lines if line.startswith("make ")}:
        assert re.search(rf"^{target}:", makefile, re.M), target


@pytest.fixture(scope="module")
def code() -> str:
    """All of the package, its data included, and the names of its files."""
    files = [p for p in (PROJECT / "lib/chiso").rglob("*") if p.suffix in {".py", ".toml", ".csv", ".j2", ".html"}]
    names = [str(p.relative_to(PROJECT)) for p in files]
    return "\n".join([*names, *(p.read_text(encoding="utf-8") for p in files)])


def glossary() -> list[list[str]]:
    lines = (PROJECT / "docs/glossary.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return [row for row in rows if row[0] != "Tiếng Việt" and not row[0].startswith("---")]


def test_glossary_identifiers_exist(code):
    rows = glossary()
    assert len(rows) > 60
    for vietnamese, english, identifiers, _ in rows:
        assert vietnamese and english
        names = re.findall(r"`([^`]+)`", identifiers)
        assert names or identifiers == "null", vietnamese
        for name in names:
            # A survey item is a family and a number: `access_1` is `access` in the contract.
            stem = re.sub(r"_\d$", "", name)
            assert re.search(rf"(?<![\w.]){re.escape(stem)}(?![\w])", code), f"{vietnamese}: {name}"


def test_each_term_is_explained_once():
    terms = [row[0] for row in glossary()]
    assert len(terms) == len(set(terms))


def test_the_recipe_gives_the_rows_behind_a_figure(monkeypatch):
    from chiso.indicators import compute

    monkeypatch.chdir(PROJECT)
    (recipe,) = [b for b in blocks(PROJECT / "docs/reading-the-outputs.md") if "import" in b]
    names: dict = {}
    exec(recipe, names)
    results = compute(names["dataset"], names["catalogue"], names["timeframe"]).indicators
    (figure,) = [
        row for row in results.iter_rows(named=True) if row["indicator"] == "B.III.8" and row["unit_code"] is None
    ]
    assert names["rows"].height == figure["denominator"] > 0


def test_the_columns_of_the_result_tables_are_explained():
    from chiso.indicators.case_balance import SCHEMA as BALANCE
    from chiso.indicators.results import SCHEMA as INDICATORS
    from chiso.indicators.survey import SCHEMA as SATISFACTION

    page = prose(PROJECT / "docs/reading-the-outputs.md")
    for column in {*INDICATORS, *BALANCE, *SATISFACTION} - {"field"}:
        assert f"`{column}`" in page, column


def test_documents_name_no_folder_of_a_machine():
    pattern = re.compile(r"(?<![\w.])/(work|root|tmp|home)/")
    for page in pages():
        found = pattern.search(page.read_text(encoding="utf-8"))
        assert found is None, f"{page.name}: {found and found[0]}"


def test_pictures_are_small():
    listed = subprocess.run(["git", "ls-files", "-z", "docs"], cwd=PROJECT, capture_output=True, check=False)
    for name in filter(None, listed.stdout.decode().split("\0")):
        if name.endswith(".png"):
            assert (PROJECT / name).stat().st_size < 200_000, name
