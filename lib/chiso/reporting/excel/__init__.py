"""Tables as Excel sheets: numbers as numbers, text never a formula, ready to print, the same bytes every time."""

from chiso.reporting.excel.cells import FORMULA, quoted, write, write_link, write_text
from chiso.reporting.excel.page import set_page, sheet_name
from chiso.reporting.excel.save import to_bytes
from chiso.reporting.excel.sheet import Heading, Written, add_heading, add_sheet, add_signatures, add_table
from chiso.reporting.excel.style import BOX, column_widths, font, set_default_font, set_height, style_header, text_lines

__all__ = [
    "BOX",
    "FORMULA",
    "Heading",
    "Written",
    "add_heading",
    "add_sheet",
    "add_signatures",
    "add_table",
    "column_widths",
    "font",
    "quoted",
    "set_default_font",
    "set_height",
    "set_page",
    "sheet_name",
    "style_header",
    "text_lines",
    "to_bytes",
    "write",
    "write_link",
    "write_text",
]
