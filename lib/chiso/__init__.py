"""Workbench for the indices by which a government body measures how it serves people."""

__version__ = "0.1.0"
