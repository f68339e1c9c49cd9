"""What is measured: plan items, indicators, targets, deadlines, rules and their legal basis, by plan year."""

from chiso.catalogue.load import CatalogueError, load_catalogue
from chiso.catalogue.model import (
    Alert,
    Catalogue,
    Component,
    Criterion,
    Document,
    DueRule,
    Index,
    Indicator,
    NotMeasured,
    PlanItem,
    ServiceQuality,
)

__all__ = [
    "Alert",
    "Catalogue",
    "CatalogueError",
    "Component",
    "Criterion",
    "Document",
    "DueRule",
    "Index",
    "Indicator",
    "NotMeasured",
    "PlanItem",
    "ServiceQuality",
    "load_catalogue",
]
