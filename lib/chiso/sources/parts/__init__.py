"""Accepted cases of many bodies in many Parquet files: found, checked, read without being copied."""

from chiso.sources.parts.find import CaseFile, Found, find_cases
from chiso.sources.parts.keys import require_unique
from chiso.sources.parts.read import Measured, lookup, measure, scan

__all__ = ["CaseFile", "Found", "Measured", "find_cases", "lookup", "measure", "require_unique", "scan"]
