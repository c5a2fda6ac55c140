"""Options in; a running Core and an ASGI application out."""

import hmac
import os
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from importlib.metadata import version
from ipaddress import ip_network
from pathlib import Path
from typing import Final

import msgspec

from headway import plugins
from headway.app.calling import callback_words, make_sender, patience
from headway.app.clusters import adopting, kinds_of, make_executors, runs_as
from headway.app.data_dir import DataDir
from headway.app.environment import own_user
from headway.app.options import ServeOptions
from headway.app.stage_roots import stage_roots
from headway.app.system import HmacSeal, SystemClock, SystemIds, read_or_make_secret
from headway.core.core import Core, Settings
from headway.core.errors import InvalidRequest
from headway.core.model.change import Retention
from headway.core.model.names import Cluster
from headway.files import make_files
from headway.lib.asgi import ASGIApp
from headway.protocols.http.context import HttpContext, OpenQuota
from headway.protocols.http.identity import IdentitySettings, Network
from headway.protocols.http.live.hub import Hub
from headway.protocols.http.router import mounted
from headway.stores.sql import open_store
from headway.stores.sql.database import Connect, connect

VERSION: Final = version("headway")

_MARK_DIGITS: Final = 8


def make_core(
    options: ServeOptions,
    data: DataDir,
    *,
    url: str,
    fatal: Callable[[BaseException], None],
    connect: Connect = connect,
) -> Core:
    """Open the store and make the executors. Must be called in a running event loop.

    Args:
        options: what the server is told.
        data: the data directory.
        url: the server's own address.
        fatal: called when the store cannot be written any more; must end the process.
        connect: opens the store's file.

    Raises:
        Conflict: another server has the data directory.
        InvalidRequest: the data directory or a setting cannot be used.
        PluginError: an executor is not installed or broken.
    """
    clock = SystemClock()
    secret = read_or_make_secret(data.secret)
    store = open_store(data.root, clock=clock, fatal=fatal, held_by=url, connect=connect)
    return Core(
        store=store,
        executors=make_executors(options, data, clock),
        default_cluster=Cluster(options.default_cluster),
        adopting=adopting(options),
        own_user=own_user(),
        runs_as=runs_as(options, own_user()),
        clock=clock,
        ids=SystemIds(),
        seal=HmacSeal(secret),
        settings=_settings(options, data, url),
        kinds=kinds_of(options),
        files=make_files(
            root=options.sandbox_root or data.sandboxes,
            roots_for=stage_roots(options),
            forbidden=(data.root,),
            own_uid=os.geteuid(),
            record=data.sandbox_roots,
            mark=sandbox_mark(secret, data.root),
        ),
        words=callback_words(),
        sender=make_sender(options, version=VERSION),
    )


def make_context(core: Core, options: ServeOptions) -> HttpContext:
    """Make what all HTTP protocols are given.

    Raises:
        InvalidRequest: a network of ``open_progress`` is none.
    """
    return HttpContext(
        identity=IdentitySettings(
            own_user=own_user(),
            behind_proxy=options.behind_proxy,
            open_progress=tuple(_network(word) for word in options.open_progress),
        ),
        hub=Hub(core.store),
        open_quota=_quota(options),
        version=VERSION,
        settings=options.protocols,
    )


def make_app(core: Core, context: HttpContext, *, otherwise: ASGIApp) -> ASGIApp:
    """Mount every installed protocol at its prefix; ``otherwise`` takes all other paths.

    Raises:
        PluginError: a protocol is broken.
    """
    installed = plugins.protocols()
    found = [installed.load(name) for name in installed.names()]
    return mounted({one.prefix: one.make(core, context) for one in found}, otherwise)


def make_background(
    core: Core, context: HttpContext, troubles: plugins.Noted
) -> Mapping[str, Callable[[], Awaitable[None]]]:
    """Give what installed protocols do beside requests, by their names: their plugins' ``background``.

    Raises:
        PluginError: a protocol is broken.
        InvalidRequest: a setting of one cannot be used.
    """
    installed = plugins.protocols()
    makers = {name: getattr(installed.load(name), "background", None) for name in installed.names()}
    works = {
        name: make(core, context, troubles) for name, make in makers.items() if make is not None
    }
    return {name: work for name, work in works.items() if work is not None}


def _settings(options: ServeOptions, data: DataDir, url: str) -> Settings:
    chosen: dict[str, object] = {}
    if options.settle_s is not None:
        chosen["settle"] = timedelta(seconds=options.settle_s)
    if options.stalled_floor_s is not None:
        chosen["stalled_floor_s"] = options.stalled_floor_s
    kept = {
        "detail": options.keep_detail_s,
        "events": options.keep_events_s,
        "jobs": options.keep_jobs_s,
    }
    retention = {
        name: timedelta(seconds=seconds) for name, seconds in kept.items() if seconds is not None
    }
    chosen["retention"] = Retention(**retention)
    chosen["patience"] = patience(options)
    settings = Settings(public_url=url, spool=str(data.spool))
    return msgspec.structs.replace(settings, **chosen)


def _quota(options: ServeOptions) -> OpenQuota:
    chosen = {
        "jobs_per_hour": options.open_jobs_per_hour,
        "workers_per_job": options.open_workers_per_job,
        "rows": options.open_rows,
    }
    return OpenQuota(**{name: most for name, most in chosen.items() if most is not None})


def sandbox_mark(secret: bytes, data: Path) -> str:
    """Give what is in the names of a server's sandboxes, so that it takes no other's in the same place for its own.

    One that was started on a copy of the data directory, to try a backup, is another server.
    """
    return hmac.digest(secret, b"sandboxes" + os.fsencode(data.resolve()), "sha256").hex()[
        :_MARK_DIGITS
    ]


def _network(word: str) -> Network:
    try:
        return ip_network(word, strict=False)
    except ValueError as error:
        raise InvalidRequest(
            f"{word!r} is no network such as 10.0.0.0/8 or fd00::/8: {error}",
            field="open-progress",
        ) from None
