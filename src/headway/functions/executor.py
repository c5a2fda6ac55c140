"""The clusters of a server as a ``concurrent.futures.Executor``."""

import concurrent.futures
import copy
import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import ModuleType
from typing import Any, Final, Protocol, Self, TypeVar, Unpack

from typing_extensions import override

from headway.functions.future import Future
from headway.functions.link import Link
from headway.functions.options import FunctionOptions
from headway.functions.pickling import (
    Pickled,
    chunked,
    name_of,
    signed_call,
    travel_by_value,
)
from headway.functions.waiting import AnyFuture
from headway.lib.jsonvalue import JsonObject
from headway.sdk.waiting import PATIENCE_S

T = TypeVar("T")
R_co = TypeVar("R_co", covariant=True)

_AHEAD: Final = 1000
_BESIDE_BYTES: Final = 400  # what a job takes on the way beside its call


class Called(Protocol[R_co]):
    """Anything that can be called."""

    def __call__(self, *args: Any, **kwargs: Any) -> R_co:  # noqa: ANN401
        """Be called."""
        ...


class FunctionsExecutor(concurrent.futures.Executor):
    """Runs Python functions on a cluster of a Headway server, each as a job.

    It does whatever a ``ProcessPoolExecutor`` does, and its futures can be awaited. A function that was taken is not lost: not by
    an end of this program, nor by one of the server. Usable from several threads; not across a fork.

    Args:
        cluster: which of the server's clusters; the first that takes functions when None.
        url: the server's address; else HEADWAY_URL, else the user's own running server.
        token: sent with each request; else HEADWAY_TOKEN.
        by_value: modules that are not there where the functions run: what is of them travels along.
        unpickle: open results that are no JSON; else ``Unread`` stands in their place.
        patience_s: how long the server may be away, as in a restart, before futures say so.
        options: said of every function, see FunctionOptions.
    """

    def __init__(
        self,
        cluster: str | None = None,
        *,
        url: str | None = None,
        token: str | None = None,
        by_value: Sequence[ModuleType] = (),
        unpickle: bool = True,
        patience_s: float = PATIENCE_S,
        options: FunctionOptions | None = None,
    ) -> None:
        self._link = Link(url, token, patience_s=patience_s, unpickles=unpickle)
        #: Said of every function.
        self.options: FunctionOptions = {} if options is None else options
        if cluster is not None:
            self.options = {**self.options, "cluster": cluster}
        travel_by_value(by_value)

    @property
    def url(self) -> str:
        """The server's address."""
        return self._link.url

    def with_options(self, **options: Unpack[FunctionOptions]) -> "FunctionsExecutor":
        """Give the same executor with more said of each function: ``functions.with_options(name="fit", rerun=1).submit(f)``."""
        other = copy.copy(self)
        other.options = {**self.options, **options}
        return other

    @override
    def submit(self, fn: Called[T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Have ``fn(*args, **kwargs)`` called on the cluster. Returns at once; the future tells what became of it.

        The arguments are pickled before this returns.

        Raises:
            InvalidRequest: the call cannot be pickled.
            TooLarge: it is longer than 8 MiB: keep large data in files.
            HeadwayError: the server does not answer, or does not let you run functions.
            RuntimeError: after ``shutdown``.
        """
        return self._put(fn, args, kwargs, name=name_of(fn))

    @override
    def map(
        self,
        fn: Called[T],
        *iterables: Iterable[Any],
        timeout: float | None = None,
        timeout_s: float | None = None,
        chunksize: int = 1,
        ahead: int = _AHEAD,
    ) -> Iterator[T]:
        """Call ``fn`` with the elements of the iterables; gives the results in their order, as they are asked for.

        No more than ``ahead`` jobs are made before their results are taken, so that the iterables may be endless. When the
        iterator is closed, what has not ended is cancelled.

        Args:
            timeout: of the time until any one result is there, in seconds; the same as ``timeout_s``.
            chunksize: how many calls one job makes. They end together; functions among them get no ``progress``.
        """
        if chunksize < 1 or ahead < 1:
            raise ValueError("chunksize and ahead must be 1 or more")
        calls = zip(*iterables, strict=False)
        limit_s = timeout if timeout_s is None else timeout_s
        name = name_of(fn)
        if chunksize > 1:
            each, shared = Pickled(chunked()), Pickled(fn)
            chunks = iter(lambda: tuple(itertools.islice(calls, chunksize)), ())
            made: Iterator[Future[Any]] = (
                self._put(each, (shared, chunk), {}, name=name) for chunk in chunks
            )
            taken = self._in_order(made, ahead, limit_s)
            return (value for values in taken for value in values)
        pickled = Pickled(fn)
        return self._in_order(
            (self._put(pickled, call, {}, name=name) for call in calls), ahead, limit_s
        )

    def future(self, ref: str | int, *, unpickle: bool | None = None) -> Future[Any]:
        """Give the future of a function that was submitted before, by this or another program: by its job's id or number.

        Args:
            ref: the job.
            unpickle: open a result that is no JSON: that runs what its owner has put into it. None: as this executor does,
                where the job is your own; ``Unread`` stands in the place of what others' functions gave back.

        Raises:
            InvalidRequest: the job is a command's, or another that gives nothing back.
            NotFound: no such job, or none that you may see.
        """
        return self._link.future(ref, unpickles=unpickle)

    @override
    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take nothing more.

        Args:
            wait: return when all that was submitted has ended; else it goes on without this program.
            cancel_futures: have all that has not ended stopped.
        """
        self._link.close(wait=wait, cancel=cancel_futures)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._link.close_gently()

    def _put(
        self,
        function: Callable[..., Any] | Pickled,
        args: Sequence[Any],
        kwargs: dict[str, Any],
        *,
        name: str,
    ) -> Future[Any]:
        rerun = self.options.get("rerun", 0)
        call = signed_call(function, args, kwargs, key=self._link.key, rerun=rerun)
        spec: JsonObject = {"name": name, **self.options, "kind": "function", "function": call}
        spec = {key: value for key, value in spec.items() if key != "rerun"}
        return self._link.put(spec, size_bytes=len(call.get("pickled", "")) + _BESIDE_BYTES)

    def _in_order(
        self, futures: Iterator[AnyFuture], ahead: int, timeout_s: float | None
    ) -> Iterator[Any]:
        waiting = deque(itertools.islice(futures, ahead))

        def results() -> Iterator[Any]:
            try:
                while waiting:
                    # Not waiting.popleft() here: what is given out is held by nothing else.
                    yield waiting[0].result(timeout_s)
                    waiting.popleft()
                    waiting.extend(itertools.islice(futures, 1))
            finally:
                self._link.cancel_all(waiting)

        return results()
