"""Types and values in the words of an error message."""

import types
import typing
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, TypeAlias, get_args, get_origin

import msgspec
from msgspec import Meta

TypeForm: TypeAlias = Any  #: a type expression; Python has no type for these before 3.15
SHOWN: Final = 60  #: characters of a value that a message repeats

_NAMES: Final[Mapping[type, str]] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    bytes: "text in base64",
    datetime: "a time with its zone, such as 2026-01-31T12:00:00Z,",
    list: "a list",
    tuple: "a list",
    dict: "an object",
    msgspec.Struct: "an object",
}
_UNITS: Final[Mapping[type, str]] = {
    str: "characters",
    bytes: "bytes",
    list: "items",
    tuple: "items",
    dict: "keys",
}


def bare(kind: TypeForm) -> TypeForm:
    """Give a type without its limits."""
    return get_args(kind)[0] if _is_annotated(kind) else kind


def _is_annotated(kind: TypeForm) -> bool:
    origin: TypeForm = get_origin(kind)
    return origin is Annotated


def origin_of(kind: TypeForm) -> TypeForm:
    """Give a type without its limits and arguments: ``list`` for a list of at most three numbers."""
    plain = bare(kind)
    origin: TypeForm = get_origin(plain)
    return plain if origin is None else origin


def is_union(kind: TypeForm) -> bool:
    """Tell whether a type is one of several."""
    return origin_of(kind) in {types.UnionType, typing.Union}


def accepts(kind: TypeForm, wanted: type) -> bool:
    """Tell whether a type, or one member of a union, is exactly ``wanted``."""
    return any(origin_of(member) is wanted for member in _members(kind))


def shown(value: object) -> str:
    """Give a value as an error message shows it: short, and as the caller wrote it."""
    if isinstance(value, Mapping):
        return f"an object of {len(value)} keys"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    text = msgspec.json.encode(value).decode()
    if len(text) <= SHOWN:
        return text
    length = len(value) if isinstance(value, str) else len(text)
    return f"{text[:SHOWN]}… ({length} characters)"


def phrase(kind: TypeForm) -> str:
    """Say in words what a type takes, such as ``a whole number from 1 to 10``."""
    words = dict.fromkeys(_phrase_of_one(member) for member in _members(kind))
    return " or ".join(words)


def _members(kind: TypeForm) -> list[TypeForm]:
    plain = bare(kind)
    if not is_union(plain):
        return [] if plain is types.NoneType else [kind]
    return [deeper for member in get_args(plain) for deeper in _members(member)]


def _phrase_of_one(kind: TypeForm) -> str:
    origin = origin_of(kind)
    if origin is Literal:
        return f"one of {', '.join(map(str, get_args(bare(kind))))}"
    if issubclass(origin, StrEnum):
        return f"one of {', '.join(origin)}"
    base = next(base for base in _NAMES if issubclass(origin, base))
    metas = get_args(kind)[1:] if _is_annotated(kind) else ()
    return _NAMES[base] + "".join(_limits(meta, base) for meta in metas if isinstance(meta, Meta))


def _limits(meta: Meta, base: type) -> str:
    if base in _UNITS:
        return _between(meta.min_length, meta.max_length, f" {_UNITS[base]}", "of")
    if meta.gt is not None:
        return f" above {meta.gt:g}" + ("" if meta.le is None else f" and at most {meta.le:.16g}")
    return _between(meta.ge, meta.le, "", "from")


def _between(low: float | None, high: float | None, unit: str, one: str) -> str:
    if low is not None and high is not None:
        return f" {one} {_number(low)} to {_number(high)}{unit}"
    if high is not None:
        return f" of at most {_number(high)}{unit}"
    return "" if low is None else f" of at least {_number(low)}{unit}"


def _number(value: float) -> str:
    return repr(value).removesuffix(".0")
