"""The configuration files of joblauncher and osmium (YAML) as tables of ours, and what in them has no meaning here.

Sources: joblauncher.yml-dist (``octopus:``) and osmium's joblauncher.yml-dist (``xenon:``); poll times are in milliseconds.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias
from urllib.parse import urlsplit

import msgspec

from headway.cli.configuration import read_small
from headway.core.errors import InvalidRequest

_ENGINES: Final = ("octopus", "xenon")
_OLD_CANCEL_TIMEOUT_MS: Final = 3_600_000
_MOST_LEAVES: Final = 1000
_DEEPEST: Final = 10
_MULTI_LIMIT: Final = "local.queue.multi.maxConcurrentJobs"
_LEVELS: Final = {
    "ALL": "debug",
    "TRACE": "debug",
    "DEBUG": "debug",
    "INFO": "info",
    "WARN": "warning",
    "ERROR": "error",
    "OFF": "error",
}
_LOCAL_PLACES: Final = frozenset({"", "/", "localhost"})
_LOCAL_SCHEMES: Final = frozenset({"", "local", "file"})

#: Why a key has no meaning here, by its beginning; the first that fits says it.
_WITHOUT_MEANING: Final = (
    ("poll.interval", "nothing is polled here: changes are told at once"),
    ("preferences", "it is a setting of the library that ran the jobs"),
    ("scheduler.properties", "it is a setting of the library that ran the jobs"),
    ("sandbox.properties", "it is a setting of the library that ran the jobs"),
    ("http.adminPort", "/ping, /healthcheck and /metrics are at the server's own port"),
    ("httpClient", "callbacks have limits of their own: 10 s in all, tried again for three days"),
    ("useInsecureSSL", "certificates are always checked"),
)

Table: TypeAlias = dict[str, object]


class Remark(NamedTuple):
    """A key that has no meaning here, and why. With ``is_grave``, jobs would run elsewhere than before."""

    key: str
    words: str
    is_grave: bool = False


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """A file of theirs as tables of ours."""

    tables: Mapping[str, Table]
    remarks: Sequence[Remark]


def read_joblauncher_file(path: Path) -> Imported:
    """Read a file of theirs.

    Raises:
        InvalidRequest: it cannot be read, is not YAML, or is no configuration of joblauncher or osmium.
    """
    try:
        document = msgspec.yaml.decode(read_small(path))
    except msgspec.DecodeError as error:
        raise InvalidRequest(f"{path} is not YAML: {error}", field="config") from None
    try:
        return imported(document)
    except InvalidRequest as error:
        raise InvalidRequest(f"{path} cannot be understood: {error}", field="config") from None


def imported(document: object) -> Imported:
    """Give the meaning of a decoded file.

    Raises:
        InvalidRequest: it is no such configuration, or a value cannot be used.
    """
    found = [name for name in _ENGINES if isinstance(document, Mapping) and name in document]
    if not isinstance(document, Mapping) or len(found) != 1:
        raise InvalidRequest("a configuration of joblauncher has octopus:, one of osmium xenon:")
    leaves = dict(islice(_leaves(document), _MOST_LEAVES + 1))
    if len(leaves) > _MOST_LEAVES:
        raise InvalidRequest(f"a configuration of joblauncher has fewer than {_MOST_LEAVES} keys")
    return _Conversion(found[0], leaves).done()


class _Conversion:
    """Takes the leaves of a file one by one; what nobody takes has no meaning here."""

    def __init__(self, engine: str, leaves: dict[str, object]) -> None:
        self._engine = engine
        self._leaves = leaves
        self._tables: dict[str, Table] = {}
        self._remarks: list[Remark] = []

    def done(self) -> Imported:
        self._scheduler()
        self._jobs_at_once()
        self._sandbox()
        self._limits()
        self._server()
        self._macs()
        self._remarks += [self._without_meaning(key) for key in self._leaves]
        return Imported(tables=self._tables, remarks=self._remarks)

    def _put(self, table: str, key: str, value: object) -> None:
        self._tables.setdefault(table, {})[key] = value

    def _take(self, key: str) -> object:
        return self._leaves.pop(key, None)

    def _of_engine(self, *keys: str) -> tuple[str, object]:
        """Take the first of these that is there; gives its whole name too, which is that of the last without any."""
        name = ""
        for key in keys:
            name = f"{self._engine}.{key}"
            if name in self._leaves:
                return name, self._leaves.pop(name)
        return name, None

    def _scheduler(self) -> None:
        key, address = self._of_engine("scheduler", "scheduler.scheme")
        place = _text(self._of_engine("scheduler.location")[1])
        scheme, _, rest = _text(address).partition("://")
        if scheme not in _LOCAL_SCHEMES or not {rest, place} <= _LOCAL_PLACES:
            shown = _text(address) + (f" at {place}" if place else "")
            words = f"{shown}: this Headway runs jobs on its own machine only"
            self._remarks.append(Remark(key, words, is_grave=True))

    def _jobs_at_once(self) -> None:
        key, queue = self._of_engine("queue", "scheduler.queue")
        limits = [name for name in self._leaves if name.endswith(_MULTI_LIMIT)]
        if queue == "single":
            self._put("server", "jobs_at_once", 1)
        elif queue in {None, "multi"} and limits:
            self._put("server", "jobs_at_once", _whole(limits[0], self._take(limits[0])))
        elif queue not in {None, "multi"}:
            words = f"{queue}: how many jobs run at once is [server] jobs_at_once"
            self._remarks.append(Remark(key, words))

    def _sandbox(self) -> None:
        _, place = self._of_engine("sandbox.location")
        key, root = self._of_engine("sandboxRoot", "sandbox.path")
        scheme_key, scheme = self._of_engine("sandbox.scheme")
        if root is None:
            return
        parts = urlsplit(_text(root))
        scheme = parts.scheme or _text(scheme)
        is_here = scheme in _LOCAL_SCHEMES and {parts.netloc, _text(place)} <= _LOCAL_PLACES
        if not is_here or not parts.path.startswith("/"):
            shown = key if parts.scheme or not scheme else scheme_key
            self._remarks.append(
                Remark(shown, f"{_text(root)}: sandboxes are in a directory of this machine")
            )
            return
        self._put("sandbox", "root", parts.path.rstrip("/") or "/")

    def _limits(self) -> None:
        key, timeout = self._of_engine("poll.cancelTimeout")
        limit_ms = _OLD_CANCEL_TIMEOUT_MS if timeout is None else _whole(key, timeout)
        self._put("joblauncher", "run_limit", limit_ms / 1000)
        key, timeout = self._of_engine("poll.deleteTimeout")
        if timeout is not None:
            self._put("server", "keep_jobs", _whole(key, timeout) / 1000)

    def _server(self) -> None:
        host, port = self._take("http.bindHost"), self._take("http.port")
        if host is not None:
            self._put("server", "host", _text(host))
        if port is not None:
            self._put("server", "port", _whole("http.port", port))
        if self._leaves.get("http.adminPort") in {port, None}:
            self._take("http.adminPort")
        if not self._leaves.get("useInsecureSSL"):
            self._take("useInsecureSSL")
        level = _LEVELS.get(_text(self._leaves.get("logging.level")).upper())
        if level is not None:
            self._take("logging.level")
            self._put("server", "log_level", level)

    def _macs(self) -> None:
        macs = self._take("macs")
        if macs is None:
            return
        if not isinstance(macs, list):
            raise InvalidRequest("macs must be a list")
        self._put("callbacks", "mac", [_mac(mac, place) for place, mac in enumerate(macs)])

    def _without_meaning(self, key: str) -> Remark:
        own = key.removeprefix(f"{self._engine}.")
        words = (words for start, words in _WITHOUT_MEANING if own.startswith(start))
        return Remark(key, next(words, "it has no meaning here"))


def _leaves(
    table: Mapping[object, object], above: str = "", depth: int = 1
) -> Iterator[tuple[str, object]]:
    """Give every value that is said, by its dotted key; what is empty says nothing.

    Raises:
        InvalidRequest: tables are too deep in each other; with YAML's anchors a table can even be in itself.
    """
    if depth > _DEEPEST:
        raise InvalidRequest(f"tables may be within each other {_DEEPEST} deep at most")
    for name, value in table.items():
        key = f"{above}{name}"
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{key}.", depth + 1)
        elif value is not None:
            yield key, value


def _mac(mac: object, place: int) -> Table:
    if not isinstance(mac, Mapping):
        raise InvalidRequest(f"macs[{place}] must have id, key and scope")
    for name in ("id", "key", "scope"):
        if not isinstance(mac.get(name), str):
            raise InvalidRequest(f"macs[{place}].{name} must be a text")
    return {name: _text(mac[name]) for name in ("id", "key", "scope", "algorithm") if mac.get(name)}


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _whole(key: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise InvalidRequest(f"{key} must be a whole number above 0, not {value!r}")
    return value
