"""B.IV – reform of the organisation (the register items are in test_deliverables)."""

from handmade import adds, expect, figure, fraction, hit, inspection, miss, out


def test_decentralisation_inspections_held_as_planned() -> None:
    def planned(inspected: str | None, kind: str = "decentralisation"):
        return inspection(kind, planned="2024-06-03", inspected=inspected)

    expect(
        "B.IV.5a",
        held_on_the_day=hit(planned("2024-06-03")),
        held_later=hit(planned("2024-12-14")),
        held_after_d=miss(planned("2024-12-15")),
        not_held=miss(planned(None)),
        discipline=out(planned("2024-06-03", "discipline")),
        par=out(planned("2024-06-03", "par")),
    )


def test_findings_resolved_are_sums_over_inspections_held_in_the_year() -> None:
    def held(findings: int | None, resolved: int | None, day: str | None = "2024-06-03", **values: object):
        row = {"planned": "2024-06-03", "inspected": day, "findings": findings, "findings_resolved": resolved}
        return inspection(values.pop("kind", "decentralisation"), **(row | values))

    expect(
        "B.IV.5b",
        three_of_five=adds(3, 5, held(5, 3)),
        all_of_two=adds(2, 2, held(2, 2)),
        resolved_not_recorded=adds(0, 4, held(4, None)),
        nothing_found=adds(0, 0, held(0, 0)),
        nothing_recorded=adds(0, 0, held(None, None)),
        planned_the_year_before_held_in_y=adds(1, 1, held(1, 1, "2024-01-01", planned="2023-12-01")),
        held_the_year_before=out(held(5, 3, "2023-12-31")),
        held_after_d=out(held(5, 3, "2024-12-15")),
        not_held=out(held(5, 3, None)),
        discipline=out(held(5, 3, kind="discipline")),
    )


def test_no_findings_at_all_is_no_data() -> None:
    rows = inspection("decentralisation", inspected="2024-06-03", findings=0, findings_resolved=0)
    found = figure("B.IV.5b", rows)
    assert (found["numerator"], found["denominator"], found["status"]) == (0, 0, "no_data")


def test_resolved_findings_without_a_recorded_number_stay_out() -> None:
    """They would be more than was found; the row leaves both sums."""
    known = inspection("decentralisation", inspected="2024-06-03", findings=2, findings_resolved=1)
    blank = inspection("decentralisation", inspected="2024-06-03", findings_resolved=3)
    assert fraction("B.IV.5b", known, blank) == (1, 2)
