"""Many bodies and periods: what is planned and refused, one that fails costs no other, and the index over all."""

import json
import pkgutil
import re
import shutil

import pytest
from notebook_files import PARAMETERS, write_notebook

from chiso.messages import DEFAULT, use
from chiso.runs import bodies_index, execute, files
from chiso.runs import run as run_module
from chiso.runs.bodies import LIST, above, bodies_of, note_bodies
from chiso.runs.bodies_index import alphabetical


@pytest.fixture
def province(data, tmp_path):
    """Two bodies, and what is none."""
    folder = tmp_path / "province"
    for name, title in (("so-y-te", "Sở Y tế"), ("so-noi-vu", "Sở Nội vụ")):
        shutil.copytree(data, folder / name)
        (folder / name / "chiso.toml").write_text(f'[body]\nname = "{title}"\n', encoding="utf-8")
    for name in ("ghi-chu", "2024-Q4", "mappings", ".git"):
        (folder / name).mkdir()
    (folder / "ghi-chu" / "doc.txt").write_text("x")
    return folder


@pytest.fixture
def run(chiso, province, out):
    def call(period, *words):
        return chiso("run", period, "--data", province, "--out", out, *words)

    return call


def text_of(file):
    return " ".join(re.sub(r"<style>.*?</style>|<[^>]+>", " ", file.read_text(encoding="utf-8"), flags=re.S).split())


def test_bodies_by_periods_with_one_import_each(run, out, few, monkeypatch):
    imported = []
    whole = execute.open_dataset
    monkeypatch.setattr(
        execute, "open_dataset", lambda folder, *begin: imported.append(folder.name) or whole(folder, *begin)
    )
    code, said, warned = run("2024-Q3..2024-Q4", "--body", "all", "--component", "overview")
    assert code == 0
    assert imported == ["so-noi-vu", "so-y-te"]
    for name in imported:
        for period in ("2024-Q3", "2024-Q4"):
            assert (out / name / period / "overview.html").is_file()
            assert json.loads((out / name / period / "manifest.json").read_text(encoding="utf-8"))["period"] == period
    assert "ghi-chu" in warned and "2024-Q4: tên trùng" in warned and "mappings" not in warned
    assert str(out / "index.html") in said
    assert warned.count("Thiếu 11 bảng") == 2 and "so-y-te 2024-Q3: Thiếu 11 bảng" in warned
    page = (out / "index.html").read_text(encoding="utf-8")
    links = re.findall(r'<a href="([^"#]*)"', page)
    assert [link for link in links if link.count("/") == 1] == ["so-noi-vu/index.html", "so-y-te/index.html"]
    assert links.index("so-noi-vu/2024-Q4/index.html") < links.index("so-noi-vu/2024-Q3/index.html")
    assert all((out / link).is_file() for link in links)
    assert '<a href="../index.html">Tất cả các cơ quan</a>' in (out / "so-y-te/index.html").read_text(encoding="utf-8")


def test_a_body_is_an_ordinary_output_folder(run, chiso, province, out, few):
    run("2024-Q3", "--body", "so-y-te", "--body", "so-noi-vu", "--results-only")
    before = (out / "index.html").read_text(encoding="utf-8")
    assert "Báo cáo</a>" not in before and "Sở Y tế" in before
    own = ["--data", province / "so-y-te", "--out", out / "so-y-te"]
    assert chiso("run", "2024-Q4", *own, "--component", "overview")[0] == 0
    assert 'href="so-y-te/2024-Q4/index.html"' in (out / "index.html").read_text(encoding="utf-8")
    assert above(out / "so-y-te") == out and above(out) is None


