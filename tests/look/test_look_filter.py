"""The board of items on the overview is filtered with the keyboard alone; without scripts it is whole."""

from __future__ import annotations

import pytest

ITEMS = "#board tr[data-item]"
FORM = "form[data-for=board]"


def shown(page) -> list[str]:
    return page.eval_on_selector_all(ITEMS, "rows => rows.filter(r => r.checkVisibility()).map(r => r.dataset.item)")


def tab_to(page, selector: str) -> None:
    """Press Tab until the element has the focus, as one does who has no mouse."""
    for _ in range(150):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"Tab does not lead to {selector}")


@pytest.fixture
def overview(folder, look):
    return look(folder / "overview.html")


def test_every_item_of_the_plan_is_on_the_board(overview):
    assert len(shown(overview.page)) >= 48


@pytest.mark.parametrize("name", ["status", "due", "unit"])
def test_one_filter_after_the_other_by_arrow_keys(overview, name):
    page = overview.page
    every = shown(page)
    tab_to(page, f"{FORM} select[name={name}]")
    options = page.eval_on_selector_all(f"{FORM} select[name={name}] option", "all => all.map(o => o.value)")
    counts = []
    for _ in options[1:4]:
        page.keyboard.press("ArrowDown")
        rows = shown(page)
        counts.append(len(rows))
        assert set(rows) <= set(every)
        words = page.inner_text(f"{FORM} output")
        assert str(len(rows)) in words or not rows
    assert min(counts) < len(every)
    tab_to(page, f"{FORM} button[type=reset]")
    page.keyboard.press("Enter")
    assert shown(page) == every
    assert overview.troubles == []


def test_status_chosen_is_the_status_shown(overview):
    page = overview.page
    page.select_option(f"{FORM} select[name=status]", "not_met")
    statuses = page.eval_on_selector_all(ITEMS, "rows => rows.filter(r => !r.hidden).map(r => r.dataset.status)")
    assert statuses
    assert set(statuses) == {"not_met"}


def test_a_filtered_board_can_be_passed_on_as_an_address(overview, folder, look):
    overview.page.select_option(f"{FORM} select[name=status]", "not_met")
    again = look(folder / "overview.html")
    again.page.goto("about:blank")
    again.page.goto(overview.page.url)
    assert shown(again.page) == shown(overview.page) != []


def test_without_scripts_the_board_is_whole_and_the_filter_away(overview, folder, look):
    plain = look(folder / "overview.html", scripts=False).page
    assert shown(plain) == shown(overview.page)
    assert not plain.is_visible(FORM)
