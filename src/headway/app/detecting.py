"""Finds the schedulers whose programs are on this machine, and say which version they are."""

import asyncio
import contextlib
import logging
import shutil
from typing import Final

import msgspec

from headway import plugins
from headway.app.environment import environment
from headway.app.options import ClusterOptions, ServeOptions, is_loopback
from headway.app.system import SystemClock

logger = logging.getLogger(__name__)

_NO_PATH: Final = ""
_ANSWER_S: Final = 2.0


async def with_detected(options: ServeOptions) -> ServeOptions:
    """Give options with a further cluster for each scheduler that was found and not spoken of; says so in a line.

    One that does not say its version within two seconds is left alone: its programs are installed, and set up for nothing. A
    server that others can reach is told by its administrator what it may use.
    """
    if not options.detect or not is_loopback(options):
        return options
    spoken_of = {one.kind for one in options.clusters.values()} | options.clusters.keys()
    found = [
        kind
        for kind in schedulers_here()
        if kind not in spoken_of and await _says_its_version(kind)
    ]
    for kind in found:
        jobs = "your jobs there are shown, and jobs" if options.adopt else "jobs"
        logger.info(
            "%s is on this machine: %s can run with --cluster %s (--no-detect leaves it alone)",
            kind,
            jobs,
            kind,
        )
    detected = {kind: ClusterOptions(kind=kind) for kind in found}
    return msgspec.structs.replace(options, clusters={**options.clusters, **detected})


async def _says_its_version(kind: str) -> bool:
    ask = getattr(plugins.executors().load(kind), "version_here", None)
    if ask is None:
        return True
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_ANSWER_S):
            return bool(await ask(clock=SystemClock(), base_environment=environment()))
    return False


def schedulers_here(path: str | None = None) -> list[str]:
    """Name the installed executors all of whose signs are programs on PATH; ``path`` stands for another one."""
    where = environment().get("PATH", _NO_PATH) if path is None else path
    known = plugins.executors()
    found: list[str] = []
    for name in known.names():
        signs = getattr(known.load(name), "signs", ())
        if signs and all(shutil.which(program, path=where) for program in signs):
            found.append(name)
    return found
