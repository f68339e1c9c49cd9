"""Notebooks in processes forked from one that has the libraries loaded; the platform must know how to fork."""
