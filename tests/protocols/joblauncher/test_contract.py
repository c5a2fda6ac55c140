"""The joblauncher protocol, call by call, as its contract says."""

import json
from typing import Any

import httpx
import pytest
from tests.protocols.joblauncher.conftest import BASE

from headway.core.core import Core
from headway.core.model.change import Change
from headway.core.model.job import Attempt, Job
from headway.core.model.names import Cluster, JobId
from headway.core.model.principal import SYSTEM
from headway.core.model.spec import Spec
from headway.core.model.state import Reason, State
from headway.core.operations.annotate import hide
from headway.core.operations.submit import Submission, submit
from headway.testing.fake_files import FakeFiles

pytestmark = pytest.mark.anyio

SEED = {
    "jobdir": "/tmp/jobdir",
    "executable": "/bin/sh",
    "stderr": "stderr.txt",
    "stdout": "stdout.txt",
    "arguments": ["runme.sh"],
    "prestaged": ["runme.sh", "input.dat"],
    "poststaged": ["output.dat"],
    "status_callback_url": "http://localhost/status",
}


async def submitted(client: httpx.AsyncClient, **fields: object) -> str:
    """Submit the seed's request with other values in some fields; gives the job's path."""
    answer = await client.post("/job", json={**SEED, **fields})
    assert answer.status_code == 201, answer.text
    return answer.headers["location"].removeprefix(BASE)


async def job_at(core: Core, path: str) -> Job:
    return await core.store.job(JobId(path.rpartition("/")[2]))


async def moved(
    core: Core, path: str, state: State, reason: Reason | None = None, **fields: Any
) -> None:
    job = await job_at(core, path)
    stepped = job.moved_to(state, at=core.clock.now(), reason=reason, **fields)
    await core.store.write(Change(jobs=(stepped,)))


async def status(client: httpx.AsyncClient, path: str) -> dict[str, Any]:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["status"]
    return found


async def test_a_submit_is_answered_by_headers_alone(client: httpx.AsyncClient) -> None:
    answer = await client.post("/job", json=SEED)
    assert answer.status_code == 201
    assert answer.content == b""
    assert answer.headers["content-length"] == "0"
    assert answer.headers["content-type"] == "application/json"
    base, _, job_id = answer.headers["location"].rpartition("/")
    assert base == "http://localhost:9998/job"
    assert len(job_id) == 36


async def test_a_submit_is_durable_and_accepted_when_it_is_answered(
    client: httpx.AsyncClient, core: Core
) -> None:
    job = await job_at(core, await submitted(client))
    assert (job.state, job.protocol, job.owner) == (State.ACCEPTED, "joblauncher", "alice")
    assert job.spec.command == ("/bin/sh", "runme.sh")
    assert job.name == "jobdir"
    assert [(one.url, one.words) for one in job.callbacks] == [
        ("http://localhost/status", "joblauncher")
    ]


async def test_the_request_is_told_whole(client: httpx.AsyncClient) -> None:
    answer = await client.get(await submitted(client))
    assert answer.json()["request"] == SEED
    assert answer.headers["content-type"] == "application/json"


async def test_what_was_left_out_is_told_as_it_was_taken(client: httpx.AsyncClient) -> None:
    short = {"jobdir": "/tmp/", "executable": "/bin/true"}
    path = (await client.post("/job", json=short)).headers["location"]
    assert (await client.get(path)).json()["request"] == {
        **short,
        "arguments": [],
        "prestaged": [],
        "poststaged": [],
        "stdout": "stdout.txt",
        "stderr": "stderr.txt",
        "status_callback_url": None,
    }


async def test_a_jobs_environment_is_told_where_there_is_one(client: httpx.AsyncClient) -> None:
    path = await submitted(client, environment={"OMP_NUM_THREADS": 4})
    request = (await client.get(path)).json()["request"]
    assert request["environment"] == {"OMP_NUM_THREADS": "4"}


async def test_a_job_is_initial_until_somebody_has_seen_it(client: httpx.AsyncClient) -> None:
    assert await status(client, await submitted(client)) == {
        "state": "INITIAL",
        "exitCode": None,
        "exception": None,
        "running": False,
        "done": False,
        "schedulerSpecficInformation": None,
        "schedulerSpecificInformation": None,
    }


async def test_a_job_that_ran_and_failed_is_done_with_its_exit_code(
    client: httpx.AsyncClient, core: Core
) -> None:
    path = await submitted(client)
    await moved(core, path, State.RUNNING)
    assert (await status(client, path))["state"] == "RUNNING"
    await moved(core, path, State.FAILED, Reason.NONZERO_EXIT, exit_code=3)
    told = await status(client, path)
    assert (told["state"], told["exitCode"], told["exception"]) == ("DONE", 3, None)
    assert told["done"]


