"""Office files are zips: written anew with fixed dates, the same content gives the same bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping


def repacked(raw: bytes, changed: Mapping[str, bytes] | None = None) -> bytes:
    """Return a zip with its entries in their order, dated alike on every machine.

    Args:
        raw: the file as a library wrote it.
        changed: new content of some entries, by name.
    """
    packed, changed = io.BytesIO(), changed or {}
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            entry = zipfile.ZipInfo(item.filename, (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            new.writestr(entry, changed.get(item.filename) or old.read(item))
    return packed.getvalue()
