"""The same job once more, another one like it, and many at once."""

from typing import Any

import httpx
import pytest
from tests.protocols.rest.conftest import NewToken

from headway.core.core import Core
from headway.core.model.names import JobId
from headway.core.model.principal import Scope
from headway.core.passes.observed import after_observations
from headway.testing.fakes import exited

pytestmark = pytest.mark.anyio

LARGE = {
    "command": ["sort", "-u", "big.txt"],
    "name": "sort it",
    "labels": ["campaign-3", "b"],
    "directory": "/data",
    "environment": {"LC_ALL": "C"},
    "inherit_environment": False,
    "stdin_path": "/dev/null",
    "resources": {"memory": "64G", "process_count": 16},
    "attributes": {"duration": "01:00:00", "queue_name": "long"},
    "inputs": {"n": 3},
    "extra": {"mine": True},
    "url": "https://example.org/",
}


async def made(client: httpx.AsyncClient, **body: object) -> dict[str, Any]:
    answer = await client.post("/jobs", json=body or LARGE)
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document


async def ended(client: httpx.AsyncClient, core: Core, **body: object) -> dict[str, Any]:
    """A job that ran and failed, as the pass dispatch would write it."""
    job = await made(client, **body)
    tag = (await core.store.job(JobId(job["id"]))).tag
    change = await after_observations(core, tag=tag, observations=[exited(tag, exit_code=3)])
    assert change is not None
    await core.store.write(change)
    return job


class TestRetry:
    async def test_gives_the_same_job_its_next_attempt(
        self, client: httpx.AsyncClient, core: Core
    ) -> None:
        job = await ended(client, core)
        answer = await client.post(f"/jobs/{job['number']}/retry")
        again = answer.json()
        assert answer.status_code == 202
        assert (again["id"], again["attempt"], again["state"]) == (job["id"], 2, "accepted")
        [attempt] = again["attempts"]
        assert (attempt["no"], attempt["state"], attempt["reason"], attempt["exit_code"]) == (
            1,
            "failed",
            "nonzero_exit",
            3,
        )

    async def test_of_a_job_that_goes_on_is_a_conflict(self, client: httpx.AsyncClient) -> None:
        job = await made(client)
        answer = await client.post(f"/jobs/{job['id']}/retry")
        assert answer.status_code == 409
        assert "only a job that has ended" in answer.json()["detail"]

    async def test_needs_the_scope_run(
        self,
        client: httpx.AsyncClient,
        stranger: httpx.AsyncClient,
        core: Core,
        new_token: NewToken,
    ) -> None:
        job = await ended(client, core)
        reader = {"authorization": f"Bearer {await new_token('alice', Scope.READ, Scope.REPORT)}"}
        answer = await stranger.post(f"/jobs/{job['id']}/retry", headers=reader)
        assert answer.status_code in {403, 404}


