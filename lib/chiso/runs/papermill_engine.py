"""The engine as papermill finds it: ``papermill --engine chiso``.

papermill loads the engines of other packages while it is being imported itself, so nothing of it may be imported here.
"""

from __future__ import annotations

from typing import Any


class LazyEngine:
    """Stands for :class:`chiso.runs.engine.ReportEngine` until it is used."""

    @staticmethod
    def _engine() -> Any:
        from chiso.runs.engine import ReportEngine

        return ReportEngine

    @classmethod
    def execute_notebook(cls, *args: Any, **settings: Any) -> Any:
        """Execute a notebook."""
        return cls._engine().execute_notebook(*args, **settings)

    @classmethod
    def nb_kernel_name(cls, *args: Any, **settings: Any) -> Any:
        """Return the kernel that a notebook names."""
        return cls._engine().nb_kernel_name(*args, **settings)

    @classmethod
    def nb_language(cls, *args: Any, **settings: Any) -> Any:
        """Return the language of a notebook."""
        return cls._engine().nb_language(*args, **settings)
