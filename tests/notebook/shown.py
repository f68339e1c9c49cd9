"""Other figures for a context than its tables hold, for tests of what reports say about them."""

import pytest

from chiso.notebook.context import Context


def show(patch: pytest.MonkeyPatch, context: Context, *, indicators=None, history=None) -> None:
    """Have a context show these figures, already blanked where they must be, until the patch is undone."""
    now = context.indicators if indicators is None else indicators
    past = context.history if history is None else history
    asked = list(context.survey_codes)
    plain = tuple(frame.filter(~frame["indicator"].is_in(asked)) for frame in (now, past))
    for name, value in {"_indicators": now, "_history": past, "_unanswered": plain, "_of_units": {}}.items():
        patch.setitem(context.__dict__, name, value)
