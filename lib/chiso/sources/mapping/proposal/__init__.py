"""A mapping proposed from a specimen: what its headers and cells tell, what is guessed, what a person must decide."""

from chiso.sources.mapping.proposal.analyse import Proposal, ProposedColumn, propose
from chiso.sources.mapping.proposal.render import report, toml

__all__ = ["Proposal", "ProposedColumn", "propose", "report", "toml"]
