"""The file by which a user's own command line finds the user's own server."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from headway.app.options import ServeOptions

EVERYWHERE: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 -- compared, not bound


def announcement_path(environment: Mapping[str, str], home: Path) -> Path:
    """Give where the file is: below $XDG_RUNTIME_DIR when that is set, else below the state directory."""
    runtime = environment.get("XDG_RUNTIME_DIR")
    if runtime:
        return Path(runtime) / "headway" / "server.json"
    state = environment.get("XDG_STATE_HOME")
    return (Path(state) if state else home / ".local" / "state") / "headway" / "server.json"


def own_users_address(options: ServeOptions, url: str) -> str:
    """Give the address for the server's own user, whom it knows by a loopback connection; ``url`` is what it tells others.

    With a certificate it is that one, which the certificate is for; it takes a token where it is no loopback address.
    """
    if options.cert is None and options.host in EVERYWHERE:
        return f"http://127.0.0.1:{options.port}"
    return url


class Announcement(msgspec.Struct, frozen=True, kw_only=True):
    """Where a server is; ``started`` is RFC 3339 in UTC."""

    url: str
    pid: int
    data: str
    started: str


def announce(path: Path, words: Announcement) -> Announcement | None:
    """Write the file, mode 0600, in one step; gives what it said of another server that still runs.

    The new file is one that was not there before: what others may have put into the directory is not written to.
    """
    before = _read(path)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    fresh = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(words))
        fresh.rename(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    return before if before is not None and _runs(before) else None


def withdraw(path: Path, *, pid: int, before: Announcement | None = None) -> None:
    """Remove the file if it is still this server's; the server that it told of before is found again, if it still runs."""
    words = _read(path)
    if words is None or words.pid != pid:
        return
    if before is not None and _runs(before):
        announce(path, before)
    else:
        path.unlink(missing_ok=True)


def _read(path: Path) -> Announcement | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Announcement)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _runs(words: Announcement) -> bool:
    """Tell whether the process of an announcement is there and this user's."""
    try:
        return words.pid != os.getpid() and Path(f"/proc/{words.pid}").stat().st_uid == os.geteuid()
    except OSError:
        return False
