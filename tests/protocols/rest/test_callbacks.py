"""Callbacks: asked for with a job, looked at, told again, dropped."""

import base64
from typing import get_args

import httpx
import msgspec
import pytest
from tests.protocols.rest.conftest import NewToken

from headway.core.core import Core
from headway.core.model.event import Event, EventType
from headway.core.model.job import Job
from headway.core.model.principal import Scope
from headway.core.passes.deliver import Deliver
from headway.core.ports.callbacks import Answer
from headway.protocols.rest.wire.callbacks import Told
from headway.protocols.rest.wire.messages import callback_words
from headway.testing.fake_sender import FakeSender
from headway.testing.fake_sender import Told as Call
from headway.testing.fakes import NOON
from headway.testing.samples import a_full_job, an_event

pytestmark = pytest.mark.anyio

URL = "https://receiver.example/hook?key=1"
SECRET = f"whsec_{base64.b64encode(b'k' * 32).decode()}"


@pytest.fixture
def sender() -> FakeSender:
    return FakeSender()


@pytest.fixture
async def core(core: Core, sender: FakeSender) -> Core:
    return msgspec.structs.replace(core, sender=sender, words={"rest": callback_words})


@pytest.fixture
def deliver(core: Core, sender: FakeSender) -> Deliver:
    """The pass, which has heard of nothing yet."""
    return Deliver(core, sender=sender, chance=lambda: 0.0)


async def submitted(client: httpx.AsyncClient, *callbacks: object) -> dict[str, object]:
    body = {"command": ["true"], "callbacks": list(callbacks or ({"url": URL},))}
    answer = await client.post("/jobs", json=body)
    assert answer.status_code == 201, answer.text
    document: dict[str, object] = answer.json()
    return document


async def rounds(deliver: Deliver) -> None:
    """Have all told that is to be told now."""
    await deliver.start()
    while callers := deliver.take():
        for caller in callers:
            await deliver.deliver(caller)


async def gone(_call: Call) -> Answer:
    return Answer(status=410, detail="gone", took_s=0.5)


async def test_a_job_shows_who_is_told_and_never_the_secret(client: httpx.AsyncClient) -> None:
    job = await submitted(
        client, {"url": URL, "secret": SECRET, "events": ["job.failed"]}, {"url": URL}
    )
    assert job["callbacks"] == [
        {"url": URL, "words": "rest", "events": ["job.failed"], "signed": True},
        {"url": URL, "words": "rest", "events": [], "signed": False},
    ]
    shown = await client.get(f"/jobs/{job['id']}")
    assert SECRET not in shown.text
    assert shown.json()["callbacks"] == job["callbacks"]


@pytest.mark.parametrize(
    ("callback", "field"),
    [
        ({"url": "ftp://receiver.example/"}, "callbacks[0].url"),
        ({"url": "http://ada:secret@receiver.example/"}, "callbacks[0].url"),
        ({"url": URL, "secret": "whsec_short"}, "callbacks[0].secret"),
        ({"url": URL, "events": ["token.created"]}, "callbacks[0].events[0]"),
        ({"url": URL, "events": ["job.callback_dead"]}, "callbacks[0].events[0]"),
        ({"url": URL, "method": "PUT"}, "callbacks[0].method"),
        ({}, "callbacks[0].url"),
    ],
)
async def test_a_callback_that_cannot_be_is_refused_by_name(
    client: httpx.AsyncClient, callback: object, field: str
) -> None:
    answer = await client.post("/jobs", json={"command": ["true"], "callbacks": [callback]})
    assert answer.status_code == 400
    assert answer.json()["field"] == field
    assert "whsec_short" not in answer.text


async def test_a_job_has_at_most_eight_callbacks(client: httpx.AsyncClient) -> None:
    body = {"command": ["true"], "callbacks": [{"url": URL}] * 9}
    answer = await client.post("/jobs", json=body)
    assert answer.status_code == 400
    assert answer.json()["field"] == "callbacks"


async def test_whoever_may_only_report_has_nobody_called(
    stranger: httpx.AsyncClient, new_token: NewToken
) -> None:
    stranger.headers["Authorization"] = f"Bearer {await new_token('bob', Scope.REPORT)}"
    body = {"kind": "report", "callbacks": [{"url": URL}]}
    assert (await stranger.post("/jobs", json=body)).status_code == 403


async def test_what_was_told_is_listed_with_every_call(
    client: httpx.AsyncClient, deliver: Deliver
) -> None:
    job = await submitted(client)
    (waiting,) = (await client.get(f"/jobs/{job['id']}/callbacks")).json()["deliveries"]
    assert (waiting["state"], waiting["due"], waiting["tries"]) == ("waiting", job["created"], [])
    await rounds(deliver)
    (told,) = (await client.get(f"/jobs/{job['number']}/callbacks")).json()["deliveries"]
    assert told == {
        "event": waiting["event"],
        "callback": 0,
        "job": job["id"],
        "type": "job.accepted",
        "time": job["created"],
        "origin": "https://receiver.example:443",
        "state": "delivered",
        "due": None,
        "tries": [{"at": job["created"], "status": 204, "detail": "", "took_s": 0.01}],
        "tried": 1,
        "replays": 0,
    }
    assert (await client.get(f"/callbacks/{told['event']}/0")).json() == told


