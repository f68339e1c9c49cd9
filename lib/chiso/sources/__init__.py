"""Exported tables in, checked and typed tables out; nothing is lost on the way."""

from chiso.sources.config import Body
from chiso.sources.contract import PERSONAL, ColumnContract, TableContract, load_contract
from chiso.sources.dataset import Dataset
from chiso.sources.ingest import ingest
from chiso.sources.rejected.stored import RejectedSheet

__all__ = ["PERSONAL", "Body", "ColumnContract", "Dataset", "RejectedSheet", "TableContract", "ingest", "load_contract"]
