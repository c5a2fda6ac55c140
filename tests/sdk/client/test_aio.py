"""The client for asyncio against a real server: the same calls, the same answers."""

import inspect
from collections.abc import AsyncIterator

import pytest

from headway import AsyncClient, Client, NotFound, ServerUnreachable, State, TimedOut
from headway.sdk import model
from headway.testing.server import ServerProcess

pytestmark = pytest.mark.anyio


@pytest.fixture
async def aio(server: ServerProcess) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(server.url) as client:
        yield client


def calls(kind: type) -> dict[str, list[str]]:
    return {
        name: list(inspect.signature(call).parameters)
        for name, call in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_")
    }


async def test_both_clients_take_the_same_calls() -> None:
    sync, aio = calls(Client), calls(AsyncClient)
    assert set(sync) - {"close"} == set(aio) - {"aclose"}
    same = {name for name in sync if name in aio and sync[name] == aio[name]}
    # A coroutine is given up from outside, so asyncio needs no ticks.
    assert set(aio) - same == {"aclose", "frames"}


async def test_a_job_is_submitted_waited_for_and_read(aio: AsyncClient) -> None:
    job = await aio.submit(["sh", "-c", "echo out; exit 3"], name="n")
    ended = await aio.wait(job.id, timeout_s=30)
    assert (ended.state, ended.exit_code) == (State.FAILED, 3)
    assert await aio.log(job.number) == b"out\n"
    assert [part async for part in aio.read_log(job.number)] == [b"out\n"]
    assert [event.type async for event in aio.events(job.id)][-1] == "job.failed"


async def test_jobs_come_page_by_page(aio: AsyncClient) -> None:
    made = [(await aio.submit(["true"], labels=["aio"])).number for _ in range(3)]
    assert [job.number async for job in aio.jobs(labels=["aio"], limit=2)] == made[:0:-1]


async def test_an_ended_job_is_tried_again_cloned_and_hidden(aio: AsyncClient) -> None:
    job = await aio.wait((await aio.submit(["false"], labels=["aio-again"])).id, timeout_s=30)
    assert (await aio.retry(job.id)).attempt == 2
    clone = await aio.clone(job.id, command=["true"], labels=[])
    assert (clone.command, clone.labels, clone.origin) == (
        ("true",),
        (),
        model.Origin(job=job.id, how="clone"),
    )
    assert (await aio.hide(job.id)).hidden is not None
    assert (await aio.unhide(job.id)).hidden is None
    done = await aio.bulk("label", [job.id, clone.number], add=["x"])
    assert (done.matched, done.ids) == (2, (job.id, clone.id))


async def test_a_log_is_read_by_lines_and_searched_and_a_link_is_made(aio: AsyncClient) -> None:
    job = await aio.wait((await aio.submit(["seq", "1", "300"])).id, timeout_s=30)
    assert (await aio.log_lines(job.id, first=299)).lines == ("299", "300")
    assert [match.line async for match in aio.search_log(job.id, text="99")] == [99, 199, 299]
    every = [match.line async for match in aio.search_log(job.id, text=r"\d", regex=True)]
    assert every == list(range(1, 301))
    link = await aio.make_link(job.id, "log")
    assert f"{job.id}/log/stdout" in link.url
    assert f"{job.id}/log/stderr" in str(link.stderr_url)


async def test_errors_come_back_as_themselves(aio: AsyncClient) -> None:
    with pytest.raises(NotFound):
        await aio.job(999999)


async def test_a_log_is_followed_while_it_is_written(
    aio: AsyncClient, server: ServerProcess
) -> None:
    gate = server.data.parent / "gate-of-aio"
    script = f"echo a; while [ ! -e {gate} ]; do sleep 0.02; done; echo b"
    job = await aio.submit(["sh", "-c", script])
    parts = aio.follow_log(job.id)
    assert await anext(parts) == b"a\n"
    gate.touch()
    assert b"".join([part async for part in parts]) == b"b\n"


async def test_changes_come_as_they_happen(aio: AsyncClient) -> None:
    job = await aio.submit(["true"])
    async for frame in aio.frames(after=job.seq, job=job.id):
        states = [c.job.state for c in frame.changes if isinstance(c, model.JobChange)]
        if State.SUCCEEDED in states:
            break


async def test_waiting_ends_with_the_time_that_was_given(aio: AsyncClient) -> None:
    job = await aio.submit(["sleep", "60"])
    with pytest.raises(TimedOut):
        await aio.wait(job.id, timeout_s=0.2)
    await aio.cancel(job.id)
    assert (await aio.wait(job.id, timeout_s=30)).state is State.CANCELLED


async def test_without_a_server_the_first_call_says_so() -> None:
    async with AsyncClient("http://127.0.0.1:9") as client:
        with pytest.raises(ServerUnreachable, match="headway serve"):
            await client.whoami()


async def test_groups_are_made_filled_read_and_emptied(aio: AsyncClient, client: Client) -> None:
    top = await aio.create_group("aio top", url="https://x.example/")
    low = await aio.create_group("aio low", parent=top.id)
    job = await aio.submit_report(name="in a group", groups=[low.id])
    assert await aio.add_to_group(top.id, jobs=[job.number], groups=[low.id])
    assert [group.name async for group in aio.groups(name="aio top")] == ["aio top"]
    assert {member.kind async for member in aio.members(top.id)} == {"group", "job"}
    assert {group.id for group in await aio.groups_of(job=job.number)} == {top.id, low.id}
    tree = await aio.tree(top.id, jobs=True)
    assert tree == client.tree(top.id, jobs=True)
    assert ([group.id for group in tree.groups], len(tree.jobs)) == ([top.id, low.id], 1)
    found = await aio.at_path("aio top:aio low:in a group")
    assert (found.id, client.at_path("aio top:aio low").id) == (job.id, low.id)
    await aio.remove_from_group(top.id, low.id, kind="group")
    await aio.delete_group(low.id)
    changed = await aio.change_group(top.id, name="renamed")
    assert (changed.name, (await aio.group(top.id)).states) == ("renamed", {"running": 1})
    with pytest.raises(NotFound):
        client.group(low.id)
