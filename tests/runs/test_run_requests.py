"""What is refused, how it is told, and the exit codes of the command line."""

import os
import subprocess
import sys
from contextlib import ExitStack

import pytest
from notebook_files import PARAMETERS, write_notebook

from chiso.errors import ChisoError
from chiso.runs.lock import exclusive
from chiso.runs.parameters import check_parameters, declared
from chiso.runs.plan import Request, make_plan


def tables_of(out):
    return sorted(p.name for p in out.glob("*/*") if not p.name.startswith("."))


def test_results_only_writes_the_tables(chiso, data, out):
    code, said, warned = chiso("run", "2024-Q4", "--data", data, "--out", out, "--results-only")
    assert code == 0
    assert str(out / "2024-Q4") in said
    assert "Thiếu 11 bảng" in warned
    assert {"indicators.csv", "case_balance.parquet", "manifest.json"} <= set(tables_of(out))
    assert "overview.html" not in tables_of(out)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["run"], "Thiếu KỲ"),
        (["rum"], "Có phải: run?"),
        (["run", "2024-Q5"], "quý từ Q1 đến Q4"),
        (["run", "hôm nay"], "hôm nay"),
        (["run", "2024-Q4", "--dta", "x"], "--data"),
        (["run", "2024-Q4", "--data"], "--data"),
        (["run", "2024-Q4", "thừa"], "thừa"),
        (["run", "2024-Q4", "--as-of", "31/11/2024"], "30/11/2024"),
        (["run", "2024-Q4", "--as-of", "14-12-2024"], "2024-11-30"),
        (["run", "2024-Q4", "--as-of", "2025-01-01"], "01/01/2025"),
        (["run", "2024-Q4", "--window", "decree9"], "Có phải: decree09?"),
        (["run", "2024-Q4", "--component", "B.IIII"], "B.III"),
        (["run", "2024-Q4", "--component", "B.IIII"], "B.VII, data_quality, overview, scorecard, sipas."),
        (["run", "2024-Q4", "--component", "B.III"], "không dùng chung"),
        (["run", "2024-Q4", "--unit", "CCV"], "Có phải: CCVC?"),
        (["demo"], "Thiếu THƯ_MỤC"),
        (["demo", "x", "--cases", "0"], "từ 1 trở lên"),
    ],
)
def test_wrong_requests_are_told_in_vietnamese_and_write_nothing(chiso, data, out, monkeypatch, words, told):
    monkeypatch.chdir(data.parent)
    places = ["--data", data, "--out", out, "--results-only"] if words[0] == "run" else []
    code, _, warned = chiso(words[0], *places, *words[1:])
    assert code == 2
    assert told in warned
    assert tables_of(out) == []


def test_no_data_folder_and_no_table(chiso, tmp_path, out):
    code, _, warned = chiso("run", "2024-Q4", "--data", tmp_path / "none", "--out", out)
    assert (code, "none" in warned) == (2, True)
    (tmp_path / "empty").mkdir()
    code, _, warned = chiso("run", "2024-Q4", "--data", tmp_path / "empty", "--out", out, "--results-only")
    assert (code, "empty" in warned, tables_of(out)) == (2, True, [])


