"""Whatever makes a part stale, a person is told why."""

import pytest

from chiso.messages import text
from chiso.runs import reads
from chiso.runs.reasons import told
from chiso.sources import load_contract


@pytest.mark.parametrize("account", [*reads.FRAMES, reads.TALLIES, reads.CONTRACTS, reads.SHEETS])
def test_each_account_of_the_import_is_told(account):
    assert told([reads.of_account(account)], load_contract()) == [text("runs.stale_accounts")]


def test_an_account_that_follows_from_a_changed_table_is_not_told():
    found = told(["table:documents", reads.of_account(reads.SHEETS)], load_contract())
    assert found == [text("runs.stale_table", table=load_contract()["documents"].label)]


def test_accounts_are_told_once_and_before_days_of_export():
    names = [reads.EXPORTS, reads.of_account(reads.SHEETS), reads.of_account("rejects")]
    assert told(names, load_contract()) == [text("runs.stale_accounts"), text("runs.stale_exports")]
