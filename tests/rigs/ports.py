"""Ports for daemons that tests start: chosen anew each time, and kept for as long as they may be started again."""

import random
import socket
from contextlib import ExitStack
from typing import Final

#: Below what Linux gives to outgoing connections, which else might take a port while its daemon is down.
_FIRST: Final = 10_240
_BLOCK: Final = 40
_BLOCKS: Final = 500


class Ports:
    """A range of free TCP ports on 127.0.0.1; no other process that asks here gets one of them until ``release``."""

    def __init__(self, count: int) -> None:
        """Reserve ``count`` ports in a row, at most 40.

        Raises:
            LookupError: all are in use.
        """
        assert 0 < count <= _BLOCK
        for block in random.sample(range(_BLOCKS), _BLOCKS):
            self.first = _FIRST + block * _BLOCK
            self._reservation = _reserved(self.first)
            if self._reservation is None:
                continue
            if _are_free(range(self.first, self.first + count)):
                return
            self._reservation.close()
        raise LookupError("no free ports for a daemon")

    def release(self) -> None:
        """Let others have them."""
        if self._reservation is not None:
            self._reservation.close()


def _reserved(first: int) -> socket.socket | None:
    """Bind a name that the kernel frees when this process ends, however it ends."""
    held = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        held.bind(f"\0headway-test-ports-{first}")
    except OSError:
        held.close()
        return None
    return held


def _are_free(ports: range) -> bool:
    with ExitStack() as sockets:
        for port in ports:
            each = sockets.enter_context(socket.socket())
            each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                each.bind(("0.0.0.0", port))
            except OSError:
                return False
    return True
