"""What a function is given beside its own arguments, where it takes it by name. Standard library only: workers have it."""

import importlib
import inspect
import sys
import types
from collections.abc import Mapping
from typing import Any, Final

_FLUSH_S: Final = 2.0
_TAKES_ALL: Final = inspect.CO_VARKEYWORDS
_WORKER_MODULES: Final = ("headway.sdk.worker", "headway_worker")
_FIRST_STATUS: Final = "Running"  #: as moi's jobs had it when they began


class Injected:
    """What one attempt may tell of itself, and is told. Calls never raise because of reporting and never wait for the server."""

    def __init__(self, order: Mapping[str, Any]) -> None:
        self._order = order
        self._status = _FIRST_STATUS
        self._reports: Any = None  # the module; loaded when something is told

    def names(self) -> dict[str, Any]:
        """Give all of it by name."""
        return {
            "moi_update_status": self.update_status,
            "status_update": self.update_status,
            "moi_context": self._order.get("context", ""),
            "moi_parent_id": self._order.get("parent") or None,
            "progress": self.progress,
            "counters": self.counters,
        }

    def into(
        self, function: object, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> dict[str, Any]:
        """Give a call's keyword arguments with what the function takes of it; its own arguments win."""
        names = self.names()
        taken = _taken(function, len(args), names)
        return {**{name: names[name] for name in taken}, **kwargs} if taken else kwargs

    def update_status(self, text: object) -> str:
        """Set the job's words of how it is; gives the words before."""
        before, self._status = self._status, str(text)
        self._tell(status_text=self._status)
        return before

    def progress(self, current: float, total: float | None = None, desc: str = "") -> None:
        """Tell how far the function is."""
        self._tell(progress=(current, total, desc))

    def counters(self, values: Mapping[str, Any] | None = None, /, **more: object) -> None:
        """Set counters of the job: a number or text, ``[value, colour]``, or None to take one away."""
        self._tell(counters={**(values or {}), **more})

    def flush(self) -> None:
        """Have what was told sent, in 2 s at most, or never; also what a function told with ``headway.sdk.worker``."""
        if self._reports is not None:
            self._reports.flush(_FLUSH_S)
        for name in _WORKER_MODULES:
            module = sys.modules.get(name)
            if module is not None:
                module.flush(_FLUSH_S)

    def _tell(self, **what: object) -> None:
        environment = self._order.get("environment") or {}
        if self._reports is None:
            # Not before it is needed, except by a worker with time to spare: it takes 40 ms.
            self._reports = importlib.import_module("headway.executors.functions.reports")
        self._reports.tell(environment, **what)


def _taken(function: object, given: int, names: Mapping[str, Any]) -> list[str]:
    """Tell which names a function takes as keywords, and has not been given by place."""
    if type(function) is types.FunctionType and not hasattr(function, "__wrapped__"):
        code = function.__code__
        if code.co_flags & _TAKES_ALL:
            by_place = code.co_varnames[: min(given, code.co_argcount)]
            positional_only = code.co_varnames[: code.co_posonlyargcount]
            return [name for name in names if name not in by_place + positional_only]
        first = max(given, code.co_posonlyargcount)
        takes = code.co_varnames[
            min(first, code.co_argcount) : code.co_argcount + code.co_kwonlyargcount
        ]
        return [name for name in takes if name in names]
    return _taken_slowly(function, given, names)


def _taken_slowly(function: object, given: int, names: Mapping[str, Any]) -> list[str]:
    try:
        signature = inspect.signature(function)  # type: ignore[arg-type]  # what is no callable raises, as it should
    except (TypeError, ValueError):  # a builtin that does not say what it takes
        return []
    found: list[str] = []
    by_place = 0
    takes_all = False
    known: set[str] = set()
    for name, parameter in signature.parameters.items():
        known.add(name)
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            takes_all = True
        elif parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            found.append(name)
        elif parameter.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD:
            by_place += 1
            if by_place > given:
                found.append(name)
        elif parameter.kind is inspect.Parameter.POSITIONAL_ONLY:
            by_place += 1
    if takes_all:
        found += [name for name in names if name not in known]
    return [name for name in found if name in names]
