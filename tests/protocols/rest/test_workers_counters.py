"""Progress: workers, batches of reports, counters."""

from typing import Any
from urllib.parse import quote

import httpx
import pytest

from headway.core.core import Core
from headway.core.model.names import JobId
from headway.core.operations.tokens import report_token
from headway.protocols.rest.pace import Pace
from headway.testing.fakes import FakeClock

pytestmark = pytest.mark.anyio


@pytest.fixture
async def job(client: httpx.AsyncClient) -> str:
    return str((await client.post("/jobs", json={"kind": "report"})).json()["id"])


async def test_a_worker_is_answered_as_it_is_now(client: httpx.AsyncClient, job: str) -> None:
    answer = await client.put(f"/jobs/{job}/workers/w1", json={"current": 5, "total": 20})
    assert answer.status_code == 200
    assert answer.json() == {
        "id": "w1",
        "current": 5.0,
        "total": 20.0,
        "ok": True,
        "desc": "",
        "fraction": 0.25,
        "finished": False,
        "rate_per_s": None,
        "eta_s": None,
        "stalled": False,
        "first_seen": "2026-01-01T12:00:00Z",
        "updated": "2026-01-01T12:00:00Z",
        "next_report_s": 1.0,
    }
    document = (await client.get(f"/jobs/{job}")).json()
    assert (document["state"], document["progress"]) == ("running", 0.25)


@pytest.mark.parametrize(
    ("code", "state", "progress"), [(0, "succeeded", 1.0), (1, "failed", 0.25)]
)
async def test_a_job_that_succeeded_is_done_whatever_its_workers_told_last(
    client: httpx.AsyncClient, job: str, code: int, state: str, progress: float
) -> None:
    await client.put(f"/jobs/{job}/workers/w1", json={"current": 5, "total": 20})
    await client.post(f"/jobs/{job}/finish", json={"exit_code": code})
    document = (await client.get(f"/jobs/{job}")).json()
    assert (document["state"], document["progress"]) == (state, progress)
    (worker,) = (await client.get(f"/jobs/{job}/workers")).json()["workers"]
    assert worker["fraction"] == 0.25


async def test_what_is_left_out_stays_as_it_was(
    client: httpx.AsyncClient, clock: FakeClock, job: str
) -> None:
    url = f"/jobs/{job}/workers/w1"
    await client.put(url, json={"current": 0, "total": 10, "ok": False, "desc": "disk"})
    clock.advance(seconds=2)
    worker = (await client.put(url, json={"current": 4})).json()
    assert (worker["total"], worker["ok"], worker["desc"]) == (10, False, "disk")
    assert (worker["rate_per_s"], worker["eta_s"]) == (2.0, 3.0)


async def test_a_report_that_comes_late_changes_nothing(
    client: httpx.AsyncClient, clock: FakeClock, job: str
) -> None:
    url = f"/jobs/{job}/workers/w1"
    clock.advance(seconds=60)
    await client.put(url, json={"current": 9, "at": "2026-01-01T12:00:30Z"})
    late = await client.put(url, json={"current": 5, "at": "2026-01-01T13:00:10+01:00"})
    assert late.json() == {"next_report_s": 1.0}
    workers = (await client.get(f"/jobs/{job}/workers")).json()["workers"]
    assert (workers[0]["current"], workers[0]["updated"]) == (9.0, "2026-01-01T12:00:30Z")


async def test_a_clock_that_is_ahead_does_not_block_later_reports(
    client: httpx.AsyncClient, clock: FakeClock, job: str
) -> None:
    url = f"/jobs/{job}/workers/w1"
    await client.put(url, json={"current": 1, "at": 4_000_000_000.5})
    clock.advance(seconds=1)
    assert (await client.put(url, json={"current": 2})).json()["current"] == 2.0


