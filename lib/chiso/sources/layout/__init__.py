"""Where a table stands in a sheet: its header, its data rows, the totals the sheet tells."""
