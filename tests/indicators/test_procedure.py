"""A.II – administrative procedures as the applicant meets them."""

from handmade import case, expect, figure, hit, miss, out, procedure


def finished(day: str = "2024-10-01", **values: object):
    return case(finished=day, **values)


def test_supplemented_cases_among_the_finished() -> None:
    expect(
        "A.II.1a",
        once=hit(finished(supplement_requests=1)),
        twice=hit(finished(supplement_requests=2)),
        never=miss(finished(supplement_requests=0)),
        not_recorded=miss(finished(supplement_requests=None)),
        no_due_date_does_not_matter=hit(finished(supplement_requests=1, due=None)),
        still_open=out(case(received="2024-10-01", supplement_requests=1)),
        received_in_the_period_finished_after=out(case(received="2024-10-01", finished="2024-12-15")),
    )


def test_refused_cases_among_the_finished() -> None:
    expect(
        "A.II.1b",
        refused=hit(finished(outcome="refused")),
        granted=miss(finished(outcome="granted")),
        withdrawn_counts_as_finished=miss(finished(outcome="withdrawn")),
        outcome_not_recorded=miss(finished(outcome=None)),
        refused_but_not_finished=out(case(outcome="refused")),
    )


def test_simplification_proposals_of_the_year() -> None:
    expect(
        "A.II.1c",
        proposed=hit(procedure(simplification_proposed_on="2024-06-01")),
        of_an_abolished_procedure=hit(procedure(simplification_proposed_on="2024-06-01", abolished_on="2024-07-01")),
        none=out(procedure()),
    )


def test_no_proposal_is_zero_and_no_table_is_no_data() -> None:
    none = figure("A.II.1c", procedure())
    assert (none["numerator"], none["denominator"], none["value"], none["status"]) == (0, None, 0, None)
    missing = figure("A.II.1c")
    assert (missing["numerator"], missing["denominator"], missing["value"], missing["status"]) == (
        None,
        None,
        None,
        "no_data",
    )
