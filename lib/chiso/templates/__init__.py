"""Excel workbooks for the tables that no system exports: to be filled in and read by the import as they are."""

from chiso.templates.write import TABLES, write_templates

__all__ = ["TABLES", "write_templates"]
