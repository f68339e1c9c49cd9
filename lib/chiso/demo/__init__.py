"""A synthetic department of home affairs: believable data to try the workbench on, marked as made up."""

from chiso.demo.generate import DEFAULT_CASES, DEFAULT_SEED, generate
from chiso.demo.write import write_demo

__all__ = ["DEFAULT_CASES", "DEFAULT_SEED", "generate", "write_demo"]