async def test_what_the_newest_attempts_scheduler_says_is_told(
    client: httpx.AsyncClient, core: Core
) -> None:
    path = await submitted(client)
    job = await job_at(core, path)
    attempts = [
        Attempt(job=job.id, no=no, cluster=Cluster("local"), native_info={"try": str(no)})
        for no in (1, 2)
    ]
    await core.store.write(Change(attempts=tuple(attempts)))
    told = await status(client, path)
    assert told["schedulerSpecficInformation"] == {"try": "2"}
    assert told["schedulerSpecificInformation"] == {"try": "2"}


async def test_a_cancel_is_durable_when_it_is_answered_and_keeps_no_outputs(
    client: httpx.AsyncClient, core: Core
) -> None:
    path = await submitted(client)
    answer = await client.delete(path)
    assert (answer.status_code, answer.content) == (204, b"")
    cancel = (await job_at(core, path)).cancel
    assert cancel is not None
    assert (cancel.by, cancel.keep_outputs) == ("alice", False)


async def test_a_cancelled_job_says_who_wanted_it(client: httpx.AsyncClient, core: Core) -> None:
    path = await submitted(client)
    await moved(core, path, State.CANCELLED, Reason.BY_USER)
    told = await status(client, path)
    assert (told["state"], told["exception"]) == ("KILLED", "Process cancelled by user.")


async def test_a_job_that_was_out_of_time_says_so(client: httpx.AsyncClient, core: Core) -> None:
    path = await submitted(client)
    await moved(core, path, State.FAILED, Reason.TIMEOUT)
    told = await status(client, path)
    assert (told["state"], told["exception"]) == ("KILLED", "Process timed out.")


async def test_to_cancel_an_ended_job_changes_nothing(
    client: httpx.AsyncClient, core: Core
) -> None:
    path = await submitted(client)
    await moved(core, path, State.SUCCEEDED, exit_code=0)
    before = await job_at(core, path)
    assert (await client.delete(path)).status_code == 204
    assert await job_at(core, path) == before


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("ref", ["00000000-0000-0000-0000-000000000000", "local-1234", "7", "%00"])
async def test_a_job_that_is_not_there_is_not_found(
    client: httpx.AsyncClient, method: str, ref: str
) -> None:
    answer = await client.request(method, f"/job/{ref}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


async def test_the_list_has_the_addresses_of_all_jobs(
    client: httpx.AsyncClient, core: Core
) -> None:
    assert (await client.get("/job")).json() == []
    paths = [await submitted(client) for _ in range(3)]
    hidden = await submitted(client)
    await hide(
        core, actor=SYSTEM, protocol="rest", job_id=(await job_at(core, hidden)).id, hidden=True
    )
    answer = await client.get("/job")
    assert answer.json() == [f"{BASE}{path}" for path in reversed(paths)]
    assert "link" not in answer.headers


async def test_a_long_list_says_where_it_goes_on(client: httpx.AsyncClient) -> None:
    paths = [await submitted(client) for _ in range(5)]
    found: list[str] = []
    address = "/job?limit=2"
    for _ in range(3):
        answer = await client.get(address)
        found += answer.json()
        if "next" in answer.links:
            address = answer.links["next"]["url"]
    assert found == [f"{BASE}{path}" for path in reversed(paths)]


async def test_a_job_of_another_protocol_is_told_too(client: httpx.AsyncClient, core: Core) -> None:
    spec = Spec(command=("/bin/echo", "hi"), directory="/data")
    made = await submit(core, actor=SYSTEM, protocol="rest", submission=Submission(spec=spec))
    request = (await client.get(f"/job/{made.job.id}")).json()["request"]
    assert (request["executable"], request["arguments"]) == ("/bin/echo", ["hi"])
    assert (request["jobdir"], request["prestaged"]) == ("/data", [])


async def test_an_answer_in_strict_mode_comes_when_the_files_are_there(
    strict_client: httpx.AsyncClient, core: Core, files: FakeFiles
) -> None:
    job = await job_at(core, await submitted(strict_client))
    assert await files.tags() == [job.tag]


async def test_a_file_that_is_not_there_is_refused_in_strict_mode(
    strict_client: httpx.AsyncClient, core: Core, files: FakeFiles
) -> None:
    del files.disk["/tmp/jobdir/input.dat"]
    answer = await strict_client.post("/job", json=SEED)
    assert (answer.status_code, answer.json()["field"]) == (422, "prestaged")
    assert "/tmp/jobdir/input.dat" in answer.json()["detail"]
    assert (await strict_client.get("/job")).json() == []


async def test_without_strict_mode_the_answer_waits_for_no_file(
    client: httpx.AsyncClient, files: FakeFiles
) -> None:
    del files.disk["/tmp/jobdir/input.dat"]
    assert (await client.post("/job", json=SEED)).status_code == 201


@pytest.mark.parametrize("name", ["jobdir", "executable"])
async def test_what_every_request_needs_is_missed_as_dropwizard_did(
    client: httpx.AsyncClient, name: str
) -> None:
    for body in ({**SEED, name: None}, {key: SEED[key] for key in SEED if key != name}):
        answer = await client.post("/job", json=body)
        assert (answer.status_code, answer.json()["field"]) == (422, name)


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b"", 400, "body"),
        (b"{", 400, "body"),
        (b"null", 400, "body"),
        (b"[]", 400, "body"),
        (b'"jobdir"', 400, "body"),
        (b"\xff\xfe", 400, "body"),
        (b'{"jobdir": "/a", "jobdir": "/b"}', 400, "jobdir"),
        (b'{"jobdir": "/a", "executable": "x", "arguments": [NaN]}', 400, "body"),
        (b'{"jobdir": "/a", "executable": "x", "arguments": [1e999]}', 400, "body"),
        (b'{"jobdir": "/a", "executable": "\\ud800"}', 400, "body"),
        (b'{"jobdir": "/a", "executable": "x", "stdout": 1}', 400, "stdout"),
        (b"[" * 5000, 413, "body"),
        (b'{"a":' * 5000, 413, "body"),
        (b'{"jobdir": "' + b"a" * 2_000_000 + b'"}', 413, "body"),
    ],
)
async def test_a_body_that_cannot_be_used_is_refused_by_name(
    client: httpx.AsyncClient, body: bytes, status: int, field: str
) -> None:
    answer = await client.post("/job", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["field"]) == (status, field)
    assert len(answer.content) < 1000


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("prestaged", ["/etc/passwd"], "prestaged"),
        ("prestaged", ["../../etc/passwd"], "prestaged"),
        ("poststaged", ["../../etc/passwd"], "poststaged"),
        ("stdout", "../../etc/passwd", "stdout"),
        ("jobdir", "/etc", "prestaged"),
        ("status_callback_url", "http://169.254.169.254/", "status_callback_url"),
    ],
)
async def test_what_the_server_does_not_allow_is_refused_by_the_name_it_has_here(
    client: httpx.AsyncClient, name: str, value: object, field: str
) -> None:
    answer = await client.post("/job", json={**SEED, name: value})
    assert (answer.status_code, answer.json()["field"]) == (400, field)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", None])
