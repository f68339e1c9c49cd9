"""Composite scores of several bodies: normalise indicators, then aggregate them up a tree of any depth."""

from chiso.scoring.aggregation.means import AggregationError, Custom, Mean, Method
from chiso.scoring.aggregation.model import Composite, Scores
from chiso.scoring.aggregation.normalise import Goalposts, MinMax, Normalisation, Rules
from chiso.scoring.aggregation.tables import composite_of
from chiso.scoring.aggregation.tree import Node, Tree, TreeError

__all__ = [
    "AggregationError",
    "Composite",
    "Custom",
    "Goalposts",
    "Mean",
    "Method",
    "MinMax",
    "Node",
    "Normalisation",
    "Rules",
    "Scores",
    "Tree",
    "TreeError",
    "composite_of",
]
