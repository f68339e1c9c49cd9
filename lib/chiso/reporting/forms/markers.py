"""The markers of the forms' template: which there are, and which belong into one row."""

from __future__ import annotations

import re

MARKER = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")

#: About the report as a whole.
HEADS = (
    "co_quan_chu_quan", "co_quan", "ky_bao_cao", "tu_ngay", "den_ngay", "ngay_chot", "ke_hoach", "mo_phong",
    "ghi_chu_bieu",
)  # fmt: skip
#: Among them what form II.06a has no column for: under the form, blank where there is nothing to say.
FORM_NOTE = "ghi_chu_bieu"

#: Columns of form II.06a by marker: a line a field of procedures, and their totals.
FORM: dict[str, str] = {
    "tong_tiep_nhan": "total",
    "truc_tuyen": "received_online",
    "truc_tiep": "received_direct",
    "ky_truoc": "carried_over",
    "tong_da_giai_quyet": "finished",
    "truoc_han": "early",
    "dung_han": "on_time",
    "qua_han": "late",
    "tong_dang_giai_quyet": "open",
    "trong_han": "open_in_time",
    "dang_qua_han": "open_overdue",
}
FIELD, TOTAL, COMPONENT, INDICATOR = "linh_vuc", "tong", "thanh_phan", "chi_so"

#: What is told of an indicator, by marker: a column of the result table, or words made for it.
FIGURES: dict[str, str] = {
    "tu_so": "numerator",
    "mau_so": "denominator",
    "ket_qua": "value",
    "muc_tieu": "target",
    "tinh_trang": "status",
    "thoi_han": "deadline",
}
_OF_INDICATOR = ("stt", "ma", "ten", "don_vi_tinh", "ghi_chu", *FIGURES)

#: Markers of a row that is repeated, by what it is repeated for.
ROWS: dict[str, tuple[str, ...]] = {
    FIELD: tuple(f"{FIELD}.{name}" for name in ("stt", "ten", *FORM)),
    COMPONENT: tuple(f"{COMPONENT}.{name}" for name in ("ma", "ten")),
    INDICATOR: tuple(f"{INDICATOR}.{name}" for name in _OF_INDICATOR),
}
TOTALS = tuple(f"{TOTAL}.{name}" for name in FORM)
#: Markers without which a row says nothing, by what it is repeated for.
REQUIRED: dict[str, tuple[str, ...]] = {
    FIELD: ROWS[FIELD],
    INDICATOR: (f"{INDICATOR}.ma", f"{INDICATOR}.ket_qua"),
}


def kind_of(marker: str) -> str | None:
    """Return what the row of a marker is repeated for; None for a marker that stands once."""
    kind = marker.partition(".")[0]
    return kind if kind in ROWS else None


def known(marker: str, indicators: frozenset[str]) -> bool:
    """Return whether there is such a marker; an indicator's own are ``B.III.8.ket_qua``."""
    if marker in HEADS or marker in TOTALS or any(marker in names for names in ROWS.values()):
        return True
    indicator, _, name = marker.rpartition(".")
    return indicator in indicators and name in FIGURES
