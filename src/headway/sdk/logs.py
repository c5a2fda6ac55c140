"""Where in a log one has got to, so that following it goes on after a break; no I/O."""

import re
from collections.abc import Mapping
from typing import Final

from headway.sdk import requests
from headway.sdk.message import Request

_CONTENT_RANGE: Final = re.compile(r"bytes (\d+)-")
NOT_SATISFIABLE: Final = 416  #: the answer when a log has no bytes beyond those that are known


class LogPosition:
    """Asks for a log, and then for what is still missing of it.

    A server says where its answer begins. One that does not (it is older, or something in between takes headers away) may
    have begun a ``tail`` anywhere: what is written while the connection is broken is then passed over, rather a gap than
    lines shown twice.
    """

    def __init__(self, ref: str, stream: str, *, tail: str | None = None) -> None:
        self._ref = ref
        self._stream = stream
        self._tail = tail
        self._next: int | None = 0 if tail is None else None
        self._skip = 0
        self._begun = False

    def follow(self) -> Request:
        """Give the request for all that is missing, and for what will come."""
        if not self._begun:
            return requests.log(self._ref, self._stream, tail=self._tail, follow=True)
        if self._next is None:
            return requests.log(self._ref, self._stream, tail="0", follow=True)
        first = self._next or None
        return requests.log(self._ref, self._stream, first_byte=first, follow=True)

    def rest(self) -> Request | None:
        """Give the request for what is missing of a log that has got its last byte; None when that cannot be told."""
        if self._next is None:
            return None
        return requests.log(self._ref, self._stream, first_byte=self._next)

    def begin(self, headers: Mapping[str, str]) -> None:
        """Take note that the answer begins; a server may send the whole log, whatever it was asked for."""
        self._begun = True
        first = _first_byte(headers)
        if first is not None:
            self._skip = max(0, (first if self._next is None else self._next) - first)
            self._next = first + self._skip
        else:
            self._skip = self._next or 0

    def take(self, part: bytes) -> bytes:
        """Give that of some bytes which is new."""
        fresh = part[self._skip :]
        self._skip -= len(part) - len(fresh)
        if self._next is not None:
            self._next += len(fresh)
        return fresh


def _first_byte(headers: Mapping[str, str]) -> int | None:
    told = headers.get("headway-log-offset", "")
    if told.isascii() and told.isdecimal():
        return int(told)
    found = _CONTENT_RANGE.match(headers.get("content-range", ""))
    return int(found[1]) if found is not None else None
