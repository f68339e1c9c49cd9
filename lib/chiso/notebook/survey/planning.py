"""The next survey: how many to ask, and where."""

from __future__ import annotations

from chiso.errors import ChisoError
from chiso.indicators.survey_planning import Wish, plan_survey
from chiso.messages import text
from chiso.notebook.context import Context
from chiso.reporting import privacy
from chiso.reporting.html import Block, Prose
from chiso.reporting.tables.survey_plan import allocation_table, sizes_table


def next_survey(context: Context, wish: Wish | None = None) -> Block | Prose:
    """Return sample size and allocation of the next period's survey; a note where there is no frame.

    Units whose figures of this period are withheld lend nothing to the allocation.
    """
    period = context.period.previous(-1)
    withheld = {unit for unit, code in context.hidden(context.period) if code == privacy.OVERALL and unit is not None}
    rule = context.timeframe.rule
    try:
        plan = plan_survey(context.dataset, context.catalogue, period, wish, rule=rule, withheld=withheld)
    except ChisoError as reason:
        return Prose((str(reason),), "note")
    told = Prose((text("survey_plan.command", period=period),), "note")
    return Block((sizes_table(plan), allocation_table(plan, context.unit_names), told))
