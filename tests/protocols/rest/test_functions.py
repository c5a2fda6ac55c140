"""Functions over the native protocol: what they are signed with, what is refused, and what they gave back."""

import base64
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import msgspec
import pytest

from headway.core.core import Core
from headway.core.model.job import JobError, Kind
from headway.core.model.names import JobId, Tag
from headway.core.model.principal import Scope
from headway.core.model.result import PICKLE, Returned
from headway.core.model.state import Reason, State
from headway.core.operations.functions import signature_of
from headway.core.passes.observed import after_observations
from headway.core.ports.executor import Observation
from headway.testing.fakes import NOON, FakeExecutor

pytestmark = pytest.mark.anyio

BOMB = b"cposix\nsystem\n(S'echo ran'\ntR."
NewToken = Callable[..., Awaitable[str]]


@pytest.fixture(autouse=True)
def functions(executor: FakeExecutor) -> None:
    executor.kinds.add(Kind.FUNCTION)


async def key_of(client: httpx.AsyncClient, **headers: str) -> str:
    answer = await client.get("/functions/key", headers=headers)
    assert answer.status_code == 200, answer.text
    key: str = answer.json()["key"]
    return key


def pickled(data: bytes, key: str) -> dict[str, Any]:
    return {
        "pickled": base64.b64encode(data).decode(),
        "signature": signature_of(data, key=key),
    }


async def ends(core: Core, job_id: str, **fields: Any) -> None:
    """Have a job end as its executor says."""
    state = fields.pop("state", State.SUCCEEDED)
    seen = Observation(tag=Tag(f"{job_id}.1"), state=state, at=NOON, **fields)
    change = await after_observations(core, tag=seen.tag, observations=[seen])
    assert change is not None
    await core.store.write(change)


async def test_a_signed_function_is_a_job_that_does_not_show_its_bytes(
    client: httpx.AsyncClient, core: Core
) -> None:
    function = pickled(BOMB, await key_of(client)) | {"rerun": 2}
    answer = await client.post("/jobs", json={"function": function, "name": "bomb"})
    document = answer.json()
    assert answer.status_code == 201, answer.text
    assert (document["kind"], document["command"]) == ("function", [])
    assert document["function"] == {
        "pickled_bytes": len(BOMB),
        "source": "",
        "shell": "",
        "rerun": 2,
    }
    stored = (await core.store.job(JobId(document["id"]))).spec.function
    assert stored is not None
    assert stored.pickled == BOMB


@pytest.mark.parametrize(
    ("function", "name"), [({"source": "return 1\n"}, "return 1"), ({"shell": "ls -l"}, "ls -l")]
)
async def test_lines_need_no_signature_and_name_their_job(
    client: httpx.AsyncClient, function: dict[str, Any], name: str
) -> None:
    answer = await client.post("/jobs", json={"kind": "function", "function": function})
    assert (answer.status_code, answer.json()["name"]) == (201, name)


@pytest.mark.parametrize("is_pickled", [True, False])
async def test_a_function_is_cloned_with_all_of_it_but_where_it_was_submitted_into(
    client: httpx.AsyncClient, core: Core, *, is_pickled: bool
) -> None:
    group = (await client.post("/groups", json={"name": "nightly"})).json()["id"]
    signed = pickled(BOMB, await key_of(client))
    function = (signed if is_pickled else {"source": "return 1"}) | {"rerun": 2}
    made = await client.post("/jobs", json={"function": function, "groups": [group]})
    clone = await client.post(f"/jobs/{made.json()['id']}/clone", json={"name": "again"})
    assert (clone.status_code, clone.json()["name"]) == (201, "again"), clone.text
    first, second = [
        (await core.store.job(JobId(answer.json()["id"]))).spec.function for answer in (made, clone)
    ]
    assert first is not None
    assert (first.within, second) == (group, msgspec.structs.replace(first, within=""))


