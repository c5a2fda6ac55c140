"""POST /jobs: one flat object, read strictly, explained when it cannot be used."""

import json
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.anyio
ECHO = {"command": ["/bin/echo", "hello"]}


async def submitted(client: httpx.AsyncClient, body: dict[str, Any]) -> dict[str, Any]:
    answer = await client.post("/jobs", json=body)
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document


async def test_a_job_is_answered_with_its_place_and_its_document(client: httpx.AsyncClient) -> None:
    answer = await client.post("/jobs", json=ECHO)
    document = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"http://headway.test/api/v1/jobs/{document['id']}"
    assert answer.headers["etag"].startswith('"1-')
    assert (document["number"], document["state"], document["name"]) == (1, "accepted", "echo")
    assert (await client.get(answer.headers["location"])).json() == document


async def test_a_job_that_only_reports_is_answered_with_its_report_token_once(
    client: httpx.AsyncClient,
) -> None:
    key = {"Idempotency-Key": "k"}
    answers = [await client.post("/jobs", json={"kind": "report"}, headers=key) for _ in "12"]
    first, again = (answer.json() for answer in answers)
    assert first["report_token"] == again["report_token"]
    assert first["report_token"].startswith(f"hwr_{first['id']}_")
    assert "report_token" not in (await client.get(f"/jobs/{first['id']}")).json()
    assert "report_token" not in await submitted(client, ECHO)


async def test_the_words_of_psij_are_taken(client: httpx.AsyncClient) -> None:
    document = await submitted(
        client,
        {
            "executable": "/bin/date",
            "arguments": ["-u"],
            "name": "a date",
            "directory": "/data",
            "environment": {"TZ": "UTC"},
            "inherit_environment": False,
            "stdin_path": "/dev/null",
            "resources": {"node_count": 2, "processes_per_node": 4, "exclusive_node_use": True},
            "attributes": {
                "duration": "01:30:00",
                "queue_name": "long",
                "account": "a1",
                "reservation_id": "r",
                "custom_attributes": {"slurm.constraint": "gpu"},
            },
        },
    )
    assert document["command"] == ["/bin/date", "-u"]
    assert document["environment"] == {"TZ": "UTC"}
    assert document["inherit_environment"] is False
    assert document["resources"] == {
        "node_count": 2,
        "processes_per_node": 4,
        "exclusive_node_use": True,
    }
    assert document["attributes"]["duration"] == 5400
    assert document["attributes"]["custom_attributes"] == {"slurm.constraint": "gpu"}


async def test_a_job_that_only_reports_needs_no_command(client: httpx.AsyncClient) -> None:
    document = await submitted(
        client, {"kind": "report", "name": "outside", "worker_count": 3, "max_age_s": 60}
    )
    assert (document["kind"], document["cluster"]) == ("report", None)
    assert document["workers"] == {"count": 0, "finished": 0, "not_ok": 0, "announced": 3}
    assert "stdout" not in document["links"]


async def test_what_is_yours_is_kept_as_it_is(client: httpx.AsyncClient) -> None:
    document = await submitted(
        client,
        {
            **ECHO,
            "labels": ["b", "a", "b"],
            "inputs": {"x": [1, {"y": None}]},
            "extra": {"ticket": "T-1 \u2603 \U0001f680"},
            "url": "https://example.org/a?b=c",
        },
    )
    assert document["labels"] == ["b", "a"]
    assert document["inputs"] == {"x": [1, {"y": None}]}
    assert document["extra"] == {"ticket": "T-1 \u2603 \U0001f680"}
    assert document["url"] == "https://example.org/a?b=c"


