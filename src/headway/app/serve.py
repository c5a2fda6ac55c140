"""The life of one server: open, serve, stop."""

import asyncio
import contextlib
import logging
import os
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, Protocol

import msgspec
import uvloop

from headway.app.announce import (
    EVERYWHERE,
    Announcement,
    announce,
    announcement_path,
    own_users_address,
    withdraw,
)
from headway.app.application import make_application
from headway.app.connection_limits import DEFAULT_LIMITS, Limits
from headway.app.data_dir import DataDir, make_data_dir
from headway.app.detecting import with_detected
from headway.app.environment import environment
from headway.app.listening import reserved_port
from headway.app.loops import Chore, Loops
from headway.app.options import ServeOptions, is_loopback
from headway.app.server import serve
from headway.app.spool import Spool
from headway.app.system import SystemClock
from headway.app.trouble import Troubles
from headway.app.watched import WATCHED_EVERY_S, Watched
from headway.app.wiring import make_background, make_context, make_core
from headway.core.core import Core
from headway.core.errors import HeadwayError, InvalidRequest
from headway.core.model.state import State

logger = logging.getLogger(__name__)

_SPOOL_EVERY_S: Final = 1.0
_BROKEN: Final = 70  # EX_SOFTWARE: the store could not be written

#: Runs beside the server with its address and core; the server stops when it returns.
Beside = Callable[[str, Core], Awaitable[None]]


class MakeCore(Protocol):
    """Opens the store and makes the executors; see headway.app.wiring.make_core."""

    def __call__(
        self,
        options: ServeOptions,
        data: DataDir,
        *,
        url: str,
        fatal: Callable[[BaseException], None],
    ) -> Core:
        """Make the core, in a running event loop."""
        ...


def run(options: ServeOptions) -> int:
    """Serve until SIGTERM or SIGINT; gives the exit code. Errors that a user can mend are told on stderr."""
    return run_beside(options, None)


