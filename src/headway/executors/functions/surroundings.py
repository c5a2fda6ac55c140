"""The directory and the environment that a function runs in, and back again. Standard library only: workers have it."""

# ruff: noqa: TID251 -- the environment here is the function's, in its worker

import os
from collections.abc import Mapping
from types import TracebackType
from typing import Any


class NoPlace(Exception):
    """The directory that a function is to run in cannot be used."""


class Surroundings:
    """What an order says of directory and environment, within a ``with``; afterwards all is as before.

    Raises:
        NoPlace: the directory cannot be used.
    """

    def __init__(self, order: Mapping[str, Any]) -> None:
        self._directory: str | None = order.get("directory")
        self._environment: Mapping[str, str] = order.get("environment") or {}
        self._inherit = bool(order.get("inherit", True))
        self._before: dict[bytes, bytes] = {}
        self._back: int | None = None

    def __enter__(self) -> None:
        self._before = dict(_variables())
        if self._directory:
            self._go(self._directory)
        if not self._inherit:
            os.environ.clear()
        os.environ.update(self._environment)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for name in self._environment:
            _restore(os.fsencode(name), self._before)
        now = _variables()
        if now != self._before:  # the function's own doing
            for variable in {*now, *self._before}:
                if now.get(variable) != self._before.get(variable):
                    _restore(variable, self._before)
        if self._back is not None:
            os.fchdir(self._back)
            os.close(self._back)

    def _go(self, directory: str) -> None:
        back = os.open(".", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.chdir(directory)
        except OSError as error:
            os.close(back)
            words = f"the working directory {directory!r} cannot be used: {error.strerror}"
            raise NoPlace(words) from error
        self._back = back


def _restore(variable: bytes, before: Mapping[bytes, bytes]) -> None:
    value = before.get(variable)
    if value is None:
        os.environb.pop(variable, None)
    else:
        os.environb[variable] = value


def _variables() -> Mapping[bytes, bytes]:
    """Give the environment as Python holds it: to go by its own items would decode each of them, for each function."""
    held: Mapping[bytes, bytes] | None = vars(os.environ).get("_data")
    return dict(os.environb) if held is None else held
