"""How sure a ranking is: Monte Carlo over its assumptions, what drives it, what happens without a part of it."""

from chiso.scoring.uncertainty.inputs import Input, Methods, Normalisations, SurveyError, ThresholdNoise, WeightNoise
from chiso.scoring.uncertainty.montecarlo import Uncertain, monte_carlo
from chiso.scoring.uncertainty.removal import leave_out
from chiso.scoring.uncertainty.sensitivity import sensitivity
from chiso.scoring.uncertainty.sobol import Indices, sobol_indices

__all__ = [
    "Indices",
    "Input",
    "Methods",
    "Normalisations",
    "SurveyError",
    "ThresholdNoise",
    "Uncertain",
    "WeightNoise",
    "leave_out",
    "monte_carlo",
    "sensitivity",
    "sobol_indices",
]
