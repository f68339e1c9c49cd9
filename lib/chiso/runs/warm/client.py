"""papermill's notebook client, with a forked process in place of a kernel behind sockets."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from jupyter_core.utils import ensure_event_loop
from nbclient.exceptions import CellControlSignal, CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from traitlets import Instance

from chiso.runs.warm.process import KernelDied, TimeUp, WarmKernel


class WarmNotebookClient(PapermillNotebookClient):
    """Executes the cells in a :class:`WarmKernel`; outputs are processed by nbclient, as with any kernel."""

    kernel = Instance(WarmKernel)
    record_timing = False  # it would differ from run to run

    def execute(self, **settings: Any) -> NotebookNode:
        """Execute the notebook."""
        ensure_event_loop()  # nbclient makes a task of its own for it
        self.reset_execution_trackers()
        self.papermill_execute_cells()
        self.nb.metadata["language_info"] = self.kernel.language_info
        self.set_widgets_metadata()
        return self.nb

    def execute_cell(self, cell: NotebookNode, cell_index: int, **settings: Any) -> NotebookNode:
        """Execute a cell.

        Raises:
            CellExecutionError: the cell raised, and is not tagged as one that may.
            CellTimeoutError, DeadKernelError: it took too long, or killed its process.
        """
        if cell.cell_type != "code" or not cell.source.strip():
            return cell
        cell["outputs"] = []
        self.clear_before_next_output = False
        limit = self.timeout_func(cell) if self.timeout_func is not None else self.timeout
        try:
            for message in self.kernel.execute(cell.source, limit):
                if message["msg_type"] == "execute_reply":
                    cell["execution_count"] = message["content"].get("execution_count")
                    self._check(cell, message["content"])
                else:
                    with suppress(CellControlSignal):  # that the kernel is idle; the reply ends the cell
                        self.process_message(message, cell, cell_index)
        except TimeUp as error:
            raise CellTimeoutError.error_from_timeout_and_cell(
                "Cell execution timed out", int(limit or 0), cell
            ) from error
        except KernelDied as error:
            raise DeadKernelError("Kernel died") from error
        return cell

    def _check(self, cell: NotebookNode, reply: dict[str, Any]) -> None:
        may_raise = self.allow_errors or "raises-exception" in cell.metadata.get("tags", ())
        if reply["status"] == "error" and not may_raise:
            raise CellExecutionError.from_cell_and_msg(cell, reply)
