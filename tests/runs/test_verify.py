"""chiso verify: whatever is no longer as the manifest says is told by name; what was not made is no drift."""

import pytest


@pytest.fixture
def made(chiso, data, out):
    assert chiso("run", "2024-Q4", "--data", data, "--out", out, "--results-only")[0] == 0
    return out / "2024-Q4"


def test_a_period_as_it_was_made(chiso, data, out, made):
    code, said, _ = chiso("verify", "2024-Q4", "--data", data, "--out", out)
    assert code == 0
    assert "tất cả đúng như lúc lập" in said


def test_outputs_changed_removed_and_foreign_are_told(chiso, data, out, made):
    (made / "indicators.csv").write_text("changed")
    (made / "case_balance.csv").unlink()
    (made / "mine.txt").write_text("foreign")
    code, said, _ = chiso("verify", "2024-Q4", "--outputs-only", "--out", out)
    assert code == 1
    for name in ("indicators.csv", "case_balance.csv", "mine.txt"):
        assert said.count(name) == 1


def test_data_files_are_told_with_the_folder_they_were_looked_for_in(chiso, data, out, made, tmp_path):
    (data / "cases.csv").write_text((data / "cases.csv").read_text("utf-8") + "\n", "utf-8")
    (data / "units.csv").rename(data / "units_20250101.csv")
    code, said, _ = chiso("verify", "2024-Q4", "--data", data, "--out", out)
    assert code == 1
    assert f"{data / 'cases.csv'}: nội dung khác lúc lập" in said
    assert f"{data / 'units.csv'}: không còn" in said
    assert f"{data / 'units_20250101.csv'}: mới có sau khi lập" in said
    assert chiso("verify", "2024-Q4", "--outputs-only", "--out", out)[0] == 0


def test_a_period_not_made_names_the_command(chiso, data, out):
    code, _, warned = chiso("verify", "2024-Q3", "--data", data, "--out", out)
    assert code == 2
    assert warned.rstrip().endswith("chiso run 2024-Q3")
