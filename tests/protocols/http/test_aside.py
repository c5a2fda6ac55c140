"""Long bodies are worked on in a thread of their own, short ones here and now."""

import asyncio
import threading
from functools import partial

import pytest

from headway.core.errors import InvalidRequest
from headway.protocols.http.aside import LONG, aside
from headway.protocols.http.body import decode_json
from headway.protocols.rest.reading import BodyReader
from headway.protocols.rest.wire.access import SessionBody

pytestmark = pytest.mark.anyio
MANY = b"[" + b"[]," * 100_000 + b"0]"


async def test_a_short_body_is_not_worth_a_thread() -> None:
    assert await aside(b" " * LONG, threading.get_ident) == threading.get_ident()


async def test_long_bodies_share_one_thread_that_is_not_the_servers() -> None:
    raw = b" " * (LONG + 1)
    first, second = await asyncio.gather(*(aside(raw, threading.get_ident) for _ in range(2)))
    assert first == second != threading.get_ident()


async def test_what_is_wrong_is_raised() -> None:
    with pytest.raises(InvalidRequest, match="not JSON"):
        await aside(MANY, partial(decode_json, MANY[:-1]))


async def test_others_have_their_turns_while_it_is_said_what_is_wrong_with_a_long_body() -> None:
    said = asyncio.ensure_future(BodyReader[SessionBody](SessionBody).decoded(MANY))
    turns = 0
    while not said.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 5  # two, where nobody has any before it is said
    with pytest.raises(InvalidRequest, match="must be an object"):
        said.result()
