"""Serving HTTP: listening, stopping, signals."""

import asyncio
import contextlib
import logging
import resource
import signal
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from socket import socket
from typing import Any, Final, Protocol

import uvicorn
from uvicorn.lifespan.off import LifespanOff
from uvicorn.lifespan.on import LifespanOn

from headway.app.connection import HttpConnection
from headway.app.connection_limits import DEFAULT_LIMITS, Limits, ServerConfig
from headway.app.listening import listen
from headway.core.errors import HeadwayError, InvalidRequest
from headway.executors import open_files
from headway.lib.asgi import ASGIApp

logger = logging.getLogger(__name__)

_BACKLOG: Final = 2048
_HANDSHAKE_S: Final = 10.0
_DATE_S: Final = 1.0
_POLL_S: Final = 0.02
_SPARE_FILES: Final = 512  # beside the connections: the store, logs, executors


class StopEvent(Protocol):
    """Whatever can be waited for: an asyncio.Event or an anyio.Event."""

    async def wait(self) -> object:
        """Return when the server shall stop."""
        ...


async def serve(
    app: ASGIApp,
    *,
    host: str = "127.0.0.1",
    port: int = 9998,
    cert: Path | None = None,
    key: Path | None = None,
    on_ready: Callable[[str, int], Awaitable[None] | None] | None = None,
    on_stop: Callable[[], Awaitable[None]] | None = None,
    stop: StopEvent | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> None:
    """Serve ``app`` until ``stop`` is set or, in the main thread, SIGINT or SIGTERM comes.

    Requests under way then have ``limits.grace_s`` to end; a second signal ends the wait.

    Args:
        port: 0 takes a free one.
        cert: a PEM file with a certificate and its chain; HTTPS is served then.
        key: the certificate's key, where it is not in the same file.
        on_ready: called with the host and the port when connections are taken.
        on_stop: called when the end is asked for, while connections are still taken; a second signal goes past it.

    Raises:
        Conflict: somebody else listens on that port; the message says who.
        InvalidRequest: the host or port cannot be listened on, or the certificate cannot be read.
        HeadwayError: the application did not start.
    """
    config = _config(app, limits=limits, cert=cert, key=key)
    sockets = listen(host, port)
    try:
        _allow_files(limits.connections + _SPARE_FILES)
        server = _Server(config, sockets, stop, on_stop)
        await server.run_until_stopped(on_ready, host)
    finally:
        config.owners.close()
        for sock in sockets:
            sock.close()


class _Server(uvicorn.Server):
    """uvicorn's server: its connections and tasks, with our own begin and end."""

    def __init__(
        self,
        config: ServerConfig,
        sockets: Sequence[socket],
        stop: StopEvent | None,
        on_stop: Callable[[], Awaitable[None]] | None,
    ) -> None:
        super().__init__(config)
        self._config = config
        self._sockets = sockets
        self._stop = stop
        self._on_stop = on_stop
        self._wake = asyncio.Event()
        self._forced = asyncio.Event()

    async def run_until_stopped(
        self, on_ready: Callable[[str, int], Awaitable[None] | None] | None, host: str
    ) -> None:
        self.lifespan: LifespanOn | LifespanOff = self._config.lifespan_class(self._config)
        await self.lifespan.startup()
        if self.lifespan.should_exit:
            raise HeadwayError("the application did not start; the log says why")
        with self._signals():
            await self.on_tick(0)
            await self._listen()
            told = on_ready(host, self._sockets[0].getsockname()[1]) if on_ready else None
            if told is not None:
                await told
            await self._until_stopped()
            await self._before_shut()
            await self._shut()
        await self.lifespan.shutdown()

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        tls: dict[str, Any] = {}
        if self._config.ssl is not None:
            tls = {
                "ssl": self._config.ssl,
                "ssl_handshake_timeout": _HANDSHAKE_S,
                "ssl_shutdown_timeout": _HANDSHAKE_S,
            }
        self.servers = [
            await loop.create_server(self._connection, sock=sock, backlog=_BACKLOG, **tls)
            for sock in self._sockets
        ]

    def _connection(self) -> HttpConnection:
        return HttpConnection(self._config, self.server_state, self.lifespan.state)

    async def _until_stopped(self) -> None:
        waiting = asyncio.create_task(self._stop.wait()) if self._stop is not None else None
        if waiting is not None:
            waiting.add_done_callback(lambda _: self._wake.set())
        try:
            while not self._wake.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), _DATE_S)
                await self.on_tick(0)  # the Date header
        finally:
            if waiting is not None:
                waiting.cancel()

    async def _before_shut(self) -> None:
        if self._on_stop is None:
            return
        work = asyncio.ensure_future(self._on_stop())
        forced = asyncio.create_task(self._forced.wait())
        await asyncio.wait([work, forced], return_when=asyncio.FIRST_COMPLETED)
        forced.cancel()
        if not work.done():
            work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work

    async def _shut(self) -> None:
        """End: take nobody new, tell everybody, wait, cut off who is still there."""
        for server in self.servers:
            server.close()
        self._config.stopping.set()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        grace_s = self._config.limits.grace_s
        # A connection without a task only has its last bytes to send; who does not read them is not waited for as long.
        await self._wait(grace_s / 4, lambda: not self.server_state.connections)
        self._abort_idle()
        await self._wait(
            grace_s * 3 / 4, lambda: not (self.server_state.connections or self.server_state.tasks)
        )
        left = list(self.server_state.tasks)
        if left:
            logger.warning("stopping: %d requests did not end within %g s", len(left), grace_s)
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        # A task whose client has gone ends by itself; uvicorn would log one that is cancelled as a bug.
        await self._wait(0.5, lambda: not self.server_state.tasks)
        for task in list(self.server_state.tasks):
            task.cancel()
        await self._wait(0.5, lambda: not self.server_state.tasks)

    def _abort_idle(self) -> None:
        for connection in list(self.server_state.connections):
            if connection.transport.is_closing():
                connection.transport.abort()

    async def _wait(self, limit_s: float, done: Callable[[], bool]) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                # uvicorn keeps plain sets of connections and tasks, which tell nobody that they are empty.
                while not done() and not self._forced.is_set():  # noqa: ASYNC110
                    await asyncio.sleep(_POLL_S)

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._signalled)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    def _signalled(self) -> None:
        if self._wake.is_set():
            self._forced.set()
        self._wake.set()


def _config(app: ASGIApp, *, limits: Limits, cert: Path | None, key: Path | None) -> ServerConfig:
    if key is not None and cert is None:
        raise InvalidRequest("a key needs its certificate: give --cert too", field="cert")
    config = ServerConfig(
        app, limits=limits, cert=str(cert) if cert else None, key=str(key) if key else None
    )
    try:
        config.load()
    except (OSError, ssl.SSLError) as error:
        shown = f"{cert} and {key}" if key else str(cert)
        raise InvalidRequest(f"cannot use the certificate {shown}: {error}", field="cert") from None
    return config


def _allow_files(wanted: int) -> None:
    """Raise this process's own limit of open files as far as it may go. What it starts is given the one before."""
    soft, hard = open_files.BEFORE, resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    target = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < target:
        resource.setrlimit(resource.RLIMIT_NOFILE, (target, hard))