def test_several_periods_of_one_body(chiso, data, out, few):
    words = ["--data", data, "--out", out, "--component", "overview"]
    assert chiso("run", "2024-Q4,2024-Q3", *words)[0] == 0
    assert (out / "2024-Q3" / "overview.html").is_file() and not (out / LIST).exists()
    assert "Quý III/2024" in text_of(out / "index.html")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["2024-Q4", "--body", "so-yte"], "Có phải: so-y-te?"),
        (["2024-Q4", "--body", "ghi-chu"], "không có bảng nào"),
        (["2024-Q4", "--body", "2024-Q4"], "tên trùng với tên kỳ"),
        (["2024-Q4", "--body", "../province/so-y-te"], "Không có cơ quan"),
        (["2024-Q4..2024-12", "--body", "all"], "khác loại kỳ"),
        (["2024-Q3..2024-Q4", "--body", "all", "--as-of", "2024-12-01"], "--as-of"),
        (["2024-Q3..2024-Q4", "--body", "all", "--component", "B.IIII"], "B.III"),
        (["2024-Q3..2024-Q4", "--body", "all", "--component", "overviw"], "Có phải: overview?"),
        (["2024-Q3..2024-Q4", "--body", "all", "--unit", "CCV"], "Có phải: CCVC?"),
        (["2024-Q4", "--body", "so-y-te", "--unit", "CCV"], "Có phải: CCVC?"),
    ],
)
def test_what_is_refused_before_anything_is_written(run, out, few, words, told):
    code, _, warned = run(*words)
    assert code == 2
    assert told in warned
    assert not out.exists() or not list(out.rglob("manifest.json"))
    assert not (out / LIST).exists()


@pytest.mark.parametrize("words", [["2024-Q4"], ["2024-Q3..2024-Q4"]])
def test_a_misspelt_unit_of_one_body_is_refused_before_anything_is_written(chiso, data, out, few, words):
    code, _, warned = chiso("run", *words, "--data", data, "--out", out, "--unit", "CCV")
    assert (code, warned.count("CCV”"), "Có phải: CCVC?" in warned) == (2, 1, True)
    assert not out.exists()


def test_a_unit_that_one_body_lacks_costs_that_body(run, province, out, few):
    units = province / "so-noi-vu" / "units.csv"
    units.write_text(units.read_text(encoding="utf-8").replace("VP,Văn phòng,division\n", ""), encoding="utf-8")
    code, _, warned = run("2024-Q3..2024-Q4", "--body", "all", "--unit", "VP", "--results-only")
    assert code == 1
    assert warned.count("Không có đơn vị “VP”") == 2 and "so-noi-vu 2024-Q3: Không có đơn vị" in warned
    assert {p.parent.relative_to(out).as_posix() for p in out.glob("*/*/indicators.csv")} == {
        "so-y-te/2024-Q3", "so-y-te/2024-Q4",
    }  # fmt: skip


@pytest.mark.parametrize("words", [["2024-Q4"], ["2024-Q3..2024-Q4", "--body", "all"]])
def test_a_notebook_with_a_misspelt_parameter_is_refused_once(run, chiso, data, out, notebooks, words):
    write_notebook(notebooks / "B1_direction.ipynb", "1", parameters=PARAMETERS.replace("window", "windwo"))
    code, _, warned = run(*words) if "--body" in words else chiso("run", *words, "--data", data, "--out", out)
    assert (code, warned.count("B1_direction.ipynb"), "Có phải: windwo?" in warned) == (2, 1, True)
    assert not out.exists()


def test_no_body_at_all(chiso, data, out):
    code, _, warned = chiso("run", "2024-Q4", "--data", data, "--out", out, "--body", "all")
    assert (code, "bỏ --body" in warned, out.exists()) == (2, True, False)


def test_outputs_of_one_body_and_of_several_do_not_mix(run, chiso, data, out, few):
    chiso("run", "2024-Q4", "--data", data, "--out", out, "--results-only")
    code, _, warned = run("2024-Q4", "--body", "all", "--results-only")
    assert (code, "2024-Q4" in warned, (out / LIST).exists()) == (2, True, False)
    shutil.rmtree(out)
    run("2024-Q4", "--body", "all", "--results-only")
    code, _, warned = chiso("run", "2024-Q4", "--data", data, "--out", out, "--results-only")
    assert (code, "--body" in warned, (out / "2024-Q4").exists()) == (2, True, False)


