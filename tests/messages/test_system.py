"""What the operating system refuses is told in the reader's language, on every system."""

import errno
from pathlib import Path

import pytest

from chiso.messages.system import _KEYS, reason


@pytest.mark.parametrize("name", [name for name in _KEYS if hasattr(errno, name)])
def test_the_usual_refusals_are_told_without_the_system_s_words(name):
    told = reason(OSError(getattr(errno, name), "words of the system"))
    assert told and "words of the system" not in told


def test_what_a_file_system_says_itself():
    with pytest.raises(OSError) as refused:
        Path("no such folder/file").read_bytes()
    assert reason(refused.value) == "không có tệp hoặc thư mục này"


@pytest.mark.parametrize("error", [OSError(errno.ELOOP, "Too many links"), OSError("Too many links")])
def test_others_are_kept_in_the_system_s_words(error):
    assert reason(error) == "hệ điều hành báo: Too many links"
