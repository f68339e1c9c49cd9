"""Parameters that name nothing are refused in the reader's language; Jupyter shows the message alone."""

import datetime as dt

import pytest
from IPython.core.interactiveshell import InteractiveShell

from chiso.errors import ChisoError
from chiso.notebook import context as context_module
from chiso.notebook import open_data_quality, open_explorer, open_overview, open_report
from chiso.notebook.context import in_project, newest_quarter, open_context


@pytest.fixture(autouse=True)
def quick(dataset, monkeypatch):
    """The import of the small quarter, whatever folder is asked for, unless it does not exist."""
    real = context_module.open_dataset
    monkeypatch.setattr(context_module, "open_dataset", lambda folder: dataset if folder.is_dir() else real(folder))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"period": "2024-Q5"}, "2024-Q5"),
        ({"period": "cuối năm"}, "Không hiểu kỳ báo cáo “cuối năm”"),
        ({"unit": "KHONGCO"}, "KHONGCO"),
        ({"data": "data/raw/khong-co"}, "khong-co"),
        ({"as_of": "14/12/2024"}, "“14/12/2024” không phải ngày"),
        ({"as_of": "2024-12-31"}, "31/12/2024"),
        ({"window": "tuan"}, "“tuan”"),
        ({"out": "outputs/chua-chay"}, "chua-chay"),
    ],
)
def test_a_wrong_parameter_is_named(wrong, says):
    with pytest.raises(ChisoError) as error:
        open_report("B.III", **({"period": "2024-Q4", "data": "data"} | wrong))
        if "out" in wrong:
            open_report("B.III", **({"period": "2024-Q4", "data": "data"} | wrong)).scorecard()
    assert says in str(error.value)


def test_a_wrong_component_and_indicator_name_the_known_ones():
    with pytest.raises(ChisoError, match=r"“B\.IX”.*A\.I, A\.II"):
        open_report("B.IX", period="2024-Q4", data="data")
    report = open_report("B.III", period="2024-Q4", data="data")
    with pytest.raises(ChisoError, match=r"“B\.III\.99”.*B\.III\.8"):
        report.trend("B.III.99")
    with pytest.raises(ChisoError, match=r"A\.I\.1, B\.III\.1, B\.III\.2, B\.III\.3"):
        report.steps_late("B.III.8")


def test_empty_texts_are_defaults(dataset):
    context = open_context(data="data")
    assert context.period == newest_quarter(dataset, "decree09")
    assert str(context.period) == "2025-Q1" or str(context.period) == "2024-Q4"
    assert context.unit is None
    assert context.timeframe.rule == "decree09"
    assert context.folder is None


def test_results_of_another_day_are_refused(out):
    with pytest.raises(ChisoError, match="được tính đến ngày 14/12/2024, không phải 30/11/2024"):
        open_report("B.III", period="2024-Q4", data="data", out=str(out), as_of="2024-11-30")


def test_another_day_changes_the_figures():
    early = open_report("B.III", period="2024-Q4", data="data", as_of="2024-11-30")
    assert early.context.timeframe.as_of == dt.date(2024, 11, 30)
    assert early.results("B.III.8")["as_of"].unique().to_list() == [dt.date(2024, 11, 30)]


def test_a_relative_path_is_taken_from_the_project(tmp_path, monkeypatch):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path / "notebooks")
    assert in_project("data/raw/x") == tmp_path / "data" / "raw" / "x"
    assert in_project(str(tmp_path / "elsewhere")) == tmp_path / "elsewhere"


def test_jupyter_shows_the_message_without_a_traceback(capsys):
    shell = InteractiveShell.instance()
    shell.user_ns["open_report"] = open_report
    shell.run_cell('open_report("B.III", period="2024-Q9", data="data")')
    shown = capsys.readouterr()
    assert "2024-Q9" in shown.out + shown.err
    assert "Traceback" not in shown.out + shown.err
    assert "line 1" not in shown.out + shown.err


def test_the_other_doors_take_the_same_parameters(out):
    for door in (open_overview, open_data_quality, open_explorer):
        opened = door(period="2024-Q4", unit="CCVC", data="data", out=str(out), as_of="", window="decree09")
        assert "Phòng Công chức, viên chức" in opened.header()._repr_html_()


def test_a_header_says_whose_data_it_is_where_no_page_frames_it(out):
    given = {"period": "2024-Q4", "unit": "", "data": "data", "as_of": "", "window": "decree09"}
    assert "Thử Nghiệm" in open_overview(**given, out="").header()._repr_html_()
    framed = open_overview(**given, out=str(out)).header()._repr_html_()
    assert "Thử Nghiệm" not in framed
    assert "Ngày xuất dữ liệu" in framed