async def test_what_is_dead_is_found_told_again_and_dropped(
    client: httpx.AsyncClient, deliver: Deliver, sender: FakeSender
) -> None:
    await submitted(client)
    sender.answers = gone
    await rounds(deliver)
    (dead,) = (await client.get("/callbacks", params={"state": "dead"})).json()["deliveries"]
    assert dead["tries"][0]["status"] == 410
    path = f"/callbacks/{dead['event']}/{dead['callback']}"
    again = await client.post(f"{path}/replay")
    assert (again.status_code, again.json()["state"]) == (202, "waiting")
    dropped = await client.delete(path)
    assert (dropped.status_code, dropped.json()["state"]) == (200, "dropped")
    assert (await client.get("/callbacks?state=dead&state=waiting")).json()["deliveries"] == []
    events = (await client.get(f"/jobs/{dead['job']}/events")).json()["events"]
    assert [event["type"] for event in events] == [
        "job.accepted",
        "job.callback_dead",
        "job.callback_replayed",
        "job.callback_dropped",
    ]


async def test_pages_go_on_where_the_one_before_ended(client: httpx.AsyncClient) -> None:
    await submitted(client, {"url": URL}, {"url": URL})
    await submitted(client)
    seen: list[tuple[int, int]] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await client.get("/callbacks", params={"limit": "1", **cursor})).json()
        seen += [(one["event"], one["callback"]) for one in page["deliveries"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 3


@pytest.mark.parametrize(
    "path", ["/callbacks/1/0", "/callbacks/0/0", "/callbacks/x/0", "/callbacks/9/9999"]
)
async def test_what_is_not_there_is_not_found(client: httpx.AsyncClient, path: str) -> None:
    for answer in (
        await client.get(path),
        await client.post(f"{path}/replay"),
        await client.delete(path),
    ):
        assert answer.status_code == 404


@pytest.mark.parametrize("query", ["cursor=1", "cursor=a-b", "state=lost", "limit=0"])
async def test_a_list_that_cannot_be_read_is_refused(client: httpx.AsyncClient, query: str) -> None:
    assert (await client.get(f"/callbacks?{query}")).status_code == 400


async def test_others_see_nothing_of_it(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, new_token: NewToken
) -> None:
    job = await submitted(client)
    (mine,) = (await client.get("/callbacks")).json()["deliveries"]
    assert (await stranger.get("/callbacks")).status_code == 401
    stranger.headers["Authorization"] = f"Bearer {await new_token('bob', Scope.RUN)}"
    assert (await stranger.get("/callbacks")).json()["deliveries"] == []
    assert (await stranger.get(f"/jobs/{job['id']}/callbacks")).status_code == 404
    assert (await stranger.delete(f"/callbacks/{mine['event']}/0")).status_code == 404


async def test_whoever_comes_by_a_link_sees_no_callbacks(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    job = await submitted(client)
    link = (await client.post(f"/jobs/{job['id']}/links", json={"what": "page"})).json()["url"]
    sig = httpx.URL(link).params
    shown = await stranger.get(f"/jobs/{job['id']}", params=dict(sig))
    assert shown.status_code == 200
    assert shown.json()["callbacks"] == []
    told = await stranger.get(f"/jobs/{job['id']}/callbacks", params=dict(sig))
    assert told.status_code in {401, 403, 400}


async def test_a_clone_calls_nobody_unless_it_is_asked_to(client: httpx.AsyncClient) -> None:
    job = await submitted(client)
    cloned = (await client.post(f"/jobs/{job['id']}/clone", json={})).json()
    asked = (
        await client.post(f"/jobs/{job['id']}/clone", json={"callbacks": [{"url": URL}]})
    ).json()
    assert (cloned["callbacks"], len(asked["callbacks"])) == ([], 1)


def test_every_event_of_a_job_can_be_named_but_those_of_callbacks() -> None:
    (names,) = (get_args(Told),)
    unused = {EventType.COUNTERS, EventType.PURGED, EventType.EXPIRED}
    wanted = {kind for kind in EventType if kind.startswith("job.")} - unused
    assert set(names) == {kind for kind in wanted if not kind.startswith("job.callback")}


def test_a_message_is_the_event_and_the_job_as_of_then() -> None:
    job: Job = a_full_job()
    event: Event = msgspec.structs.replace(an_event(job.id, EventType.FAILED), seq=7)
    rendered = callback_words(job, event)
    assert rendered is not None
    message = msgspec.json.decode(rendered.body)
    assert (rendered.method, rendered.content_type, rendered.word) == (
        "POST",
        "application/json",
        "7",
    )
    assert message["type"] == "job.failed"
    assert message["timestamp"] == NOON.isoformat().replace("+00:00", "Z")
    assert message["data"]["job"]["state"] == "failed"
    assert message["data"]["event"]["seq"] == 7
    assert not {"progress", "workers", "environment", "callbacks"} & message["data"]["job"].keys()
