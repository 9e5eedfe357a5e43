"""Runs on a cluster: the executor of dask.distributed, an optional extra of this package."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

from commune_pilots.errors import ParameterError

_CONNECT_SECONDS = 10
# A worker may be lost and its run begun again elsewhere: exactly once comes from the last rename.
_RETRIES = 2


@contextmanager
def dask_executor(address: str) -> Iterator[Executor]:
    """Connect to a dask scheduler and hand out its executor.

    Raises ParameterError for an address that does not answer, or without the extra [cluster].
    """
    try:
        from distributed import Client

        client = Client(address, timeout=_CONNECT_SECONDS)
    except (ImportError, OSError, ValueError) as failed:
        raise ParameterError("scheduler", address=address, reason=str(failed)) from failed
    with client:
        # pure: equal jobs would be merged into one
        yield client.get_executor(pure=False, retries=_RETRIES)