def test_a_body_that_cannot_be_planned_or_imported_costs_no_other(run, province, out, few):
    (province / "so-a").mkdir()
    (province / "so-a" / "chiso.toml").write_text("[body", encoding="utf-8")
    (province / "so-b").mkdir()
    (province / "so-b" / "chiso.toml").write_text('[body]\nname = "Sở B"\n', encoding="utf-8")
    code, _, warned = run("2024-Q4", "--body", "all", "--results-only")
    assert code == 1
    assert "so-a 2024-Q4: " in warned and "so-b 2024-Q4: " in warned
    assert (out / "so-noi-vu/2024-Q4/indicators.csv").is_file() and (out / "so-y-te/2024-Q4/indicators.csv").is_file()
    page = text_of(out / "index.html")
    assert "2 cơ quan chưa có kết quả: so-a, so-b" in page
    assert bodies_of(out) == ("so-a", "so-b", "so-noi-vu", "so-y-te")


@pytest.mark.parametrize("place", ["grid.make_plan", "run.compute_results", "run.Run.finish", "pool.carry_out"])
def test_a_defect_costs_its_own_plan_alone(run, out, few, monkeypatch, tmp_path, place):
    """In planning, computing, putting in place, and in a task, outside its notebook."""
    where = f"chiso.runs.{place}"
    whole = pkgutil.resolve_name(where)

    def broken(*given, **more):
        if "so-noi-vu" in repr(given) and "2024-Q3" in repr(given):
            raise ZeroDivisionError("broken on purpose")
        return whole(*given, **more)

    monkeypatch.setattr(run_module.Run, "__repr__", lambda self: repr(self.plan))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(where, broken)
    code, _, warned = run("2024-Q3..2024-Q4", "--body", "all", "--component", "overview")
    assert code == 70
    assert [str(p.parent.relative_to(out)) for p in sorted(out.glob("*/*/overview.html"))] == [
        "so-noi-vu/2024-Q4", "so-y-te/2024-Q3", "so-y-te/2024-Q4",
    ]  # fmt: skip
    (log,) = tmp_path.glob("chiso-*.log")
    assert "broken on purpose" in log.read_text(encoding="utf-8")
    (told,) = [line for line in warned.splitlines() if str(log) in line]
    assert told.startswith("so-noi-vu 2024-Q3: Chương trình gặp lỗi")
    assert 'href="so-noi-vu/2024-Q4/index.html"' in (out / "index.html").read_text(encoding="utf-8")
    monkeypatch.undo()


@pytest.mark.parametrize("words", [["2024-Q3..2024-Q4"], ["2024-Q4"]])
def test_where_every_plan_meets_a_defect(run, few, monkeypatch, tmp_path, words):
    def broken(*_):
        raise ZeroDivisionError("broken on purpose")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("chiso.runs.grid.make_plan", broken)
    code, _, warned = run(*words, "--body", "so-y-te")
    assert code == 70
    assert warned.count("Chương trình gặp lỗi") == len(list(tmp_path.glob("chiso-*.log")))


