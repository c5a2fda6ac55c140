"""The body of POST /job read into a value: each thing that cannot be used is refused with its field's name.

What the old service answered with a NullPointerException is taken for what was meant: a list that is left out, or null, is empty.
"""

import difflib
from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

import msgspec

from headway.core.errors import InvalidRequest, TooLarge
from headway.core.model.callback import check_url
from headway.lib.jsonvalue import JsonValue

NEEDED: Final = ("jobdir", "executable")  #: what every request must have

_KNOWN: Final = (
    *NEEDED,
    "arguments",
    "prestaged",
    "poststaged",
    "stdout",
    "stderr",
    "environment",
    "status_callback_url",
)
_LONGEST_PATH: Final = 4096
_MOST_FILES: Final = 10_000
_WORD_BYTES: Final = 131_071  # Linux takes no longer one (MAX_ARG_STRLEN with its NUL)
_WORDS_BYTES: Final = 1_000_000  # all arguments, and all of the environment
_SHOWN: Final = 60


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A request for a job. See the reference (docs/reference/joblauncher.md) for the fields."""

    jobdir: str
    executable: str
    arguments: tuple[str, ...] = ()
    prestaged: tuple[str, ...] = ()
    poststaged: tuple[str, ...] = ()
    stdout: str = "stdout.txt"
    stderr: str = "stderr.txt"
    environment: Mapping[str, str] = msgspec.field(default_factory=dict)
    status_callback_url: str | None = None


class _Arguments(msgspec.Struct, frozen=True, kw_only=True):
    """Arguments whose numbers are kept as they are spelled: 1.10 is not 1.1."""

    arguments: list[msgspec.Raw]


class _Environment(msgspec.Struct, frozen=True, kw_only=True):
    """Variables likewise. Each field is read when it is known to have its shape, whatever shape the other has."""

    environment: dict[str, msgspec.Raw]


_Spelled = TypeVar("_Spelled", _Arguments, _Environment)


def missing_in(body: Mapping[str, JsonValue]) -> str | None:
    """Name the first field that must be there and is not, or is null."""
    return next((name for name in NEEDED if body.get(name) is None), None)


def read_request(body: Mapping[str, JsonValue], raw: bytes) -> Request:
    """Read a request that has what it needs.

    Args:
        body: the object that was decoded.
        raw: what it was decoded from.

    Raises:
        InvalidRequest: a field that is not known, or a value that cannot be used.
        TooLarge: more files, or longer words, than any system takes.
    """
    for name in body:
        if name not in _KNOWN:
            raise _unknown(name)
    request = Request(
        jobdir=_jobdir(body),
        executable=_path(body, "executable", ""),
        arguments=_arguments(body, raw),
        prestaged=_paths(body, "prestaged"),
        poststaged=_paths(body, "poststaged"),
        stdout=_path(body, "stdout", "stdout.txt"),
        stderr=_path(body, "stderr", "stderr.txt"),
        environment=_environment(body, raw),
        status_callback_url=_url(body, "status_callback_url"),
    )
    _check_sizes((request.executable, *request.arguments), "arguments")
    _check_sizes([f"{name}={value}" for name, value in request.environment.items()], "environment")
    return request


def _unknown(name: str) -> InvalidRequest:
    close = difflib.get_close_matches(name[:_SHOWN], _KNOWN, n=1)
    hint = f"did you mean {close[0]}?" if close else f"known: {', '.join(_KNOWN)}"
    return InvalidRequest(f"there is no field {_shown(name)}; {hint}", field=name[:_SHOWN])


def _jobdir(body: Mapping[str, JsonValue]) -> str:
    path = _path(body, "jobdir", "")
    if not path.startswith("/"):
        raise InvalidRequest(f"jobdir must be an absolute path, not {_shown(path)}", field="jobdir")
    return path


def _path(body: Mapping[str, JsonValue], name: str, default: str) -> str:
    value = body.get(name)
    return default if value is None else _checked_path(value, name)


def _checked_path(value: JsonValue, field: str) -> str:
    path = _string(value, field)
    if not path:
        raise InvalidRequest(f"{field} must not be empty", field=field)
    if len(path) > _LONGEST_PATH:
        raise TooLarge(f"{field} may have at most {_LONGEST_PATH} characters", field=field)
    return path


def _paths(body: Mapping[str, JsonValue], name: str) -> tuple[str, ...]:
    given = _list(body, name)
    return tuple(_checked_path(value, f"{name}[{place}]") for place, value in enumerate(given))


def _arguments(body: Mapping[str, JsonValue], raw: bytes) -> tuple[str, ...]:
    given = _list(body, "arguments")
    words = [_word(value, f"arguments[{place}]") for place, value in enumerate(given)]
    if any(isinstance(value, float) for value in given):
        spelled = _literals(raw, _Arguments).arguments
        words = [
            bytes(literal).decode() if isinstance(value, float) else word
            for value, word, literal in zip(given, words, spelled, strict=True)
        ]
    return tuple(words)


def _environment(body: Mapping[str, JsonValue], raw: bytes) -> Mapping[str, str]:
    given = body.get("environment")
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise InvalidRequest(
            f"environment must be an object of names and texts, not {_kind(given)}",
            field="environment",
        )
    words: dict[str, str] = {}
    for name, value in given.items():
        _check_variable(name)
        words[name] = _word(value, f"environment.{name[:_SHOWN]}")
    if any(isinstance(value, float) for value in given.values()):
        spelled = _literals(raw, _Environment).environment
        words |= {
            name: bytes(spelled[name]).decode()
            for name, value in given.items()
            if isinstance(value, float)
        }
    return words


def _literals(raw: bytes, kind: type[_Spelled]) -> _Spelled:
    return msgspec.json.decode(raw.removeprefix(b"\xef\xbb\xbf"), type=kind)


def _check_variable(name: str) -> None:
    if not name or "=" in name or "\0" in name:
        raise InvalidRequest(
            f"environment: {_shown(name)} cannot be a variable's name", field="environment"
        )


def _list(body: Mapping[str, JsonValue], name: str) -> Sequence[JsonValue]:
    value = body.get(name)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise InvalidRequest(f"{name} must be a list, not {_kind(value)}", field=name)
    if len(value) > _MOST_FILES:
        raise TooLarge(f"{name} may have at most {_MOST_FILES} entries", field=name)
    return value


def _word(value: JsonValue, field: str) -> str:
    """Read a text; a number or a truth is taken as it is spelled, as the old service did."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return _string(value, field)