async def test_a_body_that_is_not_said_to_be_json_is_refused(
    client: httpx.AsyncClient, kind: str | None
) -> None:
    headers = {} if kind is None else {"Content-Type": kind}
    answer = await client.post("/job", content=json.dumps(SEED).encode(), headers=headers)
    assert (answer.status_code, answer.json()["field"]) == (415, "Content-Type")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/job", "GET, HEAD, POST"),
        ("DELETE", "/job", "GET, HEAD, POST"),
        ("POST", "/job/1", "GET, HEAD, DELETE"),
    ],
)
async def test_a_method_that_is_not_for_an_address_is_told_which_are(
    client: httpx.AsyncClient, method: str, path: str, allowed: str
) -> None:
    answer = await client.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


async def test_there_is_nothing_below_a_job(client: httpx.AsyncClient) -> None:
    assert (await client.get("/job/1/log")).status_code == 404


async def test_a_slash_at_the_end_does_no_harm(client: httpx.AsyncClient) -> None:
    path = await submitted(client)
    assert (await client.get(f"{path}/")).status_code == 200
    assert len((await client.get("/job/")).json()) == 1
    assert (await client.post("/job/", json=SEED)).headers["location"].startswith(f"{BASE}/job/")


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/job"), ("GET", "/job"), ("GET", "/job/1"), ("DELETE", "/job/1")]
)
async def test_a_stranger_is_told_nothing(
    stranger: httpx.AsyncClient, method: str, path: str
) -> None:
    answer = await stranger.request(method, path, json=SEED if method == "POST" else None)
    assert answer.status_code == 401


async def test_a_query_that_is_not_known_is_refused_by_name(client: httpx.AsyncClient) -> None:
    answer = await client.get("/job?limit=0")
    assert (answer.status_code, answer.json()["field"]) == (400, "limit")
    answer = await client.get("/job?state=DONE")
    assert (answer.status_code, answer.json()["field"]) == (400, "state")
