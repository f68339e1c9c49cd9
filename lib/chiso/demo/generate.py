"""All fourteen tables of the made-up department, the cases in monthly blocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from chiso.demo.cases import case_blocks
from chiso.demo.clock import Clock
from chiso.demo.department import Department, load_department
from chiso.demo.feedback import make_feedback
from chiso.demo.money import make_budget
from chiso.demo.office import make_documents, make_personnel, make_work_files
from chiso.demo.oversight import make_initiatives, make_inspections
from chiso.demo.procedures import make_procedures
from chiso.demo.survey import make_survey
from chiso.demo.tasks import make_deliverables, make_tasks
from chiso.errors import ChisoError
from chiso.messages import text
from chiso.sources.contract import TableContract, load_contract

DEFAULT_SEED = 2255
DEFAULT_CASES = 5500
_REMEMBERED = 40  # cases of a month that petitions may be about

CaseSink = Callable[[str, pl.DataFrame], None]


@dataclass
class _Digest:
    """What the other tables need to know about the cases, gathered block by block."""

    served: dict[tuple[str, int], int] = field(default_factory=dict)
    known: list[pl.DataFrame] = field(default_factory=list)

    def add(self, clock: Clock, block: pl.DataFrame) -> None:
        finished = block.group_by("unit_code", pl.col("finished_at").dt.date().dt.month_start().alias("month")).len()
        for unit, month, count in finished.drop_nulls().rows():
            key = (unit, clock.day(month))
            self.served[key] = self.served.get(key, 0) + count
        if len(block):
            chosen = block.gather_every(-(-len(block) // _REMEMBERED))
            day = (pl.col("received_at").dt.date() - pl.lit(clock.origin)).dt.total_days()
            self.known.append(chosen.select("case_id", "unit_code", day.alias("day")))


def produce(seed: int, cases: int, sink: CaseSink, department: Department | None = None) -> dict[str, pl.DataFrame]:
    """Hand the cases of each month to ``sink(month, frame)`` and return the other thirteen tables.

    Memory holds one month of cases at a time. The other tables grow with the square root of ``cases``.

    Raises:
        ChisoError: fewer than one case, or a negative seed.
    """
    if cases < 1 or seed < 0:
        raise ChisoError(text("demo.arguments", cases=cases, seed=seed))
    department = department or load_department()
    contract = load_contract()
    clock = Clock(department)
    procedures = make_procedures(department, clock, seed)
    digest = _Digest()
    blocks = case_blocks(department, clock, procedures, seed, cases)
    for (start, _), block in zip(clock.months(), blocks, strict=True):
        digest.add(clock, block)
        sink(f"{clock.date(start):%Y-%m}", conform(block, contract["cases"]))
    scale = (cases / DEFAULT_CASES) ** 0.5
    responses, frame = make_survey(department, clock, seed, digest.served)
    tables = {
        "units": _units(department),
        "procedures": procedures.table,
        "survey_responses": responses,
        "survey_frame": frame,
        "feedback": make_feedback(department, clock, seed, max(round(190 * scale), 20), pl.concat(digest.known)),
        "assigned_tasks": make_tasks(department, clock, seed, max(round(280 * scale), 40)),
        "deliverables": make_deliverables(department, clock, seed),
        "documents": make_documents(department, clock, seed, max(round(6000 * scale), 200)),
        "work_files": make_work_files(department, clock, seed, max(round(1600 * scale), 100)),
        "personnel": make_personnel(department, clock, seed),
        "budget": make_budget(department, clock, seed),
        "inspections": make_inspections(department, clock, seed),
        "initiatives": make_initiatives(department, clock, seed),
    }
    return {name: conform(tables[name], contract[name]) for name in contract if name in tables}


def generate(seed: int = DEFAULT_SEED, cases: int = DEFAULT_CASES) -> dict[str, pl.DataFrame]:
    """Return the fourteen tables by name, in canonical columns and types, in the contract's order.

    The same arguments give the same tables. For more cases than fit in memory see :func:`chiso.demo.write_demo`.

    Raises:
        ChisoError: fewer than one case, or a negative seed.
    """
    blocks: list[pl.DataFrame] = []
    tables = produce(seed, cases, lambda _, block: blocks.append(block))
    tables["cases"] = pl.concat(blocks)
    return {name: tables[name] for name in load_contract()}


def conform(frame: pl.DataFrame, contract: TableContract) -> pl.DataFrame:
    """Return the frame in the contract's order and types, without columns no indicator needs; survey items last."""
    columns = {column.name: column.dtype for column in contract.columns if not column.supporting}
    columns |= {name: contract.column(name).dtype for name in frame.columns if name not in columns}
    return frame.select(pl.col(name).cast(dtype) for name, dtype in columns.items())


def _units(department: Department) -> pl.DataFrame:
    rows = [(u.code, u.name, u.kind, u.active_from, u.active_to) for u in department.units]
    names = ["unit_code", "unit_name", "kind", "active_from", "active_to"]
    return pl.DataFrame(rows, schema=names, orient="row")
