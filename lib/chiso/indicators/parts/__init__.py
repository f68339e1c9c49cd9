"""Indicators of cases at scale: computed in parts, on as many machines as there are, and added up to the same figures.

``partial`` sums what the catalogue's indicator functions count over some files of cases; ``combine`` adds the sums of
all parts and judges the figures. The functions, their expressions and the judging are those of one department's run.
"""

from chiso.indicators.parts.combine import Combined, combine
from chiso.indicators.parts.partial import partial
from chiso.indicators.parts.state import Partial

__all__ = ["Combined", "Partial", "combine", "partial"]
