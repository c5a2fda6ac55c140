"""Bodies and queries: read quickly when they fit, explained carefully when they do not."""

import re
from datetime import datetime
from functools import partial
from typing import Final, Generic, TypeVar

import msgspec

from headway.core.errors import InvalidRequest
from headway.lib.asgi import Receive, Scope
from headway.protocols.http.aside import aside
from headway.protocols.http.body import (
    LIMITS,
    BodyLimits,
    decode_json,
    read_body,
    require_json,
)
from headway.protocols.http.query import Query
from headway.protocols.rest.wire.explain import explain, refuse_nul
from headway.protocols.rest.wire.phrase import TypeForm, accepts, origin_of

T = TypeVar("T")
S = TypeVar("S", bound=msgspec.Struct)

_KEY: Final = re.compile(rb'"\s*:')
_WHOLE_KEY: Final = re.compile(rb'"([^"]*)"\s*:')
_CONTAINERS: Final = (dict, list)
_LONGEST: Final = 8000  # a cursor after the longest worker id
_NUL: Final = b"\\u0000"


class BodyReader(Generic[T]):
    """Reads one kind of body. Made once.

    A body that fits is decoded by compiled code alone. Only one that does not, or that may have a key twice, is
    decoded again by ``decode_json``, which is slower and finds the words for what is wrong.

    Args:
        limits: of bodies that are read here.
    """

    def __init__(self, kind: type[T] | TypeForm, *, limits: BodyLimits = LIMITS) -> None:
        self.kind: TypeForm = kind
        self.limits = limits
        self._decode = msgspec.json.Decoder(kind).decode

    async def read(self, scope: Scope, receive: Receive) -> T:
        """Read a request's body.

        Raises:
            UnsupportedMediaType: it is not said to be JSON.
            TooLarge: more bytes or deeper than the limits.
            InvalidRequest: it is not JSON, or does not fit; the message and ``field`` name the first place.
        """
        require_json(scope["headers"])
        return await self.decoded(await read_body(scope, receive, limits=self.limits))

    async def decoded(self, raw: bytes) -> T:
        """Decode a body; nobody waits for a long one. Raises as ``read`` does."""
        return await aside(raw, partial(self.decode, raw))

    def decode(self, raw: bytes) -> T:
        """Decode a body here and now. Raises as ``read`` does."""
        try:
            if _is_simple(raw):
                simple: T = self._decode(raw)
                return simple
            value = msgspec.json.decode(raw)
            if _NUL not in raw and _is_plain(value, raw):
                quick: T = msgspec.convert(value, self.kind)
                return quick
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            pass  # explained below
        return self._carefully(raw)

    def _carefully(self, raw: bytes) -> T:
        value = decode_json(raw)
        if _NUL in raw:
            refuse_nul(value)
        try:
            careful: T = msgspec.convert(value, self.kind)
        except msgspec.ValidationError as error:
            raise explain(value, self.kind) or InvalidRequest(str(error), field="body") from None
        return careful


class QueryReader(Generic[S]):
    """Reads the parameters of one kind of request. Made once."""

    def __init__(self, kind: type[S]) -> None:
        self._kind = kind
        fields = msgspec.structs.fields(kind)
        self._types = {field.encode_name: field.type for field in fields}
        self._lists = {name for name, of in self._types.items() if origin_of(of) is list}
        self._single = self._types.keys() - self._lists

    def read(self, scope: Scope) -> S:
        """Read a request's query.

        Raises:
            InvalidRequest: a parameter is not known, comes twice where once is meant, or does not fit.
        """
        query = Query.of(scope, known=self._single, repeatable=self._lists)
        given = {name: self._value(query, name) for name in query.names()}
        try:
            return msgspec.convert(given, self._kind, strict=False)
        except msgspec.ValidationError as error:
            found = explain(given, self._kind, strict=False)
            raise found or InvalidRequest(str(error), field="query") from None

    def _value(self, query: Query, name: str) -> object:
        if name in self._lists:
            words = query.texts(name)
            refuse_nul(words, name)
            return words
        if accepts(self._types[name], bool):
            return query.flag(name)
        if accepts(self._types[name], datetime):
            return query.time(name)
        text = query.text(name, longest=_LONGEST)
        refuse_nul(text, name)
        return text


def _is_simple(raw: bytes) -> bool:
    """Tell at little cost that no key can come twice in an object, as none comes twice in all, and that none is too deep.

    Without backslashes a key is spelled in one way only. A text that looks like a key counts as one, which is no harm.
    """
    # Not `in`: it tries the bytes as a number first, which takes longer than all of this.
    if raw.find(b"\\") >= 0 or raw.count(b"{") + raw.count(b"[") > LIMITS.depth:
        return False
    pieces = raw.split(b'":')
    if len(pieces) - 1 == raw.count(b":"):  # each colon ends a key: none is in a text
        return len({piece.rpartition(b'"')[2] for piece in pieces[:-1]}) == len(pieces) - 1
    keys = _WHOLE_KEY.findall(raw)
    if len(set(keys)) != len(keys):
        return False
    # Where each colon follows a whole key there are no others to look for.
    return len(keys) == raw.count(b":") or len(keys) == len(_KEY.findall(raw))


def _is_plain(value: object, raw: bytes) -> bool:
    """Tell whether a body has no key twice in an object and is not too deep. Where that is unclear, it is not plain.

    Keys are counted before and after decoding: of two that are the same only one is left. What looks like a key inside a
    text makes the count unclear.
    """
    brackets = raw.count(b"[")
    if isinstance(value, dict) and raw.count(b"{") == 1 and brackets < LIMITS.depth:
        keys, depth = len(value), brackets + 1
    else:
        keys, depth = keys_and_depth(value)
    return depth <= LIMITS.depth and keys == len(_KEY.findall(raw))


def keys_and_depth(value: object) -> tuple[int, int]:
    """Count the keys of all objects in a decoded value, and how deep lists and objects are within each other."""
    keys = depth = 0
    layer: list[object] = [value] if isinstance(value, _CONTAINERS) else []
    while layer:
        depth += 1
        inner: list[object] = []
        for outer in layer:
            if isinstance(outer, dict):
                keys += len(outer)
                inner += [item for item in outer.values() if isinstance(item, _CONTAINERS)]
            elif isinstance(outer, list):
                inner += [item for item in outer if isinstance(item, _CONTAINERS)]
        layer = inner
    return keys, depth


def check_length(text: str, *, field: str, most: int) -> None:
    """Check a part of the path.

    Raises:
        InvalidRequest: it has more than ``most`` characters.
    """
    if len(text) > most:
        raise InvalidRequest(
            f"{field} may have at most {most} characters, not {len(text)}", field=field
        )
