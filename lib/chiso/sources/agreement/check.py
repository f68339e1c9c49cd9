"""All checks, in order."""

from __future__ import annotations

from collections.abc import Sequence

from chiso.sources.account import Account
from chiso.sources.agreement.across import check_frame, check_references, check_years
from chiso.sources.agreement.cases import check_due_days, check_key_dates, check_twins
from chiso.sources.agreement.columns import check_amounts, check_order, check_running
from chiso.sources.agreement.exports import check_stand_ins, check_vanished
from chiso.sources.agreement.tables import Accepted, Book
from chiso.sources.files import TableFile


def check_agreement(accepted: Accepted, files: Sequence[TableFile], account: Account) -> None:
    """Enter into the account what does not agree: rows into ``differences``, one finding a rule with its full count.

    Args:
        accepted: the accepted tables.
        files: the files they came from, with their export dates and mappings.
        account: of the import; its sheets and rejected rows are complete.
    """
    book = Book(account, accepted)
    check_key_dates(accepted, files, book)
    check_due_days(accepted, book)
    check_twins(accepted, book)
    check_order(accepted, book)
    check_amounts(accepted, book)
    check_running(accepted, book)
    check_references(accepted, book)
    check_frame(accepted, book)
    check_years(accepted, files, book)
    check_vanished(accepted, files, book)
    check_stand_ins(accepted, book)