async def test_a_child_names_its_parent(client: httpx.AsyncClient) -> None:
    parent = await submitted(client, ECHO)
    child = await submitted(client, {**ECHO, "parent": parent["id"].upper()})
    assert child["parent"] == parent["id"]
    again = (await client.get(f"/jobs/{parent['number']}")).json()
    assert again["children"] == {"accepted": 1}


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({}, "command", "command is missing"),
        ({"command": []}, "command", "a list of 1 to 100000 items, not a list of 0"),
        ({"command": [""]}, "command[0]", "a program's name"),
        ({"command": "echo hi"}, "command", 'not "echo hi"'),
        ({"command": ["a", 1]}, "command[1]", "must be text, not 1"),
        ({"command": ["a\0b"]}, "command[0]", "NUL"),
        ({**ECHO, "executable": "/bin/date"}, "executable", "not both"),
        ({**ECHO, "arguments": ["-u"]}, "arguments", "not both"),
        ({"arguments": ["-u"]}, "executable", "arguments need an executable"),
        ({**ECHO, "comand": ["a"]}, "comand", "did you mean command?"),
        ({**ECHO, "resources": {"node_conut": 1}}, "resources.node_conut", "resources.node_count?"),
        ({**ECHO, "stdout_path": "/a"}, "stdout_path", "/log/stdout"),
        ({**ECHO, "zzz": 1}, "zzz", "known are after, arguments, array, attributes"),
        ({**ECHO, "kind": "script"}, "kind", 'one of command, report, function, not "script"'),
        ({**ECHO, "name": "n" * 1001}, "name", "text of at most 1000 characters"),
        ({**ECHO, "labels": ["a"] * 101}, "labels", "at most 100 items, not a list of 101"),
        ({**ECHO, "labels": ["a", "b" * 201]}, "labels[1]", "1 to 200 characters"),
        ({**ECHO, "labels": [""]}, "labels[0]", "1 to 200 characters"),
        ({**ECHO, "labels": "a"}, "labels", "a list"),
        ({**ECHO, "directory": "data"}, "directory", "an absolute path, not 'data'"),
        ({**ECHO, "stdin_path": "in.txt"}, "stdin_path", "an absolute path"),
        ({**ECHO, "environment": {"A=B": "c"}}, "environment", "has = in it"),
        ({**ECHO, "environment": {"": "c"}}, "environment", "must be text of 1 to"),
        ({**ECHO, "environment": {"A": 1}}, "environment.A", "must be text, not 1"),
        ({**ECHO, "environment": {"A": "b\0"}}, "environment.A", "NUL"),
        ({**ECHO, "environment": ["A=b"]}, "environment", "an object"),
        ({**ECHO, "resources": {"node_count": 0}}, "resources.node_count", "from 1 to"),
        ({**ECHO, "resources": {"node_count": "2"}}, "resources.node_count", 'not "2"'),
        ({**ECHO, "resources": {"node_count": 1.5}}, "resources.node_count", "a whole number"),
        ({**ECHO, "resources": {"node_count": True}}, "resources.node_count", "not true"),
        ({**ECHO, "resources": {"memory": "4GB"}}, "resources.memory", "4GiB"),
        ({**ECHO, "resources": {"memory": 0}}, "resources.memory", "from 1"),
        ({**ECHO, "resources": []}, "resources", "an object, not a list of 0"),
        ({**ECHO, "attributes": {"duration": -1}}, "attributes.duration", "above 0"),
        ({**ECHO, "attributes": {"duration": "1h"}}, "attributes.duration", "PT1H30M"),
        ({**ECHO, "attributes": {"duration": "00:00:00"}}, "attributes.duration", "above 0"),
        ({**ECHO, "attributes": {"account": ""}}, "attributes.account", "1 to 200"),
        ({**ECHO, "url": "javascript:alert(1)"}, "url", "http:// or https://"),
        ({**ECHO, "url": "http://a b"}, "url", "http:// or https://"),
        ({**ECHO, "parent": "7"}, "parent", "a job's UUID"),
        ({**ECHO, "max_age_s": 5}, "max_age_s", '"report"'),
        ({**ECHO, "will_finish": True}, "will_finish", '"report"'),
        ({**ECHO, "cluster": "moon"}, "cluster", "configured: local"),
        ({**ECHO, "inherit_environment": "no"}, "inherit_environment", "true or false"),
        ({"kind": "report", "worker_count": 0}, "worker_count", "from 1"),
        ({"kind": "report", "max_age_s": 0}, "max_age_s", "above 0"),
    ],
)
async def test_what_cannot_be_used_is_named_with_what_would_be_right(
    client: httpx.AsyncClient, body: dict[str, Any], field: str, words: str
) -> None:
    answer = await client.post("/jobs", json=body)
    problem = answer.json()
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["field"] == field
    assert words in problem["detail"]
    assert (await client.get("/jobs")).json()["jobs"] == []


