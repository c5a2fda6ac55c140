"""Bodies mean one thing, or are refused with the name of what is wrong."""

import json
from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.core.errors import InvalidRequest, TooLarge, UnsupportedMediaType
from headway.lib.asgi import Message, Receive, Scope
from headway.protocols.http.body import BodyLimits, decode_json, read_body, read_json_object

pytestmark = pytest.mark.anyio

JSON = (b"content-type", b"application/json")


def asked(*headers: tuple[bytes, bytes]) -> Scope:
    return {"type": "http", "headers": list(headers)}


def coming(*pieces: bytes) -> Receive:
    left = list(pieces)

    async def receive() -> Message:
        if not left:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    return receive


async def test_a_body_in_pieces_is_put_together() -> None:
    assert await read_body(asked(), coming(b"ab", b"", b"c")) == b"abc"


@pytest.mark.parametrize("pieces", [[b"x" * 11], [b"x" * 6, b"x" * 5]])
async def test_a_body_beyond_the_limit_is_refused(pieces: Sequence[bytes]) -> None:
    with pytest.raises(TooLarge, match="10 bytes"):
        await read_body(asked(), coming(*pieces), limits=BodyLimits(size_bytes=10))


async def test_a_body_that_says_it_is_beyond_the_limit_is_not_waited_for() -> None:
    with pytest.raises(TooLarge):
        await read_body(asked((b"content-length", b"9" * 30)), coming())


async def test_a_client_that_goes_away_is_not_waited_for() -> None:
    async def receive() -> Message:
        return {"type": "http.disconnect"}

    with pytest.raises(InvalidRequest, match="went away"):
        await read_body(asked(), receive)


@pytest.mark.parametrize(
    "kind",
    [b"application/json", b"application/json; charset=UTF-8", b"Application/Merge-Patch+JSON"],
)
async def test_json_of_any_name_is_read(kind: bytes) -> None:
    scope = asked((b"content-type", kind))
    assert await read_json_object(scope, coming(b'{"a": [1]}')) == {"a": [1]}


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"content-type", b"application/x-www-form-urlencoded")],
        [(b"content-type", b"text/plain")],
        [(b"content-type", b"application/json; charset=utf-16")],
        [JSON, (b"content-encoding", b"gzip")],
    ],
)
async def test_what_is_not_said_to_be_json_is_not_read(headers: list[tuple[bytes, bytes]]) -> None:
    with pytest.raises(UnsupportedMediaType):
        await read_json_object(asked(*headers), coming(b"{}"))


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        (b"[1]", "an array"),
        (b'"a"', "a string"),
        (b"null", "null"),
        (b"true", "true or false"),
        (b"3", "a number"),
    ],
)
async def test_what_is_no_object_is_named(raw: bytes, word: str) -> None:
    with pytest.raises(InvalidRequest, match=f"not {word}"):
        await read_json_object(asked(JSON), coming(raw))


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        (b"", "empty"),
        (b"  ", "empty"),
        (b"{", "not JSON"),
        (b'{"a":1}x', "not JSON"),
        (b'{"a":"\xff"}', "UTF-8; byte 6"),
        (b'{"a":NaN}', "NaN"),
        (b"[-Infinity]", "-Infinity"),
        (b"[1e999]", "1e999"),
        (b"[18446744073709551616]", "64 bits"),
        (b"[" + b"1" * 5000 + b"]", "64 bits"),
        (b'["\\ud800"]', "surrogate"),
        (b'{"\\udfff": 1}', "surrogate"),
    ],
)
def test_what_is_not_json_is_explained(raw: bytes, word: str) -> None:
    with pytest.raises(InvalidRequest, match=word):
        decode_json(raw)


def test_a_key_that_comes_twice_is_named() -> None:
    with pytest.raises(InvalidRequest) as error:
        decode_json(b'{"a": {"name": 1, "b": 2, "name": 3}}')
    assert error.value.field == "name"


def test_a_byte_order_mark_is_ignored() -> None:
    assert decode_json(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


def test_a_surrogate_pair_is_a_character() -> None:
    assert decode_json(b'["\\ud83d\\ude00"]') == ["\U0001f600"]


def test_the_depth_is_limited_and_100_000_brackets_are_no_trouble() -> None:
    limits = BodyLimits(depth=3)
    assert decode_json(b"[[[]]]", limits=limits) == [[[]]]
    with pytest.raises(TooLarge, match="3 deep"):
        decode_json(b"[[[[]]]]", limits=limits)
    with pytest.raises(TooLarge):
        decode_json(b'{"a":' * 100_000)


def test_brackets_in_text_and_beside_each_other_are_not_deep() -> None:
    raw = json.dumps([['[[[[\\"[{'] for _ in range(100)]).encode()
    assert decode_json(raw, limits=BodyLimits(depth=2)) == json.loads(raw)


@pytest.mark.parametrize("end", [b"", b"\\", b'"', b'"]'])
def test_a_text_that_nothing_closes_is_looked_through_once(end: bytes) -> None:
    raw = b"[" * 33 + b'"' + b'\\"' * 500_000 + end
    with pytest.raises(TooLarge, match="32 deep"):
        decode_json(raw)


def test_what_follows_an_unclosed_text_is_not_deep_but_no_json() -> None:
    with pytest.raises(InvalidRequest, match="not JSON") as error:
        decode_json(b'[1, "' + b"[" * 50 + b"\\")
    assert not isinstance(error.value, TooLarge)


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
    max_leaves=20,
)


@given(JSON_VALUES, st.booleans())
def test_any_json_is_decoded_as_json_is(value: object, is_ascii: bool) -> None:
    raw = json.dumps(value, ensure_ascii=is_ascii).encode("utf-8")
    assert decode_json(raw) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_json_or_refused(raw: bytes) -> None:
    with suppress(InvalidRequest):
        json.dumps(decode_json(raw), ensure_ascii=False).encode("utf-8")
