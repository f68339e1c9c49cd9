"""The examples in docstrings of chiso.scoring give what they say."""

import doctest
import importlib
import pkgutil

import pytest

import chiso.scoring

MODULES = sorted(m.name for m in pkgutil.walk_packages(chiso.scoring.__path__, "chiso.scoring."))


@pytest.mark.parametrize("module", MODULES)
def test_examples(module):
    assert doctest.testmod(importlib.import_module(module)).failed == 0


def test_there_are_examples():
    assert sum(doctest.testmod(importlib.import_module(m)).attempted for m in MODULES) >= 20