def test_ctrl_c_in_one_plan_ends_all(run, out, few, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("chiso.runs.prepare.figures", stop)
    assert run("2024-Q3..2024-Q4", "--body", "all")[0] == 130
    assert not list(out.rglob("overview.html"))


def test_a_failed_report_is_marked(run, out, notebooks, few):
    write_notebook(notebooks / "overview.ipynb", "1 / 0 if 'so-y-te' in data else 1")
    assert run("2024-Q4", "--body", "all", "--component", "overview")[0] == 1
    page = (out / "index.html").read_text(encoding="utf-8")
    assert page.count('<td class="failed">') == 1 and "1 kỳ có báo cáo lỗi" in page


def test_a_place_that_cannot_be_written_costs_no_other(run, out, few, monkeypatch):
    whole = files.write_bytes

    def full(target, content):
        if target.name == "overview.html" and "so-noi-vu" in target.parts:
            raise files.OutputError("đĩa đầy")
        return whole(target, content)

    monkeypatch.setattr("chiso.runs.stage.write_bytes", full)
    code, _, warned = run("2024-Q4", "--body", "all")
    assert code == 1
    assert "so-noi-vu 2024-Q4: đĩa đầy" in warned
    assert (out / "so-y-te/2024-Q4/index.html").is_file()
    assert not (out / "so-noi-vu/2024-Q4/index.html").exists()
    monkeypatch.undo()


def test_resume_takes_up_what_broke_off_and_makes_the_rest_once(run, out, few, monkeypatch):
    broken = []

    def stop(self):
        if "so-y-te" in self.plan.folder.parts and not broken:
            broken.append(1)
            raise KeyboardInterrupt
        return whole(self)

    whole = execute.Run.finish
    monkeypatch.setattr(execute.Run, "finish", stop)
    assert run("2024-Q4", "--body", "all", "--force")[0] == 130
    assert (out / "so-noi-vu/2024-Q4/index.html").is_file() and not (out / "so-y-te/2024-Q4/index.html").exists()
    code, said, _ = run("2024-Q4", "--body", "all", "--force", "--resume")
    assert code == 0
    assert (out / "so-y-te/2024-Q4/index.html").is_file()
    assert "Không có gì thay đổi" in said and "xong" not in said


def test_english_has_an_index_of_its_own(run, out, few, request):
    request.addfinalizer(lambda: use(DEFAULT))
    assert run("2024-Q4", "--body", "all", "--component", "overview", "--lang", "en")[0] == 0
    page = (out / "en/index.html").read_text(encoding="utf-8")
    links = re.findall(r'<a href="([^"#]*)"', page)
    assert "../so-y-te/en/2024-Q4/index.html" in links
    assert all((out / "en" / link).is_file() for link in links)
    assert 'href="../../en/index.html"' in (out / "so-y-te/en/index.html").read_text(encoding="utf-8")
    assert not (out / "index.html").exists()


def pretend(out, name, period, **told):
    folder = out / name / period
    folder.mkdir(parents=True)
    headline = {"sipas": 0.9, "sipas_status": "met", "par": 0.7, "statuses": {"met": 3}} | told.pop("headline", {})
    record = {
        "body": {"name": name, "synthetic": True},
        "as_of": "2024-12-14",
        "results": {"about": {"headline": headline}},
    }
    (folder / "manifest.json").write_text(json.dumps(record | told), encoding="utf-8")
    (folder / "index.html").touch()


def test_the_index_tells_days_units_and_withheld_figures_where_they_differ(out):
    for name in ("a", "b", "c"):
        pretend(out, name, "2024-Q4", **({"as_of": "2024-12-01", "unit": "VP"} if name == "c" else {}))
    pretend(out, "a", "2024-Q3", headline={"sipas": None, "sipas_status": "withheld"})
    note_bodies(out, ["a", "b", "c"])
    page = bodies_index.bodies_index(out)
    words = " ".join(re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.S).split())
    assert words.count("chốt 01/12/2024") == 1 and "đơn vị VP" in words
    assert words.count("dữ liệu mô phỏng") == 3
    assert words.index("Quý IV/2024 chốt 14/12/2024") < words.index("Quý III/2024")
    assert words.count("Không công bố") == 1
    assert page.count('<td class="none">') == 2


def test_many_periods_stand_in_a_table_a_year(out):
    for period in (*(f"2024-{month:02d}" for month in range(1, 10)), "2023-12"):
        pretend(out, "a", period)
    note_bodies(out, ["a"])
    page = bodies_index.bodies_index(out)
    assert re.findall(r'<table id="([^"]*)"', page) == ["bodies-2024", "bodies-2023"]
    assert page.index("Tháng 9/2024") < page.index("Tháng 1/2024") < page.index("Tháng 12/2023")


def test_names_in_the_order_of_the_vietnamese_alphabet():
    names = ["Ân Thi", "An Khê", "Sở Y tế", "Sở Đất", "Sở Dệt", "Sở Ơ", "Sở Ôn", "Sở Ong", "Ăn"]
    assert sorted(names, key=alphabetical) == [
        "An Khê", "Ăn", "Ân Thi", "Sở Dệt", "Sở Đất", "Sở Ong", "Sở Ôn", "Sở Ơ", "Sở Y tế",
    ]  # fmt: skip


def test_names_never_become_markup(out):
    pretend(out, "x", "2024-Q4", body={"name": "<script>alert(1)</script>", "synthetic": False})
    note_bodies(out, ["x", '"><script>y'])
    assert "<script" not in bodies_index.bodies_index(out)


def test_a_damaged_list_of_bodies_is_no_list(out):
    out.mkdir()
    (out / LIST).write_text("[", encoding="utf-8")
    assert bodies_of(out) == () and bodies_of(out / "none") == ()