async def test_the_key_is_each_users_own(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, new_token: NewToken
) -> None:
    ada = {"Authorization": f"Bearer {await new_token('ada', Scope.RUN)}"}
    bob = {"Authorization": f"Bearer {await new_token('bob', Scope.RUN)}"}
    keys = [
        await key_of(client),
        await key_of(stranger, **ada),
        await key_of(stranger, **bob),
        await key_of(stranger, **ada),
    ]
    assert (len(set(keys)), keys[1]) == (3, keys[3])
    stolen = {"function": pickled(BOMB, keys[1])}
    assert (await stranger.post("/jobs", json=stolen, headers=ada)).status_code == 201
    refused = await stranger.post("/jobs", json=stolen, headers=bob)
    assert (refused.status_code, "signature" in refused.json()["detail"]) == (403, True)
    assert (await stranger.post("/jobs", json=stolen)).status_code == 401


async def test_who_may_not_run_jobs_gets_no_key(
    stranger: httpx.AsyncClient, client: httpx.AsyncClient, new_token: NewToken
) -> None:
    reads = {"Authorization": f"Bearer {await new_token('ada', Scope.READ)}"}
    assert (await stranger.get("/functions/key", headers=reads)).status_code == 403
    assert (await stranger.get("/functions/key")).status_code == 401
    report = (await client.post("/jobs", json={"kind": "report"})).json()["report_token"]
    of_a_job = {"Authorization": f"Bearer {report}"}
    assert (await stranger.get("/functions/key", headers=of_a_job)).status_code == 403


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"kind": "function"}, 400, "function"),
        ({"function": {}}, 400, "function"),
        ({"function": {"source": "1", "shell": "2"}}, 400, "function"),
        ({"function": {"source": "1"}, "kind": "report"}, 400, "function"),
        ({"function": {"source": "1"}, "command": ["true"]}, 400, "command"),
        ({"function": {"source": "1"}, "stdin_path": "/dev/null"}, 400, "stdin_path"),
        ({"function": {"source": "1"}, "array": {"indices": "0-1"}}, 400, "array"),
        ({"function": {"shell": "1", "rerun": -1}}, 400, "function.rerun"),
        ({"function": {"shell": "1", "other": 1}}, 400, "function.other"),
        ({"function": {"pickled": "gASVAA==", "signature": "00"}}, 403, None),
        ({"function": {"pickled": "gASVAA=="}}, 403, None),
        ({"function": {"pickled": "not base64!"}}, 400, "function.pickled"),
        ({"function": {"source": "x" * 1_100_000}}, 400, "function.source"),
    ],
)
async def test_what_is_no_function_is_refused_by_its_field(
    client: httpx.AsyncClient, body: dict[str, Any], status: int, field: str | None
) -> None:
    answer = await client.post("/jobs", json=body)
    assert (answer.status_code, answer.json().get("field")) == (status, field), answer.text
    assert (await client.get("/jobs")).json()["jobs"] == []


async def test_a_cluster_that_runs_no_functions_says_so(
    client: httpx.AsyncClient, executor: FakeExecutor
) -> None:
    executor.kinds = {Kind.COMMAND}
    answer = await client.post("/jobs", json={"function": {"source": "1"}})
    assert (answer.status_code, answer.json()["field"]) == (400, "cluster")


async def test_data_may_be_long_and_all_else_as_long_as_ever(client: httpx.AsyncClient) -> None:
    key = await key_of(client)
    long = pickled(bytes(3 << 20), key)
    assert (await client.post("/jobs", json={"function": long})).status_code == 201
    with_extra = {"function": long, "extra": {"x": "y" * (1 << 20)}}
    assert (await client.post("/jobs", json=with_extra)).status_code == 413
    longer = pickled(bytes((8 << 20) + 1), key)
    answer = await client.post("/jobs", json={"function": longer})
    assert (answer.status_code, answer.json()["field"]) == (400, "function.pickled")


async def test_a_short_result_is_in_the_document_and_by_itself(
    client: httpx.AsyncClient, core: Core
) -> None:
    job = (await client.post("/jobs", json={"function": {"source": "1"}})).json()
    address = f"/jobs/{job['id']}/result"
    assert (await client.get(address)).status_code == 404
    await ends(core, job["id"], exit_code=0, result=Returned(data=b'{"a":[1,null]}'))
    assert (await client.get(f"/jobs/{job['id']}")).json()["result"] == {"a": [1, None]}
    answer = await client.get(address)
    assert (answer.json(), answer.headers["content-type"]) == (
        {"a": [1, None]},
        "application/json",
    )