@pytest.mark.parametrize("at", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"])
async def test_a_time_beyond_the_calendars_ends_is_taken_as_that_end(
    client: httpx.AsyncClient, job: str, at: str
) -> None:
    said = await client.put(f"/jobs/{job}/workers/w1", json={"current": 1, "at": at})
    assert said.status_code == 200, said.text


@pytest.mark.parametrize("worker", ["a/b", "a b", "\u2603", "..", "%", "a?b#c", "a//b", "w" * 1000])
async def test_a_worker_may_be_called_anything(
    client: httpx.AsyncClient, job: str, worker: str
) -> None:
    path = quote(worker, safe="").replace(".", "%2E")
    answer = await client.put(f"/jobs/{job}/workers/{path}", json={"current": 1})
    assert answer.json()["id"] == worker
    workers = (await client.get(f"/jobs/{job}/workers")).json()["workers"]
    assert [one["id"] for one in workers] == [worker]


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({}, "current", "current is missing: a number"),
        ({"current": "5"}, "current", 'a number from -1e+300 to 1e+300, not "5"'),
        ({"current": None}, "current", "not null"),
        ({"current": 1, "totl": 2}, "totl", "did you mean total?"),
        ({"current": 1, "ok": 1}, "ok", "true or false, not 1"),
        ({"current": 1, "desc": "d\0"}, "desc", "NUL"),
        ({"current": 1, "desc": "d" * 10_001}, "desc", "at most 10000"),
        ({"current": 1, "at": "noon"}, "at", "a time with its zone"),
        ({"current": 1, "at": "2026-01-01T12:00:00"}, "at", "a time with its zone"),
        ({"current": 1, "at": -1}, "at", "from 0 to"),
        ({"current": 1e301}, "current", "a number from"),
    ],
)
async def test_a_report_that_cannot_be_used_is_refused(
    client: httpx.AsyncClient, job: str, body: dict[str, Any], field: str, words: str
) -> None:
    answer = await client.put(f"/jobs/{job}/workers/w", json=body)
    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert words in answer.json()["detail"]


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "1e999"])
async def test_a_number_is_finite(client: httpx.AsyncClient, job: str, word: str) -> None:
    answer = await client.put(
        f"/jobs/{job}/workers/w",
        content=f'{{"current": {word}}}',
        headers={"content-type": "application/json"},
    )
    assert answer.status_code == 400


async def test_a_workers_name_has_a_limit(client: httpx.AsyncClient, job: str) -> None:
    answer = await client.put(f"/jobs/{job}/workers/{'w' * 1001}", json={"current": 1})
    assert (answer.status_code, answer.json()["field"]) == (400, "workid")


async def test_workers_are_listed_a_page_at_a_time(client: httpx.AsyncClient, job: str) -> None:
    body = {"workers": [{"id": f"w{no}", "current": no} for no in range(5)]}
    await client.post(f"/jobs/{job}/report", json=body)
    url, seen, cursor = f"/jobs/{job}/workers?limit=2", list[str](), None
    page = (await client.get(url)).json()
    seen += [worker["id"] for worker in page["workers"]]
    cursor = page["next"]
    page = (await client.get(url, params={"limit": 2, "cursor": cursor})).json()
    seen += [worker["id"] for worker in page["workers"]]
    assert seen == ["w0", "w1", "w2", "w3"]
    assert (await client.get(f"/jobs/{job}/workers", params={"cursor": page["next"]})).json()[
        "next"
    ] is None


async def test_a_batch_tells_everything_at_once(client: httpx.AsyncClient, job: str) -> None:
    answer = await client.post(
        f"/jobs/{job}/report",
        json={
            "workers": [
                {"id": "a", "current": 1, "total": 2},
                {"id": "b", "current": 2, "total": 2, "ok": False, "desc": "oops"},
                {"id": "a", "current": 2, "total": 2},
            ],
            "counters": {"files": 7, "mood": ["fine", "green"]},
            "status_text": "half way",
        },
    )
    assert answer.json() == {"next_report_s": 1.0}
    document = (await client.get(f"/jobs/{job}")).json()
    assert document["workers"] == {"count": 2, "finished": 2, "not_ok": 1, "announced": None}
    assert [(one["key"], one["value"]) for one in document["counters"]] == [
        ("files", 7),
        ("mood", "fine"),
    ]
    assert document["status_text"] == "half way"