class TestClone:
    async def test_gives_a_new_job_like_the_other_one(self, client: httpx.AsyncClient) -> None:
        job = await made(client)
        answer = await client.post(f"/jobs/{job['id']}/clone")
        clone = answer.json()
        assert answer.status_code == 201
        assert answer.headers["location"].endswith(f"/jobs/{clone['id']}")
        assert clone["id"] != job["id"]
        assert clone["origin"] == {"job": job["id"], "how": "clone"}
        assert {key: clone[key] for key in _GIVEN} == {key: job[key] for key in _GIVEN}

    async def test_takes_what_is_given_in_place_of_the_original(
        self, client: httpx.AsyncClient
    ) -> None:
        job = await made(client)
        edits: dict[str, object] = {
            "name": "other",
            "resources": {"memory": 1024},
            "labels": [],
            "directory": None,
        }
        clone = (await client.post(f"/jobs/{job['id']}/clone", json=edits)).json()
        assert (clone["name"], clone["labels"], clone["directory"]) == ("other", [], None)
        assert clone["resources"] == {"memory": 1024}
        assert clone["command"] == job["command"]

    async def test_takes_other_arguments_for_the_same_program(
        self, client: httpx.AsyncClient
    ) -> None:
        job = await made(client)
        edits = {"arguments": ["-n"]}
        clone = (await client.post(f"/jobs/{job['id']}/clone", json=edits)).json()
        assert clone["command"] == ["sort", "-n"]

    async def test_of_a_job_that_only_reports_comes_with_a_token_of_its_own(
        self, client: httpx.AsyncClient
    ) -> None:
        job = await made(client, kind="report", name="outside", max_age_s=60, will_finish=True)
        clone = (await client.post(f"/jobs/{job['id']}/clone", json={})).json()
        assert (clone["kind"], clone["max_age_s"]) == ("report", 60)
        assert clone["report_token"].startswith(f"hwr_{clone['id']}_")

    async def test_with_the_same_key_makes_one_job(self, client: httpx.AsyncClient) -> None:
        job = await made(client)
        key = {"idempotency-key": "once"}
        first = await client.post(f"/jobs/{job['id']}/clone", json={}, headers=key)
        second = await client.post(f"/jobs/{job['id']}/clone", json={}, headers=key)
        assert first.json()["id"] == second.json()["id"]
        assert second.headers["idempotent-replayed"] == "true"
        other = await made(client)
        refused = await client.post(f"/jobs/{other['id']}/clone", json={}, headers=key)
        assert refused.json()["code"] == "idempotency-key-reused"

    @pytest.mark.parametrize(
        ("edits", "field"),
        [
            ({"nmae": "x"}, "nmae"),
            ({"command": []}, "command"),
            ({"command": None}, "command"),
            ({"command": ["a"], "arguments": ["b"]}, "executable"),
            ({"resources": {"memory": "4GB"}}, "resources.memory"),
            ({"cluster": "nowhere"}, "cluster"),
            ({"kind": "report", "native_id": "7", "url": "ftp://x"}, "url"),
        ],
    )
    async def test_says_which_edit_is_wrong(
        self, client: httpx.AsyncClient, edits: dict[str, object], field: str
    ) -> None:
        job = await made(client)
        answer = await client.post(f"/jobs/{job['id']}/clone", json=edits)
        assert 400 <= answer.status_code < 500
        assert answer.json()["field"] == field

    async def test_of_another_users_job_is_not_found(
        self, client: httpx.AsyncClient, stranger: httpx.AsyncClient, new_token: NewToken
    ) -> None:
        job = await made(client)
        bob = {"authorization": f"Bearer {await new_token('bob', Scope.RUN)}"}
        answer = await stranger.post(f"/jobs/{job['id']}/clone", headers=bob)
        assert answer.status_code == 404


