"""Which server a user means, and the token for it.

A server is never found by trying a port: on a machine with many users it may be somebody else's. It is what the caller
says, what the environment says, or what the user's own server has written into a file that nobody else can touch.

Paths are plain text here: importing pathlib would be a tenth of what a short command takes.
"""

import json
import os
import stat
from collections.abc import Mapping
from typing import Final, NamedTuple

from headway.core.errors import Forbidden, InvalidRequest, ServerUnreachable

URL: Final = "HEADWAY_URL"
TOKEN: Final = "HEADWAY_TOKEN"  # noqa: S105 -- a variable's name
TOKEN_FILE: Final = "HEADWAY_TOKEN_FILE"  # noqa: S105
_LONGEST_BYTES: Final = 64 * 1024
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class Server(NamedTuple):
    """A server to speak to.

    Attributes:
        told_by: where the URL comes from, for people.
        spool: a directory for what it cannot be told while it is away; only the user's own server is known to read one.
    """

    url: str
    token: str | None
    told_by: str
    spool: str | None = None


def find_server(
    *,
    url: str | None = None,
    token_file: str | None = None,
    environment: Mapping[str, str],
) -> Server:
    """Find the server that the caller means: ``url``, else HEADWAY_URL, else the user's own server.

    Raises:
        ServerUnreachable: nothing says where a server is, or the one that the file tells of has ended.
        Forbidden: the file is not the user's own, or others can read it.
    """
    token = _token(token_file, environment)
    if url:
        return Server(url, token, "--url")
    if environment.get(URL):
        return Server(environment[URL], token, URL)
    for path in server_files(environment):
        text = _own_file(path)
        if text is not None:
            url, spool = _told(path, text)
            return Server(url, token, path, spool)
    raise ServerUnreachable(
        "no server is known: start one with `headway serve`, or tell where it is with --url or HEADWAY_URL"
    )


def server_files(environment: Mapping[str, str]) -> tuple[str, ...]:
    """List where a user's own server may have written where it is, the likeliest first."""
    runtime = environment.get("XDG_RUNTIME_DIR")
    home = environment.get("HOME") or os.path.expanduser("~")  # noqa: PTH111
    state = environment.get("XDG_STATE_HOME") or f"{home}/.local/state"
    return tuple(f"{place}/headway/server.json" for place in (runtime, state) if place)


def _token(token_file: str | None, environment: Mapping[str, str]) -> str | None:
    if environment.get(TOKEN) and token_file is None:
        return environment[TOKEN].strip()
    named = token_file or environment.get(TOKEN_FILE)
    if not named:
        return None
    text = _own_file(named)
    if text is None:
        raise InvalidRequest(f"there is no token file {named}", field="token_file")
    return text.strip()


def _own_file(path: str) -> str | None:
    """Read a file of the user's own that nobody else can read or write; None when there is none."""
    try:
        opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Forbidden(f"{path} cannot be read: {error.strerror}") from error
    try:
        found = os.fstat(opened)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
            raise Forbidden(f"{path} is not a file of your own; it is not used. Remove it")
        if found.st_mode & _OTHERS:
            raise Forbidden(f"{path} is open to other users; it is not used. Run: chmod 600 {path}")
        return os.read(opened, _LONGEST_BYTES).decode("utf-8", "replace")
    finally:
        os.close(opened)


def _told(path: str, text: str) -> tuple[str, str | None]:
    """Give where the user's own server is, and where its spool is."""
    try:
        told = json.loads(text)
        url, pid, data = str(told["url"]), int(told["pid"]), told.get("data")
    except (ValueError, TypeError, KeyError, AttributeError):
        raise ServerUnreachable(
            f"{path} does not say where a server is; start the server again"
        ) from None
    # Its port may be another user's by now.
    if not _is_ours(pid):
        raise ServerUnreachable(
            f"your server (process {pid}, {url}) has ended; start it again with `headway serve`"
        )
    return url, f"{data}/spool" if isinstance(data, str) else None


def _is_ours(pid: int) -> bool:
    try:
        return os.stat(f"/proc/{pid}").st_uid == os.geteuid()  # noqa: PTH116
    except OSError:
        return False
