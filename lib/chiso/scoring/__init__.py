"""From figures to scores: attainment of the plan's targets."""

from chiso.scoring.attainment import scores

__all__ = ["scores"]
