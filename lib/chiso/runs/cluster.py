"""The cluster that a run asks for; its libraries are an extra that most offices do not need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chiso.errors import ChisoError
from chiso.messages import text
from chiso.runs.plan import Request

if TYPE_CHECKING:
    from chiso.runs.pool import Pool


def open_cluster(request: Request) -> Pool | None:
    """Return the workers of the cluster that was asked for; None where none was.

    Raises:
        ChisoError: the extra is not installed; or see :class:`chiso.runs.dask_pool.DaskPool`.
    """
    if request.engine != "dask" or request.scheduler is None:
        return None
    require_extra()
    from chiso.runs.dask_pool import DaskPool

    return DaskPool(request.scheduler, request.shared)


def require_extra() -> None:
    """Refuse to go on where the libraries of a cluster are not there.

    Raises:
        ChisoError: the extra is not installed.
    """
    try:
        import distributed  # noqa: F401
    except ImportError as error:
        raise ChisoError(text("dask.not_installed", name=error.name)) from error
