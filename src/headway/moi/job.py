"""Submitting functions, as moi's module of this name did it."""

import inspect
import os
from collections.abc import Callable, Generator
from typing import Any, Final

from headway.core.errors import InvalidRequest
from headway.functions import FunctionsExecutor, Future
from headway.moi import system
from headway.moi.contexts import Context, ctxs, default_context
from headway.moi.service import server, service
from headway.moi.system import system_call

__all__ = ["AsyncResult", "submit", "submit_nouser", "system_call"]

NO_USER: Final = "no-user"
UNNAMED: Final = "unnamed"
_made: dict[int, FunctionsExecutor] = {}
_parents: dict[int, set[str]] = {}


class AsyncResult:
    """What becomes of a function, with the words of moi's engine. Its ``future`` can be awaited, and so can this."""

    def __init__(self, future: Future[Any]) -> None:
        self.future = future

    def get(self, timeout: float | None = None) -> Any:  # noqa: ANN401 -- whatever the function gave back
        """Give the result, waiting for it for at most so many seconds; raises what ``Future.result`` raises."""
        return self.future.result(timeout)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end, and raise nothing of the function's; tells whether it has ended."""
        try:
            self.future.exception(timeout)
        except TimeoutError:
            return False
        except BaseException:
            if not self.future.done():
                raise
        return True

    def ready(self) -> bool:
        """Tell whether it has ended."""
        return self.future.done()

    def successful(self) -> bool:
        """Tell whether it has ended well."""
        return self.ready() and not self.future.cancelled() and self.future.exception() is None

    def cancel(self) -> bool:
        """Have it stopped, also while it runs."""
        return self.future.cancel()

    def __await__(self) -> Generator[Any, None, Any]:
        """Wait for the result in asyncio."""
        return self.future.__await__()


def submit(
    ctx_name: str | Context,
    parent_id: str,
    name: str,
    url: str | None,
    func: Callable[..., Any],
    *args: Any,  # noqa: ANN401 -- the function's own
    **kwargs: Any,  # noqa: ANN401
) -> tuple[str, str, AsyncResult]:
    """Have ``func(*args, **kwargs)`` called through a context. The job is durable when this returns.

    A function that takes them is given ``moi_update_status``, ``moi_context`` and ``moi_parent_id``, and ours (see the guide).

    Args:
        ctx_name: the context; the default one for one that is not known.
        parent_id: the group that it goes into; one that is not there is made, and called "unnamed".
        name: of the job, for people.
        url: where its result is shown, before a slash and the job's id.
        func: what is called; it has failed when it raises.

    Returns:
        The job's id, the parent's, and what becomes of it.

    Raises:
        InvalidRequest: the call cannot be pickled, or $MOI_CONFIG_FP not read.
        HeadwayError: the server does not answer, or does not let you run functions.
    """
    context = ctxs.chosen(ctx_name)
    kept = {"context": context.name} | ({} if url is None else {"url": url})
    options: dict[str, Any] = {
        "name": name or UNNAMED,
        "groups": [parent_id],
        "extra": {"moi": kept},
    }
    cluster = ctxs.cluster(context)
    if cluster is not None:
        options["cluster"] = cluster
    if "moi_context" not in kwargs and _takes(func, "moi_context"):
        kwargs["moi_context"] = context.name
    is_new = _see_to_parent(parent_id)
    future = _executor().with_options(**options).submit(func, *args, **kwargs)
    try:
        return future.job_id, parent_id, AsyncResult(future)
    except InvalidRequest:
        if is_new:
            raise
    _forget_parent(parent_id)  # it was there once; somebody may have deleted it since
    return submit(context, parent_id, name, url, func, *args, **kwargs)


def submit_nouser(
    func: Callable[..., Any],
    *args: Any,  # noqa: ANN401
    **kwargs: Any,  # noqa: ANN401
) -> tuple[str, str, AsyncResult]:
    """Have a function called that is no user's; see ``submit``."""
    return submit(default_context(), NO_USER, UNNAMED, None, func, *args, **kwargs)


def _takes(func: Callable[..., Any], name: str) -> bool:
    try:
        parameters = inspect.signature(func).parameters
    except (TypeError, ValueError):
        return False
    return name in parameters or any(
        one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters.values()
    )


def _see_to_parent(parent_id: str) -> bool:
    """Have the parent be there; tells whether that was not known already."""
    seen = _parents.setdefault(os.getpid(), set())
    if parent_id in seen:
        return False
    service().group(id=parent_id, name=UNNAMED)
    seen.add(parent_id)
    return True


def _forget_parent(parent_id: str) -> None:
    _parents.get(os.getpid(), set()).discard(parent_id)


def _executor() -> FunctionsExecutor:
    process = os.getpid()
    if process not in _made:
        found = server()
        _made.clear()
        _made[process] = FunctionsExecutor(
            url=found.url, token=found.token or "", by_value=[system]
        )
    return _made[process]
