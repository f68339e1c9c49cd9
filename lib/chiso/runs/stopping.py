"""SIGTERM ends what is under way as Ctrl-C does: what was begun is given up in order, and nobody works on.

An exception that a signal raises amid the compiled part of a library may be lost there, or come out as another one. So
it is also noted that the signal has come, and long work asks for it now and then.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_come = threading.Event()


class Terminated(KeyboardInterrupt):
    """SIGTERM has come."""


def end_if_asked() -> None:
    """Raise what may have been lost.

    Raises:
        Terminated: SIGTERM has come.
    """
    if _come.is_set():
        raise Terminated


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """Let SIGTERM raise :class:`Terminated` in the block; only the main thread can, elsewhere nothing changes."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, frame: FrameType | None) -> None:
        _come.set()
        raise Terminated

    def unraisable(lost: sys.UnraisableHookArgs) -> None:
        if not issubclass(lost.exc_type, Terminated):
            told(lost)

    _come.clear()
    before, told = signal.signal(signal.SIGTERM, end), sys.unraisablehook
    sys.unraisablehook = unraisable
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
        sys.unraisablehook = told
