"""B.VII – digital government (the register items are in test_deliverables)."""

from handmade import case, document, expect, figure, fraction, hit, miss, noted, out, procedure, work_file

DAY = "2024-10-01"
GIVEN = [
    procedure("full", online_level="full"),
    procedure("partial", online_level="partial"),
    procedure("offline", online_level="none"),
    procedure("fee", has_fee=True),
    procedure("free", has_fee=False),
]


def test_incoming_documents_digitised_and_processed_online() -> None:
    def incoming(digitised: bool | None, processed: bool | None, direction: str = "incoming"):
        return document(direction, DAY, digitised=digitised, processed_online=processed)

    expect(
        "B.VII.2a",
        both=hit(incoming(True, True)),
        only_digitised=miss(incoming(True, False)),
        only_processed=miss(incoming(False, True)),
        digitised_not_recorded=miss(incoming(None, True)),
        processed_not_recorded=miss(incoming(True, None)),
        outgoing=out(incoming(True, True, "outgoing")),
    )
    rows = [incoming(None, True), incoming(None, None), incoming(True, True)]
    assert noted("B.VII.2a", *rows) == {"blank digitised": 2, "blank processed_online": 1}


def test_outgoing_documents_approved_online() -> None:
    expect(
        "B.VII.2b",
        approved=hit(document("outgoing", DAY, approved_online=True)),
        not_approved=miss(document("outgoing", DAY, approved_online=False)),
        not_recorded=miss(document("outgoing", DAY, signed_digitally=True)),
        incoming=out(document("incoming", DAY, approved_online=True)),
    )


def test_outgoing_documents_signed_digitally() -> None:
    expect(
        "B.VII.2c",
        signed=hit(document("outgoing", DAY, signed_digitally=True)),
        not_signed=miss(document("outgoing", DAY, signed_digitally=False)),
        not_recorded=miss(document("outgoing", DAY, approved_online=True)),
        incoming=out(document("incoming", DAY, signed_digitally=True)),
    )
    assert figure("B.VII.2c", document("outgoing", DAY, signed_digitally=True))["status"] is None  # watched only


def test_work_files_kept_electronically() -> None:
    expect(
        "B.VII.3",
        electronic=hit(work_file(DAY, electronic=True)),
        on_paper=miss(work_file(DAY, electronic=False)),
    )


def test_cases_filed_online_of_procedures_offered_online() -> None:
    def received(code: str, channel: str, day: str = DAY):
        return case(received=day, procedure=code, channel=channel)

    expect(
        "B.VII.4a",
        given=GIVEN,
        full_online=hit(received("full", "online")),
        partial_online=hit(received("partial", "online")),
        at_the_counter=miss(received("full", "in_person")),
        postal_is_not_online=miss(received("full", "postal")),
        procedure_not_offered_online=out(received("offline", "online")),
        received_before=out(received("full", "online", "2024-09-14")),
    )


def test_six_of_ten_cases_online_meet_sixty_percent() -> None:
    six = [case(received=DAY, procedure="full", channel="online")] * 6
    four = [case(received=DAY, procedure="full", channel="in_person")] * 4
    assert figure("B.VII.4a", *GIVEN, *six, *four)["status"] == "met"
    assert figure("B.VII.4a", *GIVEN, *six, *four, four[0])["status"] == "not_met"


def test_online_procedures_that_had_an_online_case() -> None:
    procedures = [procedure(f"P{i}", online_level="full") for i in range(1, 7)]
    rows = [
        case(received=DAY, procedure="P1", channel="online"),
        case(received=DAY, procedure="P1", channel="online"),  # a procedure counts once
        case(received=DAY, procedure="P2", channel="in_person"),
        case(received=DAY, procedure="P2", channel="online"),
        case(received=DAY, procedure="P3", channel="in_person"),
        case(received=DAY, procedure="P3", channel="postal"),
        case(received="2024-09-14", procedure="P4", channel="online"),  # before P: no case, so not in the denominator
        case(received=DAY, procedure="offline", channel="online"),
    ]
    # P1 and P2 of P1, P2, P3; P5 and P6 had no case.
    assert fraction("B.VII.4b", *procedures, *GIVEN, *rows) == (2, 3)


def test_four_of_five_procedures_online_meet_eighty_percent() -> None:
    procedures = [procedure(f"P{i}", online_level="partial") for i in range(1, 7)]
    channels = {"P1": "online", "P2": "online", "P3": "online", "P4": "online", "P5": "in_person"}
    rows = [case(received=DAY, procedure=p, channel=c) for p, c in channels.items()]
    assert figure("B.VII.4b", *procedures, *rows)["status"] == "met"
    more = case(received=DAY, procedure="P6", channel="in_person")
    assert figure("B.VII.4b", *procedures, *rows, more)["status"] == "not_met"  # 4/6


def test_a_procedure_of_two_units_counts_once_for_the_department() -> None:
    rows = [
        procedure("P1", online_level="full"),
        case(received=DAY, procedure="P1", channel="online", unit="U1"),
        case(received=DAY, procedure="P1", channel="in_person", unit="U2"),
    ]
    assert fraction("B.VII.4b", *rows) == (1, 1)
    assert fraction("B.VII.4b", *rows, unit="U1") == (1, 1)
    assert fraction("B.VII.4b", *rows, unit="U2") == (0, 1)


def test_a_case_belongs_to_its_own_unit_not_its_procedures() -> None:
    rows = [
        procedure("P1", online_level="full", unit="owner"),
        case(received=DAY, procedure="P1", channel="online", unit="counter"),
    ]
    assert fraction("B.VII.4a", *rows, unit="counter") == (1, 1)
    assert fraction("B.VII.4a", *rows) == (1, 1)


def test_fee_procedures_with_an_online_payment() -> None:
    procedures = [procedure(f"P{i}", has_fee=True) for i in range(1, 5)]
    rows = [
        case(received=DAY, procedure="P1", paid_online=True),
        case(received=DAY, procedure="P1", paid_online=False),
        case(received=DAY, procedure="P2", paid_online=False),
        case(received=DAY, procedure="P3", paid_online=None),  # not recorded: in the denominator
        case(received="2024-12-15", procedure="P4", paid_online=True),  # after D
        case(received=DAY, procedure="free", paid_online=True),
    ]
    assert fraction("B.VII.4c", *procedures, *GIVEN, *rows) == (1, 3)


def test_fee_cases_paid_online() -> None:
    def received(code: str, paid: bool | None):
        return case(received=DAY, procedure=code, paid_online=paid)

    expect(
        "B.VII.4d",
        given=GIVEN,
        paid=hit(received("fee", True)),
        not_paid_online=miss(received("fee", False)),
        not_recorded=miss(received("fee", None)),
        procedure_without_fee=out(received("free", True)),
    )
    assert noted("B.VII.4d", *GIVEN, received("fee", None), received("free", None)) == {"blank paid_online": 1}


def test_three_of_ten_fee_cases_meet_thirty_percent() -> None:
    rows = [case(received=DAY, procedure="fee", paid_online=i < 3) for i in range(10)]
    assert figure("B.VII.4d", *GIVEN, *rows)["status"] == "met"  # 0.3 is no binary fraction: decided on 3 and 10
    assert figure("B.VII.4d", *GIVEN, *rows, rows[9])["status"] == "not_met"


def test_no_case_of_a_fee_procedure_is_no_data() -> None:
    found = figure("B.VII.4d", *GIVEN, case(received=DAY, procedure="free", paid_online=True))
    assert (found["numerator"], found["denominator"], found["status"]) == (0, 0, "no_data")
