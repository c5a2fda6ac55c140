"""What a server does in the background: one part's fault is told, and ends no other."""

import asyncio

import pytest
from typing_extensions import override

from headway.app.loops import Chore, Loops
from headway.app.trouble import Troubles
from headway.core.core import Core
from headway.core.errors import StorageFull
from headway.core.model.trouble import Trouble

pytestmark = pytest.mark.anyio

PATIENCE_S = 30.0


class Kept(dict[str, Trouble]):
    """Troubles, the first of which is waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.first = asyncio.Event()

    @override
    def __setitem__(self, name: str, trouble: Trouble) -> None:
        super().__setitem__(name, trouble)
        self.first.set()


async def test_what_a_protocol_does_beside_requests_and_ends_by_a_fault_is_a_trouble(
    core: Core,
) -> None:
    gone_on = asyncio.Event()
    kept = Kept()

    async def faulty() -> None:
        raise RuntimeError("a fault of the plugin's")

    async def other() -> None:
        await kept.first.wait()
        gone_on.set()

    loops = Loops(
        core,
        troubles=Troubles(kept),
        chores=[Chore(name="other", every_s=60.0, run=other)],
        background={"pigeons": faulty},
    )
    loops.start()
    try:
        async with asyncio.timeout(PATIENCE_S):
            await gone_on.wait()
    finally:
        await loops.stop()

    assert "a fault of the plugin's" in kept["pigeons"].words


async def test_a_chore_that_cannot_be_done_is_a_trouble_until_it_is_done(core: Core) -> None:
    rounds = 0
    done = asyncio.Event()
    troubles = Troubles()
    seen: list[str] = []

    async def clean() -> None:
        nonlocal rounds
        rounds += 1
        seen.extend(troubles.present())
        if rounds == 1:
            raise StorageFull("no space")
        if rounds == 3:
            done.set()

    loops = Loops(core, troubles=troubles, chores=[Chore(name="clean", every_s=0.0, run=clean)])
    loops.start()
    try:
        async with asyncio.timeout(PATIENCE_S):
            await done.wait()
    finally:
        await loops.stop()

    assert seen == ["clean"]