@pytest.mark.parametrize(
    ("raw", "status", "words"),
    [
        (b"", 400, "empty"),
        (b"echo hi", 400, "not JSON"),
        (b"[]", 400, "the body must be an object, not a list of 0"),
        (b'"text"', 400, "the body must be an object"),
        (b'{"command":["a"],"command":["b"]}', 400, "comes twice"),
        (b'{"command":["a"],"extra":{"a":1,"a":2}}', 400, "comes twice"),
        (b'{"command":["a"],"extra":{"a":NaN}}', 400, "NaN"),
        (b'{"command":["a"],"extra":{"a":1e999}}', 400, "too large"),
        (b'{"command":["\xff"]}', 400, "UTF-8"),
        (b'{"command":["\\ud800"]}', 400, "surrogate"),
        (b'{"command":["a"],"extra":' + b'{"a":' * 40 + b"1" + b"}" * 41, 413, "deep"),
        (b'{"command":["a"],"extra":{"a":' + b"[" * 100_000, 413, "deep"),
        (b'{"command":["' + b"a" * 1_100_000 + b'"]}', 413, "at most 1048576 bytes"),
        (b'{"command":["' + b"a" * 140_000 + b'"]}', 413, "131071 bytes"),
    ],
)
async def test_a_body_that_is_no_proper_json_is_refused(
    client: httpx.AsyncClient, raw: bytes, status: int, words: str
) -> None:
    answer = await client.post("/jobs", content=raw, headers={"content-type": "application/json"})
    assert answer.status_code == status
    assert words in answer.json()["detail"]


async def test_a_form_is_no_json(client: httpx.AsyncClient) -> None:
    answer = await client.post("/jobs", data={"command": "ls"})
    assert answer.status_code == 415
    assert "application/json" in answer.json()["detail"]


async def test_a_byte_order_mark_does_no_harm(client: httpx.AsyncClient) -> None:
    raw = b"\xef\xbb\xbf" + json.dumps(ECHO).encode()
    answer = await client.post("/jobs", content=raw, headers={"content-type": "application/json"})
    assert answer.status_code == 201


async def test_a_key_in_a_text_is_no_key(client: httpx.AsyncClient) -> None:
    document = await submitted(client, {"command": ["a", '{"name": "x"}', '"name":']})
    assert document["command"][1:] == ['{"name": "x"}', '"name":']


async def test_a_parent_that_is_not_there_is_not_found(client: httpx.AsyncClient) -> None:
    nobody = "019b0000-0000-7000-8000-000000000000"
    answer = await client.post("/jobs", json={**ECHO, "parent": nobody})
    assert answer.status_code == 404
    assert nobody in answer.json()["detail"]


async def test_what_the_cluster_takes_no_notice_of_is_named(client: httpx.AsyncClient) -> None:
    asked = {"command": ["true"], "attributes": {"queue_name": "long", "duration": 60}}
    document = (await client.post("/jobs", json=asked)).json()
    assert document["unheeded"] == ["attributes.queue_name"]
    plain = (await client.post("/jobs", json={"kind": "report", **asked, "command": None})).json()
    assert plain["unheeded"] == []
