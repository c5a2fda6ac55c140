"""Why a job is where it is, and the scheduler's own words about it."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.protocols.rest.conftest import NewToken

from headway.core.core import Core
from headway.core.errors import ExecutorUnavailable
from headway.core.model.job import JobError
from headway.core.model.names import JobId, NativeId, Tag
from headway.core.model.principal import Scope
from headway.core.model.spec import Spec
from headway.core.model.state import Reason, State
from headway.core.model.trouble import Ailment, Trouble
from headway.core.passes.observed import after_observations
from headway.core.ports.executor import Explanation, Launch, Observation, Stream
from headway.testing.fakes import NOON, FakeExecutor

pytestmark = pytest.mark.anyio


async def submitted(client: httpx.AsyncClient, executor: FakeExecutor, **body: object) -> Tag:
    """A job that its cluster has."""
    answer = await client.post("/jobs", json={"command": ["reduce"], **body})
    assert answer.status_code == 201, answer.text
    tag = Tag(f"{answer.json()['id']}.1")
    await executor.submit([Launch(tag=tag, name="", spec=Spec())])
    return tag


async def seen(core: Core, *observations: Observation) -> None:
    """What the pass dispatch would write."""
    change = await after_observations(core, tag=observations[0].tag, observations=observations)
    assert change is not None
    await core.store.write(change)


async def why(client: httpx.AsyncClient, tag: Tag) -> dict[str, Any]:
    answer = await client.get(f"/jobs/{tag.partition('.')[0]}/why")
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


async def test_a_job_that_waits_tells_why_in_words_and_in_the_schedulers_own(
    client: httpx.AsyncClient, core: Core, executor: FakeExecutor
) -> None:
    tag = await submitted(client, executor, resources={"memory": "4G"})
    queued = Observation(tag=tag, state=State.QUEUED, native_id=NativeId("77"), at=NOON)
    await seen(core, queued)
    executor.explanations[tag] = Explanation(
        native_id=NativeId("77"),
        word="PENDING",
        why="Priority",
        position=2,
        expected_start=NOON + timedelta(minutes=5),
        queue="long",
        at=NOON,
    )
    told = await why(client, tag)
    assert told["headline"] == "It waits in the queue of the cluster local."
    assert told["words"] == [
        "The cluster local says: PENDING, Priority.",
        "It is number 2 in the queue.",
        "It is expected to start in about 5 min, at 2026-01-01 12:05:00 UTC; that may change.",
        "It asks for 4.0 GiB of memory, in the queue long.",
    ]
    assert told["advice"] is None
    assert (told["native_id"], told["native_state"], told["native_reason"]) == (
        "77",
        "PENDING",
        "Priority",
    )
    assert (told["position"], told["as_of"], told["last_lines"]) == (2, "2026-01-01T12:00:00Z", [])


async def test_a_job_that_failed_tells_how_and_shows_the_end_of_what_it_wrote(
    client: httpx.AsyncClient, core: Core, executor: FakeExecutor
) -> None:
    tag = await submitted(client, executor)
    executor.logs[tag, Stream.STDERR] = b"".join(b"line %d\n" % n for n in range(30))
    end = Observation(
        tag=tag, state=State.FAILED, reason=Reason.SIGNAL, signal=11, host="n3", at=NOON
    )
    await seen(core, end)
    told = await why(client, tag)
    assert told["headline"] == "It was killed by signal 11 (SIGSEGV)."
    assert told["advice"].endswith(f"headway retry {told['number']}")
    assert told["last_lines"] == [f"line {n}" for n in range(20, 30)]
    assert (told["host"], told["kind"], told["attempt"]) == ("n3", "", 1)


async def test_of_a_bar_the_last_lines_have_what_it_showed_last(
    client: httpx.AsyncClient, core: Core, executor: FakeExecutor
) -> None:
    tag = await submitted(client, executor)
    executor.logs[tag, Stream.STDERR] = b"\r 10%\r 60%\r100%\r\n\n  File x\xff\n\n"
    end = Observation(tag=tag, state=State.FAILED, reason=Reason.NONZERO_EXIT, exit_code=1, at=NOON)
    await seen(core, end)
    assert (await why(client, tag))["last_lines"] == ["100%", "", "  File x\ufffd"]


async def test_what_is_wrong_with_a_cluster_is_told_to_users_only(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, core: Core, executor: FakeExecutor
) -> None:
    tag = await submitted(client, executor)
    hangs = "squeue did not end within 5 s"
    core.troubles["cluster local"] = Trouble(words=hangs, since=NOON, what=Ailment.SLOW)
    assert "squeue" in " ".join((await why(client, tag))["words"])
    job_id = tag.partition(".")[0]
    link = (await client.post(f"/jobs/{job_id}/links", json={"what": "page"})).json()["url"]
    shown = await stranger.get(f"/jobs/{job_id}/why?{link.partition('?')[2]}")
    assert shown.status_code == 200
    assert "squeue" not in shown.text


async def test_a_job_of_somebody_else_is_not_found(
    client: httpx.AsyncClient,
    stranger: httpx.AsyncClient,
    executor: FakeExecutor,
    new_token: NewToken,
) -> None:
    tag = await submitted(client, executor)
    headers = {"authorization": f"Bearer {await new_token('mallory', Scope.READ)}"}
    for what in ("why", "native"):
        answer = await stranger.get(f"/jobs/{tag.partition('.')[0]}/{what}", headers=headers)
        assert answer.status_code == 404


async def test_the_schedulers_own_text_is_one_call_away(
    client: httpx.AsyncClient, executor: FakeExecutor
) -> None:
    tag = await submitted(client, executor)
    address = f"/jobs/{tag.partition('.')[0]}/native"
    assert (await client.get(address)).status_code == 404
    executor.details[tag] = "JobId=77 JobName=reduce\n   JobState=PENDING\n"
    assert (await client.get(address)).json() == {"text": executor.details[tag]}
    assert (await client.get(f"{address}?attempt=2")).status_code == 404
    assert (await client.get(f"{address}?attempt=0")).status_code == 400
    executor.fails_with = ExecutorUnavailable("scontrol did not answer")
    answer = await client.get(address)
    assert (answer.status_code, answer.json()["detail"]) == (503, "scontrol did not answer")


async def test_a_link_shows_none_of_the_schedulers_own_text(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, executor: FakeExecutor
) -> None:
    tag = await submitted(client, executor)
    executor.details[tag] = "env_list: PASSWORD=hush"
    job_id = tag.partition(".")[0]
    link = (await client.post(f"/jobs/{job_id}/links", json={"what": "page"})).json()["url"]
    answer = await stranger.get(f"/jobs/{job_id}/native?{link.partition('?')[2]}")
    assert answer.status_code == 403
    assert "hush" not in answer.text


async def test_a_job_that_only_reports_has_a_headline_and_no_scheduler(
    client: httpx.AsyncClient,
) -> None:
    job = (await client.post("/jobs", json={"kind": "report", "name": "x"})).json()
    told = (await client.get(f"/jobs/{job['number']}/why")).json()
    assert (told["headline"], told["words"], told["advice"]) == (
        "Nobody has reported on it yet.",
        [],
        None,
    )
    assert (await client.get(f"/jobs/{job['number']}/native")).status_code == 404


async def test_an_error_of_an_executor_is_said_where_it_says_more_than_the_headline(
    client: httpx.AsyncClient, core: Core, executor: FakeExecutor
) -> None:
    tag = await submitted(client, executor)
    message = "there is no program 'reduce'"
    end = Observation(
        tag=tag, state=State.FAILED, reason=Reason.NOT_STARTED, message=message, at=NOON
    )
    await seen(core, end)
    job = await core.store.job(JobId(tag.partition(".")[0]))
    assert job.error == JobError(type="not_started", message=message)
    assert (await why(client, tag))["words"] == ["There is no program 'reduce'."]


async def test_a_log_that_cannot_be_read_now_keeps_no_job_from_being_explained(
    client: httpx.AsyncClient, core: Core, executor: FakeExecutor
) -> None:
    tag = await submitted(client, executor)
    end = Observation(tag=tag, state=State.FAILED, reason=Reason.NONZERO_EXIT, exit_code=1, at=NOON)
    await seen(core, end)
    executor.fails_with = ExecutorUnavailable("the login node is away")
    assert (await why(client, tag))["last_lines"] == []


async def test_an_array_that_waits_tells_why_one_of_its_elements_does(
    client: httpx.AsyncClient, core: Core, executor: FakeExecutor
) -> None:
    body = {"command": ["reduce"], "array": {"indices": "0-3"}}
    job = (await client.post("/jobs", json=body)).json()
    elements = (await client.get("/jobs", params={"parent": job["id"]})).json()["jobs"]
    explanation = Explanation(word="PENDING", why="Priority", at=NOON)
    executor.explanations |= {Tag(f"{one['id']}.1"): explanation for one in elements}
    told = (await client.get(f"/jobs/{job['id']}/why")).json()
    assert told["words"] == [
        "The cluster local says of one element: PENDING, Priority.",
        "Of its elements 4 accepted.",
    ]


async def test_a_job_after_others_names_those_that_it_waits_for(client: httpx.AsyncClient) -> None:
    first = (await client.post("/jobs", json={"command": ["a"]})).json()
    body = {"command": ["b"], "after": [first["id"]]}
    second = (await client.post("/jobs", json=body)).json()
    told = (await client.get(f"/jobs/{second['id']}/why")).json()
    assert f"It comes after job {first['number']} (accepted)." in told["words"]
