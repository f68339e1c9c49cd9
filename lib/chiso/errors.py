"""Errors that a user reads: each says what is wrong, where, and what to do."""


class ChisoError(Exception):
    """A failure caused by input, settings or the machine, told in the user's language.

    The command line prints the message alone; a traceback is for defects in this library.
    """

    def _render_traceback_(self) -> list[str]:
        """What Jupyter shows in place of a traceback."""
        return [str(self)]


class Busy(ChisoError):
    """Another process holds what this one needs: nothing is wrong, and later it may do."""
