"""Reading what a client sends: bodies with limits, and JSON that means one thing only."""

import asyncio
import json
import math
import re
from collections.abc import Collection
from functools import partial
from typing import Final, NoReturn

import msgspec

from headway.core.errors import InvalidRequest, TooLarge, UnsupportedMediaType
from headway.lib.asgi import Headers, Receive, Scope, header
from headway.lib.jsonvalue import JsonValue
from headway.protocols.http.aside import aside

_BOM: Final = b"\xef\xbb\xbf"
#: A text, up to the body's end if nothing closes it: each byte is looked at once.
_TEXT: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_BRACKET: Final = re.compile(rb"[\[{\]}]")
_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")
_INT64: Final = range(-(2**63), 2**64)
_LONGEST_INT: Final = 20  # digits and a sign of the smallest and largest in _INT64


class BodyLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How much a body may be.

    Attributes:
        size_bytes: the whole body, as it comes.
        depth: arrays and objects within each other; 1 is an object of plain values.
        time_s: how long its sending may take.
    """

    size_bytes: int = 1024 * 1024
    depth: int = 32
    time_s: float = 30.0


LIMITS: Final = BodyLimits()


async def read_body(scope: Scope, receive: Receive, *, limits: BodyLimits = LIMITS) -> bytes:
    """Read a request's whole body.

    Raises:
        TooLarge: it is, or says that it will be, larger than the limit.
        InvalidRequest: it did not come in time, or its client went away.
    """
    declared = header(scope["headers"], b"content-length")
    if declared is not None and declared.isdigit() and int(declared[:20]) > limits.size_bytes:
        raise _too_large(limits)
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body", False):
        body: bytes = message.get("body", b"")
        if len(body) > limits.size_bytes:
            raise _too_large(limits)
        return body
    try:
        async with asyncio.timeout(limits.time_s):
            return await _gathered(message, receive, limits)
    except TimeoutError:
        raise InvalidRequest(
            f"the body did not come within {limits.time_s:g} s", field="body"
        ) from None


async def read_json(scope: Scope, receive: Receive, *, limits: BodyLimits = LIMITS) -> JsonValue:
    """Read a request's body as JSON.

    Raises:
        UnsupportedMediaType: it is not said to be JSON in UTF-8.
        TooLarge: more bytes or deeper than the limits.
        InvalidRequest: it is not JSON (see ``decode_json``).
    """
    require_json(scope["headers"])
    raw = await read_body(scope, receive, limits=limits)
    return await aside(raw, partial(decode_json, raw, limits=limits))


async def read_json_object(
    scope: Scope, receive: Receive, *, limits: BodyLimits = LIMITS
) -> dict[str, JsonValue]:
    """Read a request's body as a JSON object.

    Raises:
        UnsupportedMediaType: it is not said to be JSON in UTF-8.
        TooLarge: more bytes or deeper than the limits.
        InvalidRequest: it is not JSON (see ``decode_json``), or another kind of value.
    """
    value = await read_json(scope, receive, limits=limits)
    if not isinstance(value, dict):
        raise InvalidRequest(
            f"the body must be a JSON object, {{...}}, not {_kind(value)}", field="body"
        )
    return value


def require_json(headers: Headers) -> None:
    """Check that a request's body is said to be JSON.

    A form's content types are refused by this too: a page of somebody else's can send those without being asked.

    Raises:
        UnsupportedMediaType: no Content-Type, another one, another charset than UTF-8, or a Content-Encoding.
    """
    given = header(headers, b"content-type")
    if given != b"application/json":
        _check_media_type(given)
    encoding = header(headers, b"content-encoding")
    if encoding is not None and encoding.strip().lower() not in {b"", b"identity"}:
        shown = encoding.decode("latin-1")
        raise UnsupportedMediaType(
            f"send the body plain, without Content-Encoding: {shown}", field="Content-Encoding"
        )


def decode_json(raw: bytes, *, limits: BodyLimits = LIMITS) -> JsonValue:
    """Decode JSON that every reader understands alike.

    Raises:
        TooLarge: arrays and objects within each other deeper than the limit.
        InvalidRequest: not UTF-8, not JSON, a key twice in an object, NaN or an infinity, an integer beyond 64 bits, or half
            of a surrogate pair. ``field`` is the key that came twice, otherwise ``body``.
    """
    raw = raw.removeprefix(_BOM)
    _check_depth(raw, limits.depth)
    try:
        value: JsonValue = _DECODER.decode(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise InvalidRequest(
            f"the body must be UTF-8; byte {error.start} is not", field="body"
        ) from None
    except json.JSONDecodeError as error:
        raise _not_json(raw, error) from None
    if _SURROGATE.search(raw):
        _check_surrogates(value)
    return value


async def _gathered(first: object, receive: Receive, limits: BodyLimits) -> bytes:
    message = first
    body = bytearray()
    while True:
        if not isinstance(message, dict) or message["type"] == "http.disconnect":
            raise InvalidRequest("the client went away before the body was complete", field="body")
        body += message.get("body", b"")
        if len(body) > limits.size_bytes:
            raise _too_large(limits)
        if not message.get("more_body", False):
            return bytes(body)
        message = await receive()


def _too_large(limits: BodyLimits) -> TooLarge:
    return TooLarge(f"the body may have at most {limits.size_bytes} bytes", field="body")


def _check_media_type(given: bytes | None) -> None:
    if given is None:
        raise UnsupportedMediaType(
            "say what the body is: Content-Type: application/json", field="Content-Type"
        )
    shown = given.decode("latin-1")
    media_type, *parameters = [part.strip().lower() for part in shown.split(";")]
    if media_type != "application/json" and not (
        media_type.startswith("application/") and media_type.endswith("+json")
    ):
        raise UnsupportedMediaType(
            f"the body must be JSON; send Content-Type: application/json, not {shown}",
            field="Content-Type",
        )
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset" and value.strip(' "') not in {"utf-8", "utf8", "us-ascii"}:
            raise UnsupportedMediaType(
                f"the body must be in UTF-8, not in charset {value}", field="Content-Type"
            )


def _check_depth(raw: bytes, limit: int) -> None:
    """Check nesting before any decoder recurses into it. Most bodies have too few brackets to be too deep."""
    if raw.count(b"{") + raw.count(b"[") <= limit:
        return
    depth = 0
    for bracket in _BRACKET.findall(_TEXT.sub(b"", raw)):
        depth += 1 if bracket in b"[{" else -1
        if depth > limit:
            raise TooLarge(
                f"arrays and objects may be within each other {limit} deep at most", field="body"
            )


def _check_surrogates(value: JsonValue) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise InvalidRequest(
            r"the body has half of a surrogate pair (\ud800 to \udfff), which is no character",
            field="body",
        ) from None


def _not_json(raw: bytes, error: json.JSONDecodeError) -> InvalidRequest:
    if not raw.strip():
        return InvalidRequest("the body is empty; it must be JSON", field="body")
    where = f"line {error.lineno}, column {error.colno}"
    return InvalidRequest(f"the body is not JSON: {error.msg} at {where}", field="body")


def _kind(value: JsonValue) -> str:
    names = {bool: "true or false", str: "a string", list: "an array", type(None): "null"}
    return names.get(type(value), "a number")


def _object(pairs: Collection[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            raise InvalidRequest(f"the key {key!r} comes twice in one object", field=key)
        seen.add(key)
    return found


def _integer(word: str) -> int:
    if len(word) <= _LONGEST_INT and (number := int(word)) in _INT64:
        return number
    shown = word if len(word) <= _LONGEST_INT else f"{word[:_LONGEST_INT]}…"
    raise InvalidRequest(f"integers must fit in 64 bits; {shown} does not", field="body")


def _number(word: str) -> float:
    number = float(word)
    if not math.isfinite(number):
        raise InvalidRequest(f"the number {word[:40]} is too large", field="body")
    return number


def _constant(word: str) -> NoReturn:
    raise InvalidRequest(f"{word} is not JSON; numbers must be finite", field="body")


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_int=_integer,
    parse_float=_number,
    parse_constant=_constant,
)
