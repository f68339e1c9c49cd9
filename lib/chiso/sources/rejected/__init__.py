"""Rejected rows as they stand in their files, and the corrections that are handed back."""
