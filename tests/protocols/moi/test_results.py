"""Long results, as the websocket tells them: moi told all of them, whatever their length."""

import msgspec
import pytest
from tests.protocols.moi.conftest import OWN, Connect, NewGroup, NewJob

from headway.core.core import Core
from headway.core.model.change import Change
from headway.core.model.job import Job
from headway.core.model.result import JSON, PICKLE, Returned
from headway.core.model.state import State
from headway.lib.jsonvalue import JsonValue
from headway.protocols.moi.nodes import MOST_TOLD_BYTES, Nodes

pytestmark = pytest.mark.anyio


async def give_back(core: Core, job: Job, returned: Returned) -> None:
    """Have a job end with a result."""
    ran = job.moved_to(State.RUNNING, at=core.clock.now())
    await core.store.write(Change(jobs=(ran,)))
    ended = ran.moved_to(State.SUCCEEDED, at=core.clock.now())
    ended = msgspec.structs.replace(ended, result=returned.shown)
    kept = () if returned.is_shown else ((job.id, returned),)
    await core.store.write(Change(jobs=(ended,), results=kept))


def text_of(length: int) -> Returned:
    """Give a result of that many bytes of JSON."""
    return Returned(data=msgspec.json.encode("x" * (length - 2)), media_type=JSON, type="str")


async def test_a_long_result_is_told_whole_as_it_comes_and_as_it_is_asked_for(
    connect: Connect, core: Core, new_user: NewGroup, new_job: NewJob
) -> None:
    user = await new_user("example")
    job, small = await new_job(user.id), await new_job(user.id)
    whole = "x" * (MOST_TOLD_BYTES - 2)
    async with connect() as talk:
        talk.say(get=[user.id])
        await talk.hear_all()
        await give_back(core, job, text_of(MOST_TOLD_BYTES))
        heard = [await talk.hear()]
        while heard[-1][1]["status"] != "Success":
            heard.append(await talk.hear())
        assert heard[-1][1]["result"] == whole
        for asked in ([user.id], [job.id], []):
            talk.say(get=asked)
            told = {info["id"]: info["result"] for _, info in await talk.hear_all()}
            assert told[job.id] == whole
            assert told.get(small.id) is None
    assert (await Nodes(core, OWN).info(job.id)).result == whole


@pytest.mark.parametrize(
    "returned",
    [text_of(MOST_TOLD_BYTES + 1), Returned(data=b"\x80\x04.", media_type=PICKLE, type="set")],
    ids=["too long", "no JSON"],
)
async def test_what_cannot_be_told_is_said_to_be_there(
    core: Core, new_user: NewGroup, new_job: NewJob, returned: Returned
) -> None:
    user = await new_user("example")
    job = await new_job(user.id)
    await give_back(core, job, returned)
    assert (await Nodes(core, OWN).info(job.id)).result == returned.shown


async def test_a_result_that_looks_like_a_note_of_one_is_told_as_it_is(
    core: Core, new_user: NewGroup, new_job: NewJob
) -> None:
    user = await new_user("example")
    notes: list[JsonValue] = [{"media_type": JSON, "bytes": 1}, 1, {}, []]
    values: list[JsonValue] = [{"$opaque": note} for note in notes]
    for value in values:
        job = await new_job(user.id)
        await give_back(core, job, Returned(data=msgspec.json.encode(value)))
        assert (await Nodes(core, OWN).info(job.id)).result == value
