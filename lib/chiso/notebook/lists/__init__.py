"""Lists of rows behind the figures: worst cases, what is late, what is due; each agrees with its indicator."""