async def test_a_pickle_comes_back_as_it_is(client: httpx.AsyncClient, core: Core) -> None:
    job = (await client.post("/jobs", json={"function": {"source": "1"}})).json()
    await ends(core, job["id"], result=Returned(data=BOMB, media_type=PICKLE, type="numpy.ndarray"))
    assert (await client.get(f"/jobs/{job['id']}")).json()["result"] == {
        "$opaque": {"media_type": PICKLE, "type": "numpy.ndarray", "bytes": len(BOMB)}
    }
    answer = await client.get(f"/jobs/{job['number']}/result")
    assert (answer.content, answer.headers["content-type"]) == (BOMB, PICKLE)
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_what_a_function_raised_is_told_with_its_traceback(
    client: httpx.AsyncClient, core: Core
) -> None:
    job = (await client.post("/jobs", json={"function": {"source": "1"}})).json()
    error = JobError(type="KeyError", message="'a'", traceback="Traceback …\nKeyError: 'a'")
    await ends(core, job["id"], state=State.FAILED, reason=Reason.NONZERO_EXIT, error=error)
    document = (await client.get(f"/jobs/{job['id']}")).json()
    assert document["error"]["traceback"] == error.traceback
    assert (await client.get(f"/jobs/{job['id']}/result")).status_code == 404


async def test_many_jobs_are_stored_in_their_order_or_not_at_all(
    client: httpx.AsyncClient,
) -> None:
    jobs = [{"function": {"source": f"return {n}"}} for n in range(5)]
    answer = await client.post("/jobs/many", json={"jobs": jobs})
    assert answer.status_code == 201, answer.text
    made = answer.json()["jobs"]
    assert [(job["number"], job["name"]) for job in made] == [
        (n + 1, f"return {n}") for n in range(5)
    ]
    bad = [*jobs, {"function": {"source": "1", "shell": "1"}}]
    refused = await client.post("/jobs/many", json={"jobs": bad})
    assert (refused.status_code, refused.json()["field"]) == (400, "jobs[5].function")
    assert len((await client.get("/jobs")).json()["jobs"]) == 5


@pytest.mark.parametrize(
    ("jobs", "field"),
    [
        ([], "jobs"),
        ([{"command": ["true"]}] * 1001, "jobs"),
        ([{"command": ["true"], "array": {"indices": "0-1"}}], "jobs[0].array"),
        ([{"command": ["true"]}, {"command": ["true"], "sandbox": {}}], "jobs[1].sandbox"),
        ([{"command": ["true"]}, {"command": []}], "jobs[1].command"),
        ([{"command": ["true"], "url": "x"}], "jobs[0].url"),
    ],
)
async def test_many_that_cannot_be_stored_together_are_refused_by_place(
    client: httpx.AsyncClient, jobs: list[dict[str, Any]], field: str
) -> None:
    answer = await client.post("/jobs/many", json={"jobs": jobs})
    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert (await client.get("/jobs")).json()["jobs"] == []


async def test_many_sent_twice_with_one_key_are_made_once(client: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "a-map"}
    body = {"jobs": [{"command": ["true"]}, {"kind": "report"}]}
    answers = [await client.post("/jobs/many", json=body, headers=key) for _ in "12"]
    first, again = (answer.json()["jobs"] for answer in answers)
    assert [job["id"] for job in first] == [job["id"] for job in again]
    other = {"jobs": [{"command": ["false"]}]}
    assert (await client.post("/jobs/many", json=other, headers=key)).status_code == 422


async def test_who_may_only_report_submits_no_many(
    stranger: httpx.AsyncClient, new_token: NewToken
) -> None:
    reports = {"Authorization": f"Bearer {await new_token('ada', Scope.REPORT)}"}
    some = {"jobs": [{"kind": "report"}, {"command": ["true"]}]}
    assert (await stranger.post("/jobs/many", json=some, headers=reports)).status_code == 403
