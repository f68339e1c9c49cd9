"""Rows of the case table for tests: valid unless told otherwise."""

from collections.abc import Callable

from chiso.sources import Dataset

Import = Callable[..., Dataset]  # the fixture `import_files`
CASES = "case_id,procedure_code,unit_code,channel,received_at,due_at,finished_at,supplement_requests\n"


def case(case_id: str, **cells: str) -> str:
    valid = {"procedure_code": "P1", "unit_code": "U1", "channel": "online", "received_at": "2024-03-01"}
    given = {"case_id": case_id, **valid, **cells}
    return ",".join(given.get(name, "") for name in CASES.strip().split(","))


def cases(*rows: str) -> str:
    return CASES + "".join(f"{row}\n" for row in rows)
