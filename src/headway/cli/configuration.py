"""A server's configuration file: TOML with the options of ``headway serve`` and what has no option.

Source: docs/reference/settings.md, which shows every key.
"""

import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

from headway.app.options import ClusterOptions, MacKey
from headway.cli.times import read_span_s
from headway.core.errors import InvalidRequest

Span: TypeAlias = float | str
_MOST_BYTES: Final = 1_000_000
#: Keys of [server] that are paths: relative ones are below the file's own directory.
_PATHS: Final = frozenset({"data", "cert", "key", "sandbox_root"})


class _Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file; a key that is not there is UNSET."""


class ServerTable(_Table, frozen=True, kw_only=True):
    """What ``headway serve`` has options for."""

    host: str | UnsetType = UNSET
    port: int | UnsetType = UNSET
    data: str | UnsetType = UNSET
    cert: str | UnsetType = UNSET
    key: str | UnsetType = UNSET
    allow_hosts: list[str] | UnsetType = UNSET
    behind_proxy: bool | UnsetType = UNSET
    announce: bool | UnsetType = UNSET
    log_level: str | UnsetType = UNSET
    open_progress: list[str] | UnsetType = UNSET
    open_jobs_per_hour: int | UnsetType = UNSET
    open_workers_per_job: int | UnsetType = UNSET
    open_rows: int | UnsetType = UNSET
    adopt: bool | UnsetType = UNSET
    detect: bool | UnsetType = UNSET
    default_cluster: str | UnsetType = UNSET
    jobs_at_once: int | UnsetType = UNSET
    grace: Span | UnsetType = UNSET
    settle: Span | UnsetType = UNSET
    stalled_after: Span | UnsetType = UNSET
    keep_detail: Span | UnsetType = UNSET
    keep_events: Span | UnsetType = UNSET
    keep_jobs: Span | UnsetType = UNSET


class SandboxTable(_Table, frozen=True, kw_only=True):
    """Where jobs have their sandboxes, and what becomes of those of requests that do not say."""

    root: str | UnsetType = UNSET
    stage_roots: list[str] | UnsetType = UNSET
    delete: Literal["always", "on_success", "never"] | UnsetType = UNSET
    keep: Span | UnsetType = UNSET


class JoblauncherTable(_Table, frozen=True, kw_only=True):
    """How requests of the joblauncher protocol become jobs."""

    strict: bool | UnsetType = UNSET
    cluster: str | UnsetType = UNSET
    queue: str | UnsetType = UNSET
    run_limit: Span | UnsetType = UNSET
    total_limit: Span | UnsetType = UNSET


class MoiTable(_Table, frozen=True, kw_only=True):
    """Where moi's keys and channels are, and whose."""

    redis: str | UnsetType = UNSET
    user: str | UnsetType = UNSET


class CallbacksTable(_Table, frozen=True, kw_only=True):
    """Where callbacks may go, and what they are signed with."""

    networks: list[str] | UnsetType = UNSET
    retry: Span | UnsetType = UNSET
    give_up: Span | UnsetType = UNSET
    mac: list[MacKey] = msgspec.field(default_factory=list)


class Tables(_Table, frozen=True, kw_only=True):
    """The whole file."""

    server: ServerTable = ServerTable()
    sandbox: SandboxTable = SandboxTable()
    joblauncher: JoblauncherTable = JoblauncherTable()
    moi: MoiTable = MoiTable()
    callbacks: CallbacksTable = CallbacksTable()
    cluster: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict)


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """What a file says.

    Attributes:
        defaults: by the names of ``headway serve``'s parameters; an option that is given wins over them.
        path: the file.
        macs: what callbacks are signed with.
        clusters: where jobs can run beside this machine.
        protocols: what single protocols are told, by their names.
    """

    defaults: Mapping[str, object] = msgspec.field(default_factory=dict)
    path: Path | None = None
    macs: tuple[MacKey, ...] = ()
    clusters: Mapping[str, ClusterOptions] = msgspec.field(default_factory=dict)
    protocols: Mapping[str, Mapping[str, object]] = msgspec.field(default_factory=dict)


def read_configuration(path: Path) -> Configuration:
    """Read a file.

    Raises:
        InvalidRequest: it cannot be read, is not TOML, or has a key that is not known or a value of another kind.
    """
    try:
        tables = tomllib.loads(read_small(path))
    except tomllib.TOMLDecodeError as error:
        raise InvalidRequest(f"{path} is not TOML: {error}", field="config") from None
    return configuration_of(tables, path)