def _string(value: JsonValue, field: str) -> str:
    if not isinstance(value, str):
        raise InvalidRequest(f"{field} must be a string, not {_kind(value)}", field=field)
    if "\0" in value:
        raise InvalidRequest(f"{field} has a NUL character in it", field=field)
    return value


def _url(body: Mapping[str, JsonValue], name: str) -> str | None:
    value = body.get(name)
    if value is None:
        return None
    url = _string(value, name)
    check_url(url, field=name)
    return url


def _check_sizes(words: Sequence[str], field: str) -> None:
    sizes = [len(word.encode()) for word in words]
    if sum(sizes) + len(sizes) > _WORDS_BYTES:
        raise TooLarge(f"{field} must not be longer than {_WORDS_BYTES} bytes in all", field=field)
    if sizes and max(sizes) > _WORD_BYTES:
        raise TooLarge(
            f"{field}: one word must not be longer than {_WORD_BYTES} bytes", field=field
        )


def _kind(value: JsonValue) -> str:
    if isinstance(value, Mapping):
        return "an object"
    names = {bool: "true or false", str: "a string", list: "a list", type(None): "null"}
    return names.get(type(value), "a number")


def _shown(text: str) -> str:
    return repr(text) if len(text) <= _SHOWN else f"{text[:_SHOWN]!r}…"
