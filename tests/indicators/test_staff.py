"""A.III – conduct of officials."""

from handmade import Q4_INSIDE, expect, feedback, figure, hit, inspection, miss, out


def received(kind: str, named: bool | None = None):
    return feedback(kind, received="2024-10-01", officer_named=named)


def test_complaints_on_conduct_or_naming_an_official() -> None:
    expect(
        "A.III.1",
        on_conduct=hit(received("conduct", False)),
        on_conduct_flag_blank=hit(received("conduct", None)),
        on_conduct_and_named_counts_once=hit(received("conduct", True)),
        other_matter_naming_an_official=hit(received("case_handling", True)),
        petition_on_a_rule_naming_an_official=hit(received("regulation", True)),
        other_matter_nobody_named=out(received("other", False)),
        other_matter_flag_not_recorded=out(received("other", None)),
        praise_naming_an_official=out(received("praise", True)),
        praise=out(received("praise", False)),
    )


def test_no_complaint_is_zero() -> None:
    row = figure("A.III.1", received("praise", False))
    assert (row["numerator"], row["denominator"], row["value"], row["status"]) == (0, None, 0, None)


def test_discipline_inspections_held_as_planned() -> None:
    expect(
        "A.III.2",
        held_on_the_planned_day=hit(inspection("discipline", planned="2024-06-03", inspected="2024-06-03")),
        held_later_counts_too=hit(inspection("discipline", planned="2024-06-03", inspected="2024-12-14")),
        held_the_year_before=hit(inspection("discipline", planned="2024-01-01", inspected="2023-12-31")),
        not_held=miss(inspection("discipline", planned="2024-06-03")),
        held_after_d=miss(inspection("discipline", planned="2024-06-03", inspected="2024-12-15")),
        planned_in_the_year_before=out(inspection("discipline", planned="2023-12-31", inspected="2024-01-02")),
        reform_inspection=out(inspection("par", planned="2024-06-03", inspected="2024-06-03")),
        decentralisation_inspection=out(inspection("decentralisation", planned="2024-06-03", inspected="2024-06-03")),
    )


def test_inspection_planned_after_the_as_of_day_is_not_due_yet() -> None:
    expect(
        "A.III.2",
        Q4_INSIDE,
        planned_on_d=miss(inspection("discipline", planned="2024-11-30")),
        planned_the_day_after_though_held=out(inspection("discipline", planned="2024-12-01", inspected="2024-11-29")),
    )
