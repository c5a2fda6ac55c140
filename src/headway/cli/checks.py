"""What ``headway doctor`` looks at."""

import json
import os
import platform
import re
import stat
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple

from headway.cli.serve import default_data
from headway.cli.server import Place
from headway.cli.times import now
from headway.core.errors import HeadwayError
from headway.sdk import answers, requests
from headway.sdk.connection import Connection
from headway.sdk.discovery import Server
from headway.sdk.environment import environment
from headway.sdk.message import Response
from headway.sdk.model import Cluster
from headway.sdk.problems import check as checked
from headway.views.clean import clean
from headway.views.words import count, duration, size

OK: Final = "ok"
WARNING: Final = "warning"
BAD: Final = "bad"

#: File systems on which SQLite's locks or fsync cannot be relied on.
NETWORK_FILE_SYSTEMS: Final = re.compile(
    r"nfs4?|cifs|smb3?|smbfs|lustre|gpfs|ceph|afs|beegfs|glusterfs|9p|panfs|pvfs2|orangefs"
    r"|fuse\.(sshfs|glusterfs|ceph.*|s3fs|rclone|gpfs|lustre)"
)
_CLOCK_S: Final = 5.0
_LITTLE_BYTES: Final = 1 << 30
_TOO_LITTLE_BYTES: Final = 64 << 20
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class Check(NamedTuple):
    """What was looked at, how it is (``ok``, ``warning`` or ``bad``), what to know of it, and how long it took, if that counts."""

    name: str
    status: str
    detail: str
    took_s: float | None = None


def all_checks(place: Place) -> Iterator[Check]:
    """Look at everything that can be looked at from here."""
    yield _program()
    try:
        found = place.find()
    except HeadwayError as error:
        yield Check("server", BAD, str(error))
        yield from data_checks(default_data(environment()))
        return
    with place.connection() as connection:
        yield from _server_checks(connection, found)
    data = _announced_data(found)
    if data is not None:
        yield from data_checks(data)


def _program() -> Check:
    extras = [name for name in ("tqdm", "httpx") if find_spec(name) is not None]
    also = f", with {' and '.join(extras)}" if extras else ""
    words = f"headway {version('headway')}, Python {platform.python_version()}{also}"
    return Check("program", OK, words)


def _server_checks(connection: Connection, found: Server) -> Iterator[Check]:
    try:
        before = now()
        response = checked(connection.send(requests.health()))
        health = answers.health(response)
    except HeadwayError as error:
        yield Check("server", BAD, f"{error} (told by {found.told_by})")
        return
    yield Check("server", OK, f"{found.url}, told by {found.told_by}")
    yield version_check(version("headway"), health.version)
    # What is wrong with clusters is said of each of them further on, where they can be asked for.
    of_clusters = {name for name in health.troubles if name.startswith("cluster ")}
    for name in sorted(health.troubles.keys() - of_clusters):
        yield Check(clean(name), WARNING, clean(health.troubles[name]))
    yield clock_check(response, asked=before, answered=now())
    try:
        identity = answers.identity(connection.send(requests.whoami()))
    except HeadwayError as error:
        yield Check("identity", BAD, str(error))
        return
    scopes = ", ".join(identity.scopes)
    yield Check("identity", OK, f"{clean(identity.name) or 'nobody'} ({scopes}), by {identity.via}")
    try:
        yield from cluster_checks(answers.clusters(connection.send(requests.clusters())))
    except HeadwayError as error:
        yield Check("clusters", WARNING, f"they cannot be asked for: {error}")
        for name in sorted(of_clusters):
            yield Check(clean(name), BAD, clean(health.troubles[name]))


def version_check(ours: str, theirs: str) -> Check:
    """Compare versions."""
    if ours == theirs:
        return Check("versions", OK, f"this and the server are both {ours}")
    return Check("versions", WARNING, f"this is {ours}, the server {clean(theirs) or 'unknown'}")


def clock_check(response: Response, *, asked: datetime, answered: datetime) -> Check:
    """Compare the server's clock with this machine's, by the answer's Date."""
    try:
        theirs = parsedate_to_datetime(response.headers["date"]).astimezone(UTC)
    except (KeyError, ValueError):
        return Check("clock", WARNING, "the server did not tell its time")
    # Date has whole seconds, cut off.
    behind_s = max(0.0, (asked - theirs).total_seconds() - 1)
    ahead_s = max(0.0, (theirs - answered).total_seconds())
    off_s = max(behind_s, ahead_s)
    if off_s <= _CLOCK_S:
        return Check("clock", OK, "it agrees with the server's")
    word = "behind" if behind_s else "ahead of"
    return Check("clock", WARNING, f"the server's is {duration(off_s)} {word} this machine's")


def cluster_checks(clusters: Sequence[Cluster]) -> Iterator[Check]:
    """Say how each of the server's clusters is, and how many more jobs it would take."""
    for one in clusters:
        kind = "" if one.kind in {"", one.name} else f"{clean(one.kind)}, "
        going = f"{one.queued:,} queued, {one.running:,} running"
        room = "" if one.room is None else f", would take {count(one.room, 'more job')} now"
        trouble = f"{clean(one.detail)}; " if one.health != OK and one.detail else ""
        status = OK if one.health == OK else BAD
        yield Check(f"cluster {clean(one.name)}", status, f"{trouble}{kind}{going}{room}")
    if not clusters:
        yield Check("clusters", WARNING, "the server has none: it takes reports only")


def data_checks(data: Path) -> Iterator[Check]:
    """Look at the directory where jobs are kept."""
    try:
        found = data.stat()
    except FileNotFoundError:
        yield Check("data", OK, f"{data} is not there yet; the server makes it")
        return
    except OSError as error:
        yield Check("data", BAD, f"{data}: {(error.strerror or '').lower()}")
        return
    if found.st_uid != os.geteuid():
        yield Check("data", BAD, f"{data} belongs to user {found.st_uid}, not to you")
    elif found.st_mode & _OTHERS:
        yield Check("data", BAD, f"{data} is open to other users; run: chmod 700 {data}")
    else:
        yield Check("data", OK, f"{data}, yours alone")
    yield file_system_check(data, Path("/proc/self/mountinfo").read_text(encoding="utf-8"))
    yield _space_check(data)


def file_system_check(data: Path, mountinfo: str) -> Check:
    """Tell what kind of file system a directory is on.

    Source: proc_pid_mountinfo(5).
    """
    where = data.resolve()
    best, kind = -1, "unknown"
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        point = Path(_unescaped(before.split()[4]))
        if where.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), after.split()[0]
    if NETWORK_FILE_SYSTEMS.fullmatch(kind):
        return Check(
            "file system",
            BAD,
            f"{kind} is a network file system, on which nothing can be kept safely;"
            " choose a local directory with --data",
        )
    return Check("file system", OK, f"{kind}, local")


def _space_check(data: Path) -> Check:
    usage = os.statvfs(data)
    free = usage.f_bavail * usage.f_frsize
    status = OK if free >= _LITTLE_BYTES else WARNING if free >= _TOO_LITTLE_BYTES else BAD
    return Check("space", status, f"{size(free)} free")


def _announced_data(found: Server) -> Path | None:
    """Give the directory of a server that has told of itself in a file."""
    if not found.told_by.startswith("/"):
        return None
    try:
        return Path(str(json.loads(Path(found.told_by).read_text(encoding="utf-8"))["data"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _unescaped(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)