class TestBulk:
    async def test_does_an_action_to_the_jobs_that_are_named(
        self, client: httpx.AsyncClient
    ) -> None:
        jobs = [await made(client) for _ in range(3)]
        ids = [str(jobs[0]["number"]), jobs[1]["id"]]
        answer = await client.post("/bulk", json={"action": "hide", "ids": ids})
        assert answer.json() == {
            "matched": 2,
            "done": 2,
            "failed": [],
            "ids": [jobs[0]["id"], jobs[1]["id"]],
        }
        left = (await client.get("/jobs")).json()["jobs"]
        assert [job["id"] for job in left] == [jobs[2]["id"]]

    async def test_does_an_action_to_the_jobs_that_a_query_finds(
        self, client: httpx.AsyncClient
    ) -> None:
        job = await made(client)
        await made(client, command=["true"])
        body = {"action": "label", "q": "label:campaign-3", "add": ["seen"], "remove": ["b"]}
        assert (await client.post("/bulk", json=body)).json()["ids"] == [job["id"]]
        labels = (await client.get(f"/jobs/{job['id']}")).json()["labels"]
        assert labels == ["campaign-3", "seen"]

    async def test_finds_the_parts_of_a_job_by_its_number(self, client: httpx.AsyncClient) -> None:
        parent = await made(client)
        part = await made(client, command=["true"], parent=parent["id"])
        body = {"action": "hide", "q": f"parent:{parent['number']}"}
        assert (await client.post("/bulk", json=body)).json()["ids"] == [part["id"]]

    async def test_as_a_dry_run_tells_and_does_nothing(self, client: httpx.AsyncClient) -> None:
        job = await made(client)
        body = {"action": "cancel", "q": "*", "dry_run": True}
        answer = (await client.post("/bulk", json=body)).json()
        assert (answer["matched"], answer["done"], answer["ids"]) == (1, 1, [job["id"]])
        assert (await client.get(f"/jobs/{job['id']}")).json()["cancel"] is None

    async def test_does_what_it_can_and_names_what_it_cannot(
        self, client: httpx.AsyncClient, core: Core
    ) -> None:
        job, going = await ended(client, core), await made(client)
        ids = [job["id"], going["id"], "999"]
        answer = (await client.post("/bulk", json={"action": "retry", "ids": ids})).json()
        assert (answer["matched"], answer["done"], answer["ids"]) == (2, 1, [job["id"]])
        assert [one["id"] for one in answer["failed"]] == ["999", going["id"]]
        assert "only a job that has ended" in answer["failed"][1]["detail"]

    async def test_leaves_out_what_is_as_wished_already(self, client: httpx.AsyncClient) -> None:
        job = await made(client)
        body = {"action": "hide", "ids": [job["id"]]}
        await client.post("/bulk", json=body)
        answer = (await client.post("/bulk", json=body)).json()
        assert answer == {"matched": 1, "done": 0, "failed": [], "ids": []}

    async def test_does_not_touch_what_others_have(
        self, client: httpx.AsyncClient, stranger: httpx.AsyncClient, new_token: NewToken
    ) -> None:
        job = await made(client)
        bob = {"authorization": f"Bearer {await new_token('bob', Scope.RUN)}"}
        everything = {"action": "cancel", "q": "*"}
        assert (await stranger.post("/bulk", json=everything, headers=bob)).json()["matched"] == 0
        named = {"action": "cancel", "ids": [job["id"]]}
        [failed] = (await stranger.post("/bulk", json=named, headers=bob)).json()["failed"]
        assert failed["id"] == job["id"]

    @pytest.mark.parametrize(
        "body",
        [
            {"action": "hide"},
            {"action": "hide", "ids": [], "q": ""},
            {"action": "purge", "ids": []},
            {"action": "hide", "ids": ["1"], "add": ["x"]},
            {"action": "label", "ids": ["1"]},
            {"action": "hide", "ids": ["1"] * 1001},
            {"action": "hide", "q": 'label:"open'},
        ],
    )
    async def test_refuses_what_is_not_clear(
        self, client: httpx.AsyncClient, body: dict[str, object]
    ) -> None:
        assert (await client.post("/bulk", json=body)).status_code == 400

    async def test_refuses_a_query_that_finds_more_than_a_thousand(
        self, client: httpx.AsyncClient
    ) -> None:
        for _ in range(1001):
            await client.post("/jobs", json={"kind": "report"})
        answer = await client.post("/bulk", json={"action": "hide", "q": "*"})
        assert answer.status_code == 400
        assert "more than 1,000 jobs match" in answer.json()["detail"]


async def test_an_ended_job_says_what_it_asked_for_and_what_it_used(
    client: httpx.AsyncClient,
) -> None:
    asked = {"resources": {"memory": "64G"}}
    job = await made(client, kind="report", will_finish=True, **asked)
    assert job["efficiency"] is None
    usage = {"cpu_s": 90, "wall_s": 100, "max_memory_bytes": 3 << 30}
    answer = await client.post(f"/jobs/{job['id']}/finish", json={"usage": usage})
    assert answer.json()["efficiency"] == {
        "words": "asked for 64.0 GiB, its largest process used 3.0 GiB",
        "cpu_asked": None,
        "cpu_used": 0.9,
        "memory_asked_bytes": 64 << 30,
        "memory_used_bytes": 3 << 30,
        "suggest": "Next time 3.8 GiB of memory would do.",
    }


_GIVEN = (
    "command",
    "name",
    "labels",
    "directory",
    "environment",
    "inherit_environment",
    "stdin_path",
    "resources",
    "attributes",
    "inputs",
    "extra",
    "url",
    "cluster",
    "kind",
)
