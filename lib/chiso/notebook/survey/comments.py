"""Comments: how many, about what; never what they say."""

from __future__ import annotations

from chiso.notebook.context import Context
from chiso.notebook.ledger import Ledger
from chiso.notebook.survey.access import expect
from chiso.reporting import privacy
from chiso.reporting.html import Block
from chiso.reporting.tables import comments_table, themes_table


def comments(context: Context, ledger: Ledger) -> Block:
    """Return how many responses carry a comment, by theme and by unit; never what it says."""
    rows = context.results.statistics["satisfaction_comments"]
    hidden, themes_out = context.hidden(context.period), privacy.hidden_themes(context.sources)
    of_unit = (context.unit, "comment") in hidden
    themes = themes_table(rows, context.catalogue, themes_out, of_unit, context.unit)
    expect(ledger, "comments", themes.frame.drop_nulls("n"), ("unit_code", "theme"), "n")
    units = comments_table(rows, context.unit_names, hidden, themes_out, context.unit)
    return Block((themes, units) if themes.frame.height else (units,))
