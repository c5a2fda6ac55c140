"""The user's own server, for programs that need no other."""

from collections.abc import Iterable, Iterator, Sequence
from types import ModuleType
from typing import Any, TypeVar

from headway.functions.executor import Called, FunctionsExecutor
from headway.functions.future import Future

T = TypeVar("T")

#: What ``submit`` and ``map`` of this module use, by process: made when first used, closed never.
_own: list[FunctionsExecutor] = []


def connect(
    cluster: str | None = None,
    *,
    url: str | None = None,
    token: str | None = None,
    by_value: Sequence[ModuleType] = (),
) -> FunctionsExecutor:
    """Choose the server and cluster that ``submit`` and ``map`` use from now on; see FunctionsExecutor."""
    _own[:] = [FunctionsExecutor(cluster, url=url, token=token, by_value=by_value)]
    return _own[0]


def submit(fn: Called[T], /, *args: Any, **kwargs: Any) -> Future[T]:  # noqa: ANN401
    """Have ``fn(*args, **kwargs)`` called on a cluster; see FunctionsExecutor.submit."""
    return _chosen().submit(fn, *args, **kwargs)


def map(  # noqa: A001 -- the field's own word
    fn: Called[T], *iterables: Iterable[Any], timeout_s: float | None = None, chunksize: int = 1
) -> Iterator[T]:
    """Call ``fn`` with the elements of the iterables; see FunctionsExecutor.map."""
    return _chosen().map(fn, *iterables, timeout_s=timeout_s, chunksize=chunksize)


def _chosen() -> FunctionsExecutor:
    return _own[0] if _own else connect()
