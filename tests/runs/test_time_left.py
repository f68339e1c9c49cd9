"""The time left: honest at each moment of a run."""

import pytest

from chiso.messages import use
from chiso.runs.time_left import TimeLeft, words


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_nothing_is_known_before_the_first_task_ends(clock):
    left = TimeLeft(4, clock=clock)
    assert left.seconds() is None
    left.begin("a")
    clock.now = 5
    assert left.seconds() is None
    left.done("a")
    assert left.seconds() == 15  # three more like it, one at a time


def test_work_is_shared_by_what_runs_at_a_time(clock):
    assert TimeLeft(4, {"a": 4, "b": 4, "c": 4, "d": 4}, at_once=2, clock=clock).seconds() == 8
    seen = TimeLeft(4, {"a": 4, "b": 4, "c": 4, "d": 4}, clock=clock)
    assert seen.seconds() == 16
    seen.begin("a")
    seen.begin("b")
    assert seen.seconds() == 8


def test_never_less_than_the_longest_task_alone(clock):
    left = TimeLeft(3, {"a": 30, "b": 1, "c": 1}, at_once=4, clock=clock)
    assert left.seconds() == 30
    left.begin("a")
    clock.now = 12
    assert left.seconds() == 18


def test_expected_seconds_are_corrected_by_how_this_run_goes(clock):
    left = TimeLeft(3, {"a": 10, "b": 10, "c": 10}, at_once=1, clock=clock)
    left.begin("a")
    clock.now = 20  # twice as long as foreseen; one task says half of it: 30 seconds where 20 were foreseen
    left.done("a")
    assert left.seconds() == pytest.approx(2 * 10 * 1.5)


def test_a_task_that_nobody_knows_is_like_the_others(clock):
    assert TimeLeft(3, {"a": 10, "b": 20}, at_once=1, clock=clock).seconds() == 45


def test_a_task_that_takes_longer_is_never_told_as_done(clock):
    left = TimeLeft(1, {"a": 10}, clock=clock)
    left.begin("a")
    clock.now = 40
    assert left.seconds() == 4


def test_what_had_nothing_to_do_tells_nothing_of_the_others(clock):
    left = TimeLeft(3, {"a": 10, "b": 10, "c": 10}, clock=clock)
    assert left.done("a", worked=False) == 0
    assert left.seconds() == 20
    known = TimeLeft(2, clock=clock)
    known.done("a", worked=False)
    assert known.seconds() is None


def test_nothing_left(clock):
    left = TimeLeft(1, {"a": 10, "gone since": 99}, clock=clock)
    left.begin("a")
    left.done("a")
    assert left.seconds() == 0
    assert TimeLeft(0, {}, clock=clock).seconds() is None


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (None, "chưa rõ còn bao lâu"),
        (0, "vài giây"),
        (7.4, "vài giây"),
        (7.6, "khoảng 10 giây"),
        (87.4, "khoảng 85 giây"),
        (88, "khoảng 1 phút"),
        (3569, "khoảng 59 phút"),
        (3571, "khoảng 1 giờ 0 phút"),
        (3600 * 2 + 60 * 56, "khoảng 3 giờ 0 phút"),
    ],
)
def test_words(seconds, told):
    assert words(seconds) == told


def test_words_in_english():
    use("en")
    try:
        assert words(42) == "about 40 s"
    finally:
        use("vi")
