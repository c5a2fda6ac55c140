"""What can be done to a job: cancel, finish, say, label, hide."""

from typing import Any

import httpx
import pytest
from tests.protocols.rest.conftest import NewToken

from headway.core.model.principal import Scope
from headway.testing.fakes import FakeClock

pytestmark = pytest.mark.anyio


@pytest.fixture
async def command(client: httpx.AsyncClient) -> str:
    return str((await client.post("/jobs", json={"command": ["true"]})).json()["id"])


@pytest.fixture
async def report(client: httpx.AsyncClient) -> str:
    return str((await client.post("/jobs", json={"kind": "report"})).json()["id"])


async def test_a_job_is_found_by_its_id_and_by_its_number(
    client: httpx.AsyncClient, command: str
) -> None:
    by_id = await client.get(f"/jobs/{command}")
    assert by_id.status_code == 200
    assert (await client.get("/jobs/1")).json() == by_id.json()
    assert (await client.get(f"/jobs/{command.upper()}")).json() == by_id.json()


@pytest.mark.parametrize("below", ["", "/workers", "/log/stdout", "/result", "/why", "/events"])
@pytest.mark.parametrize(
    "ref",
    ["0", "2", "-1", "01", "x", "1.0", "%00", "1%00", "{}%00", "1e3", "9" * 30, "null"],
)
async def test_any_other_id_is_not_found(
    client: httpx.AsyncClient, command: str, ref: str, below: str
) -> None:
    answer = await client.get(f"/jobs/{ref.format(command)}{below}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("ref", ["%00", "1%00"])
async def test_what_has_no_such_id_is_not_changed(
    client: httpx.AsyncClient, command: str, ref: str
) -> None:
    assert (await client.post(f"/jobs/{ref}/cancel")).status_code == 404
    told = await client.put(f"/jobs/{ref}/workers/w1", json={"current": 1})
    assert told.status_code == 404
    assert (await client.get(f"/jobs/{command}")).json()["rev"] == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/jobs/1/workers/w%001"),
        ("GET", "/jobs/1/log/std%00out"),
        ("PUT", "/filters/a%00b"),
        ("GET", "/groups/a%00b"),
        ("DELETE", "/tokens/a%00b"),
    ],
)
async def test_any_other_name_with_a_nul_in_it_is_refused(
    client: httpx.AsyncClient, command: str, method: str, path: str
) -> None:
    assert command
    answer = await client.request(method, path, json={"current": 1})
    assert (answer.status_code, answer.json()["field"]) == (400, "path")


async def test_a_wish_to_cancel_is_accepted_and_shown(
    client: httpx.AsyncClient, command: str
) -> None:
    answer = await client.post(f"/jobs/{command}/cancel")
    document = answer.json()
    assert answer.status_code == 202
    assert document["state"] == "accepted"
    assert document["cancel"] == {
        "by": "alice",
        "at": "2026-01-01T12:00:00Z",
        "reason": "by_user",
        "keep_outputs": True,
    }
    assert answer.headers["etag"].startswith('"2-')


async def test_a_job_that_only_reports_is_cancelled_at_once(
    client: httpx.AsyncClient, report: str
) -> None:
    answer = await client.post(f"/jobs/{report}/cancel", json={})
    assert (answer.json()["state"], answer.json()["reason"]) == ("cancelled", "by_user")
    again = await client.post(f"/jobs/{report}/cancel")
    assert (again.status_code, again.json()) == (202, answer.json())


@pytest.mark.parametrize(
    ("body", "state", "reason"),
    [
        ({}, "succeeded", None),
        ({"exit_code": 0}, "succeeded", None),
        ({"exit_code": 3}, "failed", "nonzero_exit"),
        ({"signal": 9}, "failed", "signal"),
        ({"message": "no licence"}, "failed", "exception"),
    ],
)
async def test_a_job_that_only_reports_ends_as_it_says(
    client: httpx.AsyncClient, report: str, body: dict[str, Any], state: str, reason: str | None
) -> None:
    document = (await client.post(f"/jobs/{report}/finish", json=body)).json()
    assert (document["state"], document["reason"]) == (state, reason)
    assert document["exit_code"] == body.get("exit_code")
    assert document["ended"] == "2026-01-01T12:00:00Z"


async def test_what_a_job_used_is_kept(client: httpx.AsyncClient, report: str) -> None:
    used = {"cpu_s": 1.5, "max_memory_bytes": 4096, "wall_s": None}
    document = (await client.post(f"/jobs/{report}/finish", json={"usage": used})).json()
    assert document["usage"] == used


async def test_a_job_that_is_run_here_cannot_be_finished_by_hand(
    client: httpx.AsyncClient, command: str
) -> None:
    assert (await client.post(f"/jobs/{command}/finish", json={})).status_code == 409


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"exit_code": "0"}, "exit_code"),
        ({"signal": 0}, "signal"),
        ({"usage": {"cpu_s": -1}}, "usage.cpu_s"),
        ({"exitcode": 1}, "exitcode"),
        ({"message": "m" * 10_001}, "message"),
    ],
)
async def test_an_end_that_cannot_be_used_is_refused(
    client: httpx.AsyncClient, report: str, body: dict[str, Any], field: str
) -> None:
    answer = await client.post(f"/jobs/{report}/finish", json=body)
    assert (answer.status_code, answer.json()["field"]) == (400, field)


async def test_a_status_text_is_the_jobs_own_words(client: httpx.AsyncClient, report: str) -> None:
    answer = await client.put(f"/jobs/{report}/status-text", json={"text": "phase 2 \u2603"})
    assert (answer.json()["status_text"], answer.json()["rev"]) == ("phase 2 \u2603", 2)
    refused = await client.put(f"/jobs/{report}/status-text", json={})
    assert (refused.status_code, refused.json()["field"]) == (400, "text")


async def test_labels_come_and_go(client: httpx.AsyncClient, command: str) -> None:
    url = f"/jobs/{command}/labels"
    first = await client.patch(url, json={"add": ["a", "b", "a"]})
    assert first.json()["labels"] == ["a", "b"]
    second = await client.patch(url, json={"add": ["c"], "remove": ["a", "z"]})
    assert second.json()["labels"] == ["b", "c"]


async def test_events_tell_what_happened_a_page_at_a_time(
    client: httpx.AsyncClient, clock: FakeClock, report: str
) -> None:
    await client.put(f"/jobs/{report}/status-text", json={"text": "x"})
    clock.advance(seconds=1)
    await client.post(f"/jobs/{report}/finish", json={})
    url = f"/jobs/{report}/events"
    first = (await client.get(f"{url}?limit=1")).json()
    assert [event["type"] for event in first["events"]] == ["job.accepted"]
    rest = (await client.get(url, params={"after": first["next"]})).json()
    assert [event["type"] for event in rest["events"]][-1] == "job.succeeded"
    assert rest["next"] is None
    assert rest["events"][-1]["time"] == "2026-01-01T12:00:01Z"


async def test_a_reader_may_not_change_anything(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, new_token: NewToken
) -> None:
    stranger.headers["Authorization"] = f"Bearer {await new_token('bob', Scope.READ)}"
    answer = await stranger.post("/jobs", json={"command": ["true"]})
    assert answer.status_code == 403
    assert "scope run" in answer.json()["detail"]


async def test_who_is_not_known_is_asked_for_a_token(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/jobs")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
