"""How a connection's bytes come and go: when it is read, and how it is closed after an answer."""

import asyncio
from collections.abc import Callable

from typing_extensions import override
from uvicorn.protocols.http.flow_control import FlowControl


class AnswerTransport:
    """What a request's answer is written to: its end closes the connection only when the client has read it."""

    def __init__(self, transport: asyncio.Transport, close: Callable[[], None]) -> None:
        self.write = transport.write
        self.is_closing = transport.is_closing
        self.close = close


class Flow(FlowControl):
    """uvicorn's, for a transport that may be closing (uvloop's then takes neither word) and for what is read ahead.

    While it is ``held`` nobody has more read: enough waits to be parsed.
    """

    held = False

    @override
    def pause_reading(self) -> None:
        """Read no more for now."""
        if not self.read_paused and not self._transport.is_closing():
            super().pause_reading()

    @override
    def resume_reading(self) -> None:
        """Read on."""
        if self.read_paused and not self.held and not self._transport.is_closing():
            super().resume_reading()
