"""What waits for one client."""

import asyncio

import pytest

from headway.protocols.moi.inbox import Inbox

pytestmark = pytest.mark.anyio

GET, OTHER, ADD = '{"get": ["one"]}', '{"get": ["other"]}', '{"add": ["one"]}'
PATIENCE_S = 60


async def said(*messages: str) -> list[object]:
    """Say these while nobody takes them; gives what waits then."""
    inbox = Inbox()
    async with asyncio.timeout(PATIENCE_S):
        for message in messages:
            await inbox.say(message)
    taken: list[object] = []
    inbox_end = "end"
    await inbox.say(inbox_end)
    while (item := await inbox.take()) != inbox_end:
        taken.append(item)
    return taken


async def test_a_get_that_is_said_again_and_again_while_it_waits_is_answered_once() -> None:
    assert await said(*[GET] * 100) == [GET]


async def test_a_get_is_answered_again_after_anything_else_that_was_asked() -> None:
    assert await said(GET, ADD, GET, OTHER, GET) == [GET, ADD, GET, OTHER, GET]


async def test_only_gets_are_answered_once() -> None:
    assert await said(ADD, ADD, "?", "?") == [ADD, ADD, "?", "?"]


async def test_a_get_that_was_taken_is_answered_when_it_is_said_again() -> None:
    inbox = Inbox()
    for _ in range(3):
        await inbox.say(GET)
        assert await inbox.take() == GET
