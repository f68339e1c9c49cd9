"""What does not agree across columns, tables and exports though each row keeps its rules: listed, never changed."""

from chiso.sources.agreement.check import check_agreement
from chiso.sources.agreement.exports import tell_overlaps
from chiso.sources.agreement.tables import LISTED, Accepted

__all__ = ["LISTED", "Accepted", "check_agreement", "tell_overlaps"]
