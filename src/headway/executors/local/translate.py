"""Between the core's words and the helpers': launches out, observations back. Pure."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from headway.core.errors import InvalidRequest
from headway.core.model.job import Usage
from headway.core.model.names import NativeId, Tag
from headway.core.model.spec import Spec
from headway.core.model.state import Reason, State
from headway.core.ports.executor import Launch, Observation
from headway.executors.local import logs, wire
from headway.executors.local.record import TAG_BYTES, Cause, End, Phase, Record, ended_by_us

_HEEDED: Final = frozenset({"attributes.duration", "attributes.total_duration"})
_LARGEST_ARGUMENTS_BYTES: Final = 6 << 20  #: Linux takes no more in any case, execve(2)
_TAG: Final = re.compile(r"[0-9A-Za-z_-]{2,100}\.[0-9]{1,9}")


def to_wire(launch: Launch, *, data: Path) -> wire.Launch:
    """Give a launch in the kernel's terms.

    Raises:
        InvalidRequest: it can never run; the message says why.
    """
    spec = launch.spec
    if not _TAG.fullmatch(launch.tag) or len(launch.tag) > TAG_BYTES:
        raise InvalidRequest(f"the tag {launch.tag!r} is no job id and attempt")
    if spec.submits is not None:
        raise InvalidRequest(
            "submits: this machine has no scheduler that the command could give a job to; name a cluster",
            field="submits",
        )
    if not spec.command or not spec.command[0]:
        raise InvalidRequest("there is no command; give at least the executable", field="command")
    argv = [_encoded(word, "command") for word in spec.command]
    environment = _pairs({**spec.environment, **launch.environment})
    if sum(map(len, argv)) + sum(map(len, environment)) > _LARGEST_ARGUMENTS_BYTES:
        raise InvalidRequest(
            "arguments and environment together are longer than 6 MiB; put long values into a file",
            field="command",
        )
    return wire.Launch(
        tag=launch.tag.encode(),
        argv=argv,
        environment=environment,
        inherit=spec.inherit_environment,
        directory=_path(spec.directory, "directory"),
        stdin_path=_path(spec.stdin_path, "stdin_path"),
        place=b"%s/%s" % (bytes(data), logs.place_of(launch.tag).encode()),
        limit_s=_limit_s(spec.attributes.duration),
    )


def unheeded(spec: Spec) -> list[str]:
    """Name what a spec asks for and nothing here does: all but the durations."""
    resources = msgspec.structs.asdict(spec.resources)
    attributes = msgspec.structs.asdict(spec.attributes)
    asked = [f"resources.{name}" for name, value in resources.items() if value not in {None, False}]
    asked += [f"attributes.{name}" for name, value in attributes.items() if value]
    if spec.array is not None and spec.array.at_once is not None:
        asked.append("array.at_once")
    return [name for name in asked if name not in _HEEDED]


def environment_pairs(environment: Mapping[str, str]) -> list[bytes]:
    """Give an environment that a process had as ``NAME=value``."""
    return [_encoded(f"{name}={value}", "environment") for name, value in environment.items()]


def tag_of_record(record: Record) -> Tag:
    """Give the tag of a record."""
    return Tag(record.tag.decode())


def observation(record: Record, *, host: str) -> Observation | None:
    """Say what a record means; None while there is nothing to say."""
    if record.phase < Phase.RUNNING:
        return None
    if record.phase is Phase.GONE:
        return _last_word(record, host)
    started = _time(record.started or record.reserved)
    return Observation(
        tag=tag_of_record(record),
        state=State.RUNNING,
        reason=Reason.COMPLETING if record.phase is Phase.ENDED else None,
        native_id=_native_id(record),
        native_state=record.phase.name.lower(),
        host=host,
        started=started,
        at=_time(record.ended) if record.phase is Phase.ENDED else started,
    )


def _last_word(record: Record, host: str) -> Observation:
    state, reason, message = _verdict(record)
    return Observation(
        tag=tag_of_record(record),
        state=state,
        reason=reason,
        native_id=_native_id(record),
        native_state=record.end.name.lower(),
        host=host,
        exit_code=record.value if record.end is End.EXITED else None,
        signal=record.value if record.end is End.SIGNALLED else None,
        usage=_usage(record),
        started=_time(record.started) if record.started else None,
        at=_time(record.ended),
        message=message,
    )


def _verdict(record: Record) -> tuple[State, Reason | None, str]:
    if ended_by_us(record):
        if record.cause is Cause.LIMIT:
            message = f"its wall-time limit of {record.limit_s:g} s passed, and it was ended"
            return State.FAILED, Reason.TIMEOUT, message
        return State.CANCELLED, Reason.BY_USER, ""
    if record.end in _WITHOUT_STATUS:
        reason, message = _WITHOUT_STATUS[record.end]
        return State.FAILED, reason, message
    if record.end is End.SIGNALLED:
        return State.FAILED, Reason.SIGNAL, f"ended by signal {record.value}"
    if record.value:
        return State.FAILED, Reason.NONZERO_EXIT, f"exit code {record.value}"
    return State.SUCCEEDED, None, ""


_LOST: Final = (
    "its exit status is not known: the machine was restarted, or both processes that watched over it were killed"
    " while it ran; look at its output before running it again"
)
_NOT_STARTED: Final = "its program could not be started; the process that was to start it was killed before it could say why"
_WITHOUT_STATUS: Final = {
    End.UNKNOWN: (Reason.LOST, _LOST),
    End.NOT_STARTED: (Reason.NOT_STARTED, _NOT_STARTED),
}


def _usage(record: Record) -> Usage | None:
    if record.end in _WITHOUT_STATUS:
        return None
    return Usage(
        cpu_s=round(record.cpu_s, 6),
        max_memory_bytes=record.max_memory_bytes or None,
        wall_s=round(record.wall_s, 6),
    )


def _native_id(record: Record) -> NativeId | None:
    return NativeId(str(record.pid)) if record.pid else None


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _encoded(text: str, field: str) -> bytes:
    try:
        raw = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise InvalidRequest(
            f"{field}: {text!r} holds half a surrogate pair, which is no text", field=field
        ) from None
    if b"\0" in raw:
        raise InvalidRequest(
            f"{field}: {text!r} holds a NUL character, which no program can be given", field=field
        )
    return raw


def _pairs(environment: Mapping[str, str]) -> list[bytes]:
    for name in environment:
        if not name or "=" in name:
            raise InvalidRequest(
                f"environment: {name!r} cannot name a variable: it is empty or holds '='",
                field="environment",
            )
    return environment_pairs(environment)


def _path(path: str | None, field: str) -> bytes:
    if path is None:
        return b""
    if not path.startswith("/"):
        raise InvalidRequest(f"{field}: {path!r} must begin with '/'", field=field)
    return _encoded(path, field)


def _limit_s(duration: float | None) -> float:
    if duration is None:
        return 0.0
    if not (math.isfinite(duration) and duration > 0):
        raise InvalidRequest(
            f"attributes.duration must be a number of seconds above 0, not {duration}",
            field="attributes",
        )
    return duration