def read_small(path: Path) -> str:
    """Read a text file that somebody wrote by hand.

    Raises:
        InvalidRequest: it cannot be read, is no UTF-8 or is far too large.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(_MOST_BYTES + 1)
        if len(raw) > _MOST_BYTES:
            raise InvalidRequest(f"{path} has more than {_MOST_BYTES} bytes", field="config")
        return raw.decode("utf-8")
    except OSError as error:
        raise InvalidRequest(f"{path} cannot be read: {error.strerror}", field="config") from None
    except UnicodeDecodeError:
        raise InvalidRequest(f"{path} is not UTF-8", field="config") from None


def configuration_of(tables: object, path: Path) -> Configuration:
    """Give the meaning of a file's tables; ``path`` is the file's, for messages and for relative paths.

    Raises:
        InvalidRequest: a key that is not known, or a value of another kind.
    """
    try:
        read = msgspec.convert(tables, Tables)
    except msgspec.ValidationError as error:
        place, words = _parts(error)
        hint = _misplaced(tables)
        raise InvalidRequest(f"{path}, at {place}: {words}{hint}", field="config") from None
    given = _given(read.server) | {
        "sandbox_root": read.sandbox.root,
        "stage_roots": read.sandbox.stage_roots,
        "callback_networks": read.callbacks.networks,
        "callback_retry": read.callbacks.retry,
        "callback_give_up": read.callbacks.give_up,
    }
    return Configuration(
        defaults={
            name: _as_option(name, value, path.parent)
            for name, value in given.items()
            if value is not UNSET
        },
        path=path,
        macs=tuple(read.callbacks.mac),
        clusters={name: _cluster(name, table) for name, table in read.cluster.items()},
        protocols={"joblauncher": _joblauncher(read), "moi": _given(read.moi)},
    )


def _misplaced(tables: object) -> str:
    """Name the options that stand above all tables, where nothing is read; "" for none."""
    if not isinstance(tables, dict):
        return ""
    astray = [name for name in tables if name in ServerTable.__struct_fields__]
    return f"; put {', '.join(astray)} below a line [server]" if astray else ""


def exposed_keys(said: Configuration) -> str:
    """Say that others than its owner can read a file with keys; "" where they cannot, or there are none."""
    address = str(said.protocols.get("moi", {}).get("redis", ""))
    if said.path is None or not (said.macs or "@" in address):
        return ""
    mode = said.path.stat().st_mode
    if not mode & (stat.S_IRWXG | stat.S_IRWXO):
        return ""
    return f"{said.path} has keys in it and is open to others: chmod 600 {said.path}"


def _cluster(name: str, table: Mapping[str, object]) -> ClusterOptions:
    """Give a table ``[cluster.NAME]``; all of it but ``kind`` and ``adopt`` is for its executor, which checks it."""
    kind = table.get("kind")
    if not isinstance(kind, str):
        raise InvalidRequest(
            f"cluster.{name}: kind must say which scheduler it is: slurm, lsf, pbs or sge",
            field=f"cluster.{name}.kind",
        )
    adopt = table.get("adopt", True)
    if not isinstance(adopt, bool):
        raise InvalidRequest(
            f"cluster.{name}: adopt must be true or false", field=f"cluster.{name}.adopt"
        )
    settings = {key: value for key, value in table.items() if key not in {"kind", "adopt"}}
    return ClusterOptions(kind=kind, adopt=adopt, settings=settings)


def _joblauncher(read: Tables) -> Mapping[str, object]:
    told = _given(read.joblauncher) | {"delete": read.sandbox.delete}
    for name in ("run_limit", "total_limit"):
        limit = told.pop(name, UNSET)
        if not isinstance(limit, UnsetType):
            told[f"{name}_s"] = read_span_s(str(limit), field=f"joblauncher.{name}")
    keep = read.sandbox.keep
    if not isinstance(keep, UnsetType):
        told["keep_s"] = read_span_s(str(keep), field="sandbox.keep")
    return {name: value for name, value in told.items() if value is not UNSET}


def _given(table: msgspec.Struct) -> dict[str, object]:
    return {
        name: value for name, value in msgspec.structs.asdict(table).items() if value is not UNSET
    }


def _as_option(name: str, value: object, directory: Path) -> object:
    """Give a value as the option of that name takes it."""
    if name in _PATHS:
        return str(directory / Path(str(value)).expanduser())
    return str(value) if isinstance(value, float) else value


def _parts(error: msgspec.ValidationError) -> tuple[str, str]:
    """Give the place as people write it, ``server.port`` for ``$.server.port``, and what is wrong there."""
    words, _, place = str(error).partition(" - at `")
    return place.rstrip("`").removeprefix("$.") or "its top", words
