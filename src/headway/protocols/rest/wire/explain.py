"""Why a value does not fit a type: which field, what is there, what would be right.

Decoding straight into Structs is quick and its own messages are terse. Only when it has failed is the value walked
here, along the same types, to the first place that does not fit.
"""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeGuard, get_args

import msgspec

from headway.core.errors import InvalidRequest
from headway.protocols.rest.wire.phrase import (
    SHOWN,
    TypeForm,
    bare,
    is_union,
    origin_of,
    phrase,
    shown,
)

#: Words of PSI/J and IRI that cannot be used here, and what to do instead.
ELSEWHERE: Final = {
    "stdout_path": "both outputs are kept and served at /jobs/{id}/log/stdout",
    "stderr_path": "both outputs are kept and served at /jobs/{id}/log/stderr",
    "pre_launch": "put it into a script and run that",
    "post_launch": "put it into a script and run that",
    "launcher": "name the launcher in the command, such as mpirun",
}


def explain(value: object, kind: TypeForm, *, strict: bool = True) -> InvalidRequest | None:
    """Find the first place where a decoded value does not fit a type; None when it fits.

    ``strict=False`` takes text for numbers, times and truth, as queries need it.
    """
    try:
        _check(value, kind, "", strict=strict)
    except InvalidRequest as error:
        return error
    return None


def _check(value: object, kind: TypeForm, path: str, *, strict: bool) -> None:
    container = _container_for(value, kind)
    origin = origin_of(container)
    if isinstance(value, Mapping) and _is_struct(origin):
        _check_struct(value, origin, path, strict=strict)
    elif isinstance(value, Mapping) and origin is dict:
        _check_keys_and_values(value, container, path, strict=strict)
    elif isinstance(value, list) and origin in {list, tuple}:
        _check_items(value, container, path, strict=strict)
    try:
        msgspec.convert(value, kind, strict=strict)
    except msgspec.ValidationError:
        raise _wrong(value, kind, path) from None


def _container_for(value: object, kind: TypeForm) -> TypeForm:
    """Pick the member of a union that an object or list is meant for; the type without its limits."""
    plain = bare(kind)
    if not is_union(plain):
        return plain
    wanted = (dict, msgspec.Struct) if isinstance(value, Mapping) else (list, tuple)
    for member in map(bare, get_args(plain)):
        origin = origin_of(member)
        if isinstance(origin, type) and issubclass(origin, wanted):
            return member
    return None


def _is_struct(origin: object) -> TypeGuard[type[msgspec.Struct]]:
    return isinstance(origin, type) and issubclass(origin, msgspec.Struct)


def _check_struct(
    value: Mapping[str, object], kind: type[msgspec.Struct], path: str, *, strict: bool
) -> None:
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for key in value:
        if key not in fields:
            raise _unknown(key, fields, path)
    for name, field in fields.items():
        where = _below(path, name)
        if name in value:
            _check(value[name], field.type, where, strict=strict)
        elif field.required:
            raise InvalidRequest(f"{where} is missing: {phrase(field.type)}", field=where)


def _check_keys_and_values(
    value: Mapping[str, object],
    kind: TypeForm,
    path: str,
    *,
    strict: bool,
) -> None:
    of_keys, of_values = get_args(kind) or (Any, Any)
    for key, item in value.items():
        try:
            msgspec.convert(key, of_keys)
        except msgspec.ValidationError:
            where = path or "the body"
            raise InvalidRequest(
                f"{where} has the key {shown(key)}; a key must be {phrase(of_keys)}",
                field=path or "body",
            ) from None
        _check(item, of_values, _below(path, key), strict=strict)


def _check_items(value: list[object], kind: TypeForm, path: str, *, strict: bool) -> None:
    args = get_args(kind) or (Any,)
    for no, item in enumerate(value):
        of_item = args[min(no, len(args) - 1)]
        _check(item, of_item, f"{path}[{no}]", strict=strict)


def _below(path: str, name: str) -> str:
    short = name if len(name) <= SHOWN else f"{name[:SHOWN]}…"
    plain = short if short.strip() and short.isprintable() else shown(short)
    return f"{path}.{plain}" if path else plain


def _unknown(key: str, known: Iterable[str], path: str) -> InvalidRequest:
    where = _below(path, key)
    near = difflib.get_close_matches(key, known, n=1)
    if key in ELSEWHERE:
        hint = ELSEWHERE[key]
    elif near:
        hint = f"did you mean {_below(path, near[0])}?"
    else:
        hint = f"known are {', '.join(sorted(known))}"
    return InvalidRequest(f"{where} is not known here; {hint}", field=where)


def _wrong(value: object, kind: TypeForm, path: str) -> InvalidRequest:
    where = path or "the body"
    return InvalidRequest(
        f"{where} must be {phrase(kind)}, not {shown(value)}", field=path or "body"
    )


def refuse_nul(value: object, path: str = "") -> None:
    """Check that no text in a decoded value has a NUL character: neither argv nor a database can keep one.

    Raises:
        InvalidRequest: one has.
    """
    if isinstance(value, str) and "\0" in value:
        where = path or "the body"
        raise InvalidRequest(
            f"{where} has a NUL character (\\u0000) in it; leave it out", field=path or "body"
        )
    if isinstance(value, list):
        for no, item in enumerate(value):
            refuse_nul(item, f"{path}[{no}]")
    if isinstance(value, Mapping):
        for key, item in value.items():
            refuse_nul(key, path)
            refuse_nul(item, _below(path, key))
