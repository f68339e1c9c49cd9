"""Exported tables in, checked and typed tables out; nothing is lost on the way."""