def test_output_that_cannot_be_written(chiso, data, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    code, _, warned = chiso("run", "2024-Q4", "--data", data, "--out", blocked, "--results-only")
    assert (code, "--out" in warned) == (2, True)
    assert blocked.read_text() == "not a folder"


def test_period_without_data_goes_through_with_a_warning(chiso, data, out):
    code, _, warned = chiso("run", "2023-Q1", "--data", data, "--out", out, "--results-only")
    assert code == 0
    assert "quý I/2023" in warned


def test_empty_and_faulty_files_do_not_stop_a_run(chiso, data, out):
    (data / "feedback.csv").write_text("")
    (data / "budget.xlsx").write_bytes(b"not a workbook")
    code, _, warned = chiso("run", "2024-Q4", "--data", data, "--out", out, "--results-only")
    assert code == 0
    assert "feedback.csv" in warned
    assert "budget.xlsx" in warned


def test_strict_stops_and_keeps_what_was_there(chiso, data, out):
    chiso("run", "2024-Q4", "--data", data, "--out", out, "--results-only")
    before = (out / "2024-Q4" / "manifest.json").read_bytes()
    with (data / "cases.csv").open("a", encoding="utf-8") as file:
        file.write("H9,T1,NOPE,online,2024-10-01T08:00:00,,,\n")
    code, _, warned = chiso("run", "2024-Q4", "--data", data, "--out", out, "--results-only", "--strict")
    assert code == 3
    assert "thiếu 11 bảng" in warned
    assert "cases.csv: Thiếu" in warned  # columns
    assert "cases.csv, dòng 6" in warned
    assert (out / "2024-Q4" / "manifest.json").read_bytes() == before


def test_second_run_at_the_same_time_is_refused(chiso, data, out):
    out.mkdir()
    words = ["--data", data, "--out", out, "--results-only"]
    with exclusive(out, "2024-Q4"):
        code, _, warned = chiso("run", "2024-Q4", *words)
        assert chiso("run", "2024-Q3", *words)[0] == 0
    assert code == 2
    assert f"tiến trình {os.getpid()}" in warned
    assert not (out / "2024-Q4").exists()
    assert chiso("run", "2024-Q4", *words)[0] == 0


def test_lock_is_freed_after_an_error(out):
    out.mkdir()
    with ExitStack() as stack:
        stack.enter_context(pytest.raises(ValueError, match="x"))
        stack.enter_context(exclusive(out, "2024"))
        raise ValueError("x")
    with exclusive(out, "2024"):
        pass


def test_a_defect_is_told_in_a_line_with_its_traceback_in_a_file(chiso, data, out, monkeypatch, tmp_path):
    def defect(*_: object) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("chiso.runs.prepare.figures", defect)
    code, _, warned = chiso("run", "2024-Q4", "--data", data, "--out", out, "--results-only")
    assert code == 70
    (log,) = tmp_path.glob("chiso-*.log")
    assert str(log) in warned
    assert "broken on purpose" in log.read_text(encoding="utf-8")


def test_help_and_version(chiso):
    code, said, _ = chiso("run", "--help")
    assert (code, "Cách dùng: chiso run KỲ" in said, "--as-of" in said) == (0, True, True)
    assert not {"Usage", "Options", "Show this"} & set(said.replace(":", " ").split())
    code, said, _ = chiso()
    assert (code, "demo" in said) == (0, True)
    assert chiso("--version")[1].startswith("chiso ")


def test_demo_writes_a_folder_that_runs(chiso, tmp_path, out):
    assert chiso("demo", tmp_path / "made", "--cases", 50, "--seed", 7)[0] == 0
    assert chiso("run", "2024-Q4", "--data", tmp_path / "made", "--out", out, "--results-only")[0] == 0


def test_tables_alone_load_no_heavy_library(data, out, tmp_path):
    code = (
        "import sys, pathlib; from chiso.runs import data, plan, execute;"
        "data.project_folder = lambda: pathlib.Path(sys.argv[3]);"
        "r = plan.Request('2024-Q4', pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), results_only=True);"
        "execute.execute(plan.make_plan(r));"
        "print(sorted({'papermill', 'nbconvert', 'nbformat', 'matplotlib', 'openpyxl', 'pandas'} & set(sys.modules)))"
    )
    words = [sys.executable, "-c", code, str(data), str(out), str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_resume_command_repeats_what_was_asked(data, out):
    request = Request("2024-Q4", data, "dữ liệu", unit="VP", window="calendar")
    command = request.command(["B.III", "overview"])
    assert command.startswith("chiso run 2024-Q4 --data ")
    assert "--out 'dữ liệu' --unit VP --window calendar --component B.III --component overview" in command


def test_components_by_id_index_and_stem(data, out, notebooks):
    def stems(*names):
        return [job.stem for job in make_plan(Request("2024-Q4", data, out, names)).jobs]

    assert len(stems()) == 16
    assert stems("b.vii", "overview", "A.I") == ["overview", "A1_access", "B7_digital_government"]
    assert stems("A1_access") == ["A1_access"]
    assert stems("A")[0] == "sipas" and len(stems("A")) == 6


def test_parameters_must_be_declared(tmp_path):
    notebook = write_notebook(tmp_path / "n.ipynb", parameters=PARAMETERS.replace("as_of", "asof"))
    assert declared(notebook)["asof"] == ""
    with pytest.raises(ChisoError, match=r"“as_of”.*Có phải: asof\?"):
        check_parameters(notebook, {"period": "", "as_of": ""})
    check_parameters(notebook, {"period": ""})


@pytest.mark.parametrize("cell", ["period = today()", "import os\nperiod = ''", "period ==", None])
def test_parameters_cell_holds_plain_literals(tmp_path, cell):
    with pytest.raises(ChisoError, match="n.ipynb"):
        declared(write_notebook(tmp_path / "n.ipynb", parameters=cell))


def test_a_missing_notebook_is_refused_before_anything_runs(chiso, data, out, notebooks):
    (notebooks / "B1_direction.ipynb").unlink()
    code, _, warned = chiso("run", "2024-Q4", "--data", data, "--out", out)
    assert (code, "B1_direction.ipynb" in warned, out.exists()) == (2, True, False)


def test_ascii_console_does_not_fail(data, out):
    words = [sys.executable, "-m", "chiso.cli", "run", "2024-Q9"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(words, capture_output=True, env=environment, check=False)
    assert done.returncode == 2
    assert "quý" in done.stderr.decode("utf-8")


def test_a_day_the_vietnamese_way(chiso, data, out):
    words = ["run", "2024-Q1", "--data", data, "--out", out, "--results-only", "--as-of"]
    assert chiso(*words, "29/02/2024")[0] == 0
    first = (out / "2024-Q1" / "manifest.json").read_bytes()
    assert b'"as_of": "2024-02-29"' in first
    assert chiso(*words, "2024-02-29")[0] == 0
    assert (out / "2024-Q1" / "manifest.json").read_bytes() == first


def test_a_table_whose_rows_were_all_rejected_is_not_called_missing(chiso, data, out):
    (data / "feedback.csv").write_text("feedback_id,unit_code,received_at\nF1,NOPE,hôm qua\n", encoding="utf-8")
    words = ["run", "2024-Q4", "--data", data, "--out", out, "--results-only"]
    code, _, warned = chiso(*words)
    assert code == 0
    (missing,) = [line for line in warned.splitlines() if line.startswith("Thiếu")]
    (rejected,) = [line for line in warned.splitlines() if "không dòng nào được chấp nhận" in line]
    assert ("(feedback)" in missing, "(feedback)" in rejected, "rejected.xlsx" in rejected) == (False, True, True)
    code, _, warned = chiso(*words, "--strict")
    assert (code, "không dòng nào được chấp nhận ở 1 bảng" in warned) == (3, True)


def test_files_passed_over_are_named_in_one_line(chiso, data, out):
    (data / "ghi chú.txt").write_text("x", encoding="utf-8")
    (data / "hoso.csv").write_text("a\n1\n", encoding="utf-8")
    (data / "cases.csv").rename(data / "cases_ban cuoi.csv")
    code, _, warned = chiso("run", "2024-Q4", "--data", data, "--out", out, "--results-only")
    assert code == 0
    (line,) = [line for line in warned.splitlines() if "ghi chú.txt" in line]
    assert "Bỏ qua 2 tệp" in line
    assert "hoso.csv" in line
    assert "1 tệp được đọc" in line
    assert "cases_ban cuoi.csv" in line


def test_data_of_another_window_is_data(chiso, data, out):
    words = ["--data", data, "--out", out, "--results-only"]
    assert "Không có dữ liệu nào" in chiso("run", "2030-Q1", *words)[2]
    (data / "deliverables.csv").write_text(
        "deliverable_id,plan_year,plan_item,kind,title,unit_code,due_on,done_on,evidence\n"
        "D1,2030,B.I.4,task,Kiểm tra,VP,2030-02-01,,\n",
        encoding="utf-8",
    )
    assert "Không có dữ liệu nào" not in chiso("run", "2030-Q4", *words)[2]
