"""Text as departments wrote it over thirty years, made plain Unicode."""

from chiso.sources.text.charsets import CHARSETS
from chiso.sources.text.restore import Conversion, restore
from chiso.sources.text.telling import tell_conversions

__all__ = ["CHARSETS", "Conversion", "restore", "tell_conversions"]
