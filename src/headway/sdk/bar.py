"""``from headway import tqdm``: tqdm's own bar, which the job's page shows as well.

Everything tqdm can do stays as it is (this is a subclass of ``tqdm.std.tqdm``); a background thread reads the bar's
numbers once a second and reports them as headway.sdk.worker does. A second bar alive at the same time (nested loops)
becomes the worker "main.2", a third "main.3". ``disable=True`` stops the drawing, not the reporting: a job without a
terminal is the one whose bar somebody wants to see elsewhere.
"""

import contextlib
import sys
import weakref
from collections.abc import Iterator
from types import TracebackType
from typing import Any

from typing_extensions import override

from headway.sdk import worker as _worker

try:
    from tqdm import std as _std
except ImportError as error:
    raise ImportError(
        "headway.tqdm is a kind of tqdm, which is not installed here: pip install 'headway[tqdm]'",
        name="tqdm",
    ) from error

__all__ = ["tqdm", "trange"]

#: What closes a bar at the end of its loop, however that comes.
_LOOP = getattr(_std.tqdm.__iter__, "__code__", None)


class _Shadow(_worker.Bar[Any]):
    """Says what a tqdm bar says while that lives and is drawn; counts for itself when it is disabled."""

    def __init__(
        self, drawn: "tqdm", worker: str | None, door: _worker.Door | None, desc: str
    ) -> None:
        super().__init__(drawn.iterable, drawn.total, desc, worker, drawn.n, door)
        self._drawn = weakref.ref(drawn)
        self._counts = bool(drawn.disable)

    def settle(self, drawn: "tqdm") -> None:
        """Keep the bar's values as they are now."""
        self.current = self.current if self._counts else drawn.n
        self.total = drawn.total
        self.desc = _words(drawn, self.desc)

    @override
    def raw(self) -> _worker.Raw:
        drawn = self._drawn()
        if drawn is not None:
            self.settle(drawn)
        return super().raw()


class tqdm(_std.tqdm):  # type: ignore[type-arg]  # tqdm is generic in its stubs only  # noqa: N801
    """tqdm, reported to Headway; see ``help(tqdm.std.tqdm)`` for its many arguments.

    Args:
        worker: the worker's id; by default as for ``headway.sdk.worker.progress``.
        job: a progress name to report under instead of the job of the environment, with ``url`` or HEADWAY_URL.
        update_url: the address that /progress/create answered, instead of ``job`` and ``url``.
    """

    _shadow: _Shadow | None = None

    def __init__(
        self,
        *args: Any,  # noqa: ANN401  # tqdm's own
        worker: str | None = None,
        job: str | None = None,
        url: str | None = None,
        update_url: str | None = None,
        **kwargs: Any,  # noqa: ANN401  # tqdm's own
    ) -> None:
        super().__init__(*args, **kwargs)
        with contextlib.suppress(Exception):
            desc = kwargs.get("desc", args[1] if len(args) > 1 else None)
            door = _worker.find_door(job, url, update_url)
            self._shadow = shadow = _Shadow(self, worker, door, str(desc or ""))
            if self.disable:
                # On the instance, so that a bar that is drawn pays nothing for it.
                self.update = self._count  # type: ignore[method-assign]
            shadow.rouse()

    @override
    def __iter__(self) -> Iterator[Any]:
        if self.disable and self._shadow is not None:
            return iter(self._shadow)
        return super().__iter__()

    @override
    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if (
            self._shadow is not None
            and exc_value is not None
            and not _worker.is_good_end(exc_value)
        ):
            self._shadow.ok = False
        super().__exit__(exc_type, exc_value, traceback)

    @override
    def __del__(self) -> None:
        # A destructor may run inside any lock, so it only leaves the last values where the reporter finds them.
        super().close()
        if self._shadow is not None:
            with contextlib.suppress(Exception):
                self._shadow.settle(self)
                self._shadow.leave()

    @override
    def close(self) -> None:
        super().close()
        if self._shadow is not None:
            with contextlib.suppress(Exception):
                if sys._getframe(1).f_code is _LOOP:  # noqa: SLF001  # nothing else tells who calls
                    self._shadow.left_by(3)
            self._shadow.close()

    @override
    def reset(self, total: float | None = None) -> None:
        super().reset(total)
        if self._shadow is not None:
            self._shadow.set(current=0)

    def _count(self, n: float | None = 1) -> bool | None:
        if self._shadow is not None:
            self._shadow.update(1 if n is None else n)
        return None


def trange(*args: int, **kwargs: Any) -> tqdm:  # noqa: ANN401  # tqdm's own
    """Give ``tqdm(range(*args), **kwargs)``."""
    return tqdm(range(*args), **kwargs)


def _words(drawn: tqdm, given: str) -> str:
    """Give a bar's description and what stands behind its numbers, as one text."""
    desc = getattr(drawn, "desc", None) or given  # a disabled bar has none before one is set
    postfix = getattr(drawn, "postfix", None)
    words = [str(desc).removesuffix(": "), str(postfix) if postfix else ""]
    return ", ".join(word for word in words if word)
