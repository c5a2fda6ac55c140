"""A server's connection, as the helper has it. Never blocks; who does not read in time is dropped and reads the journal instead."""

import os
import socket
from struct import Struct

from headway.executors.local import wire

_LARGEST_UNSENT_BYTES = 32 << 20
_READ_BYTES = 1 << 18
_CREDENTIALS = Struct("3i")  #: struct ucred, unix(7)


class Peer:
    """One connection.

    Attributes:
        environment: what its jobs inherit.
        unsent: what the socket did not take yet.
    """

    def __init__(self, connection: socket.socket) -> None:
        connection.settimeout(0)
        self._connection = connection
        self._received = bytearray()
        # Kept: as large a new one would be asked of the kernel, and given back, for each message.
        self._room = memoryview(bytearray(_READ_BYTES))
        self._clogged = False
        self.unsent = bytearray()
        self.environment: dict[bytes, bytes] = {}

    def is_own_user(self) -> bool:
        """Tell whether the other side is this user, by the kernel's word."""
        raw = self._connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        _, user, _ = _CREDENTIALS.unpack(raw)
        return int(user) == os.getuid()

    def receive(self) -> list[tuple[int, bytes]]:
        """Give the frames that have come.

        Raises:
            OSError: the connection is over.
            BadFrame: the other side speaks another language.
        """
        while True:
            try:
                count = self._connection.recv_into(self._room)
            except BlockingIOError:
                break
            if not count:
                raise ConnectionResetError("the server has gone")
            self._received += self._room[:count]
            if count < _READ_BYTES:
                break
        return wire.split(self._received)

    def say(self, message: bytes) -> None:
        """Have a message sent with the next ``flush``."""
        self.unsent += message

    def flush(self) -> bool:
        """Send what the socket takes; gives whether there is something unsent now and was not before, or the other way.

        Raises:
            OSError: the connection is over, or the other side does not read.
        """
        while self.unsent:
            try:
                sent = self._connection.send(self.unsent, socket.MSG_NOSIGNAL)
            except BlockingIOError:
                if len(self.unsent) > _LARGEST_UNSENT_BYTES:
                    raise ConnectionResetError("the server does not read") from None
                break
            del self.unsent[:sent]
        before, self._clogged = self._clogged, bool(self.unsent)
        return self._clogged is not before

    def close(self) -> None:
        """Hang up."""
        self._connection.close()
