"""The Excel appendices of a period: one workbook an index, cover and contents first, then one sheet a table."""

from chiso.reporting.workbook.book import appendix_workbook
from chiso.reporting.workbook.material import Material, band_of
from chiso.reporting.workbook.sheets import MOST_CASES, Sheet, appendix_sheets, roman

__all__ = ["MOST_CASES", "Material", "Sheet", "appendix_sheets", "appendix_workbook", "band_of", "roman"]