async def test_a_large_batch_is_taken(client: httpx.AsyncClient, job: str) -> None:
    body = {"workers": [{"id": str(no), "current": 1, "total": 2} for no in range(2000)]}
    answer = await client.post(f"/jobs/{job}/report", json=body)
    assert answer.json() == {"next_report_s": 20.0}


async def test_a_mistake_in_a_batch_is_found(client: httpx.AsyncClient, job: str) -> None:
    body = {"workers": [{"id": "a", "current": 1}, {"id": "b"}]}
    answer = await client.post(f"/jobs/{job}/report", json=body)
    assert (answer.status_code, answer.json()["field"]) == (400, "workers[1].current")


async def test_counters_keep_their_order_and_their_colours(
    client: httpx.AsyncClient, job: str
) -> None:
    url = f"/jobs/{job}/counters"
    await client.patch(url, json={"a": 1, "b": ["x", "#3b7dd8"], "c": True})
    answer = await client.patch(url, json={"a": 2.5, "c": None, "d": ["y", None]})
    assert [(one["key"], one["value"], one["colour"]) for one in answer.json()["counters"]] == [
        ("a", 2.5, None),
        ("b", "x", "#3b7dd8"),
        ("d", "y", None),
    ]
    replaced = await client.put(url, json={"z": 0})
    assert [one["key"] for one in replaced.json()["counters"]] == ["z"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"a": {"b": 1}}, "a"),
        ({"a": [1]}, "a"),
        ({"a": [1, "red", 3]}, "a"),
        ({"a": [1, 7]}, "a[1]"),
        ({"a": [1, "red\n"]}, "a[1]"),
        ({"a": [1, "url(x)"]}, "a[1]"),
        ({"a": [[1], "red"]}, "a[0]"),
        ({"a": "v" * 10_001}, "a"),
        ({"": 1}, "body"),
        ({"k" * 201: 1}, "body"),
        ([], "body"),
    ],
)
async def test_a_counter_that_cannot_be_used_is_refused(
    client: httpx.AsyncClient, job: str, body: Any, field: str
) -> None:
    answer = await client.patch(f"/jobs/{job}/counters", json=body)
    assert (answer.status_code, answer.json()["field"]) == (400, field)


async def test_a_jobs_own_token_reports_on_it_and_on_no_other(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, core: Core, job: str
) -> None:
    other = (await client.post("/jobs", json={"kind": "report"})).json()["id"]
    token = report_token(core, await core.store.job(JobId(job)))
    stranger.headers["Authorization"] = f"Bearer {token}"
    body = {"workers": [{"id": "w", "current": 1}], "counters": {"a": 1}, "status_text": "x"}
    assert (await stranger.post(f"/jobs/{job}/report", json=body)).status_code == 200
    assert (await stranger.get(f"/jobs/{job}")).status_code == 200
    assert (await stranger.post(f"/jobs/{other}/report", json=body)).status_code == 404
    assert (await stranger.post("/jobs", json={"command": ["true"]})).status_code == 403
    assert (await stranger.post("/jobs", json={"kind": "report"})).status_code == 403
    assert [job["id"] for job in (await client.get("/jobs")).json()["jobs"]] == [other, job]


def test_a_job_makes_at_most_a_hundred_reports_a_second() -> None:
    pace, job = Pace(), JobId("j")
    assert pace.next_report_s(job, ["a"], None) == 1.0
    assert pace.next_report_s(job, ["a"], 500) == 5.0
    assert pace.next_report_s(job, map(str, range(1000)), 500) == 10.01
    assert pace.next_report_s(JobId("k"), ["a"], None) == 1.0


def test_a_job_that_was_not_heard_of_for_long_is_forgotten() -> None:
    pace = Pace()
    pace.next_report_s(JobId("old"), map(str, range(60_000)), None)
    pace.next_report_s(JobId("new"), map(str, range(60_000)), None)
    assert pace.next_report_s(JobId("old"), ["a"], None) == 1.0
    assert pace.next_report_s(JobId("new"), ["a"], None) == 600.01