def run_beside(
    options: ServeOptions, beside: Beside | None, *, make_core: MakeCore = make_core
) -> int:
    """Serve, and run something beside the server when it is ready.

    Args:
        options: what the server is told.
        beside: runs beside it; None for nothing.
        make_core: makes the core; fault tests put theirs around its ports.
    """
    logging.basicConfig(
        level=options.log_level.upper(),
        format="%(asctime)s %(levelname)-7s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    # A line for each request would cost more than most requests.
    access = logging.DEBUG if options.log_level == "debug" else logging.WARNING
    logging.getLogger("headway.access").setLevel(access)
    try:
        uvloop.run(_serve(options, beside, make_core))
    except KeyboardInterrupt:
        return 130
    except HeadwayError as error:
        print(f"headway: {error}", file=sys.stderr)  # noqa: T201 -- this is the program's own word to its user
        return 2 if isinstance(error, InvalidRequest) else 4
    return 0


async def _serve(options: ServeOptions, beside: Beside | None, make_core: MakeCore) -> None:
    options = await with_detected(options)
    if options.port:
        await _serve_on_its_port(options, beside, make_core)
        return
    # The core wants to know the address before there is anything to listen with.
    with reserved_port(options.host) as port:
        known = msgspec.structs.replace(options, port=port)
        await _serve_on_its_port(known, beside, make_core)


async def _serve_on_its_port(
    options: ServeOptions, beside: Beside | None, make_core: MakeCore
) -> None:
    url = _url(options)
    data = make_data_dir(options.data)
    core = make_core(options, data, url=url, fatal=_fatal)
    try:
        await _check_reachable(options, core)
        troubles = Troubles(core.troubles)
        context = make_context(core, options)
        app = make_application(core, context, troubles, options)
        spool = Spool(data.spool, app, core.clock)
        watched = Watched(core.executors.values(), context.hub.figures)
        chores = [
            Chore(name="spool", every_s=_SPOOL_EVERY_S, run=spool.round),
            Chore(name="watched", every_s=WATCHED_EVERY_S, run=watched.round),
        ]
        background = make_background(core, context, troubles)
        loops = Loops(
            core,
            troubles=troubles,
            chores=chores,
            background=background,
            is_watched=lambda: context.hub.figures.clients > 0,
        )
        stop = asyncio.Event()
        async with contextlib.AsyncExitStack() as stack, contextlib.AsyncExitStack() as besides:

            async def ready(_host: str, _port: int) -> None:
                loops.start()
                stack.push_async_callback(loops.stop)
                stack.enter_context(_announced(options, url, data.root))
                logger.info("serving %s, data in %s", url, data.root)
                if beside is not None:
                    await besides.enter_async_context(_running(beside(url, core), stop))

            await serve(
                app,
                host=options.host,
                port=options.port,
                cert=options.cert,
                key=options.key,
                on_ready=ready,
                on_stop=besides.aclose,
                stop=stop,
                limits=_limits(options),
            )
        logger.info("stopped%s", _left(await core.store.counts()))
    finally:
        await core.store.close()


def _left(counts: Mapping[str, int]) -> str:
    """Say what has not ended, if anything, and what becomes of it."""
    left = sum(counts.get(state, 0) for state in State if not state.is_final)
    if not left:
        return ""
    jobs = "1 job has" if left == 1 else f"{left:,} jobs have"
    return f"; {jobs} not ended: what runs goes on, and a server that is started on this data again takes it up"


def _limits(options: ServeOptions) -> Limits:
    """Give what a client may ask; all of a proxy's clients come from its one address."""
    if not options.behind_proxy:
        return DEFAULT_LIMITS
    return msgspec.structs.replace(
        DEFAULT_LIMITS, connections_each=DEFAULT_LIMITS.connections, connections_kept=0
    )


@contextlib.asynccontextmanager
async def _running(work: Awaitable[None], stop: asyncio.Event) -> AsyncIterator[None]:
    """Run ``work`` beside; set ``stop`` when it ends; its error is raised at the end."""

    async def until_done() -> None:
        try:
            await work
        finally:
            stop.set()

    task = asyncio.create_task(until_done())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@contextlib.contextmanager
def _announced(options: ServeOptions, url: str, data: Path) -> Iterator[None]:
    if not options.announce:
        yield
        return
    path = announcement_path(environment(), Path.home())
    started = f"{SystemClock().now():%Y-%m-%dT%H:%M:%SZ}"
    own = own_users_address(options, url)
    before = None
    try:
        words = Announcement(url=own, pid=os.getpid(), data=str(data), started=started)
        before = announce(path, words)
    except OSError as error:  # a service's user may have no home
        logger.warning(
            "%s cannot be written (%s); your command line finds this server by --url or HEADWAY_URL only",
            path,
            error.strerror,
        )
    try:
        yield
    finally:
        withdraw(path, pid=os.getpid(), before=before)


async def _check_reachable(options: ServeOptions, core: Core) -> None:
    """Refuse an address that others reach while nobody but the server's own user could be recognised.

    Raises:
        InvalidRequest: there is no token, and the address is not this machine's own.
    """
    if is_loopback(options):
        return
    now = core.clock.now()
    if not any(
        token.revoked is None and (token.expires is None or token.expires > now)
        for token in await core.store.tokens()
    ):
        raise InvalidRequest(
            f"{options.host} can be reached by others and there is no token yet; start the server on "
            "127.0.0.1, run 'headway token new', then start it again",
            field="host",
        )


def _fatal(error: BaseException) -> None:
    """End the process at once: what was not written must not be answered."""
    logger.critical(
        "the store cannot be written; the server ends without answering", exc_info=error
    )
    logging.shutdown()
    os._exit(_BROKEN)


def _url(options: ServeOptions) -> str:
    scheme = "https" if options.cert else "http"
    # A server on all addresses is known by its machine's name.
    name = socket.getfqdn() if options.host in EVERYWHERE else options.host
    return f"{scheme}://{f'[{name}]' if ':' in name else name}:{options.port}"
