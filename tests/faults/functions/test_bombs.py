"""Pickles that run a command when they are opened, wherever a server takes bytes or text: it opens none."""

import base64
import hashlib
import hmac
import json
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final
from urllib.parse import quote

import cloudpickle
import httpx
import pytest
from tests.faults.functions import watched as bombs
from tests.faults.functions.watched import Bomb, Watched, watched_server
from tests.faults.server.patience import eventually
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from headway.functions import FunctionsExecutor
from headway.functions.unread import Unread

_METHODS: Final = ("get", "put", "post", "delete", "patch")
_TYPES: Final = (
    "application/json",
    "application/octet-stream",
    "application/vnd.python.pickle",
    "application/x-python-serialize",
)
#: These do not end.
_STREAMS: Final = {"watch", "watchFunctions"}


@pytest.fixture(autouse=True)
def travelling() -> Iterator[None]:
    """Have bombs travel whole: workers have no tests to import them from."""
    cloudpickle.register_pickle_by_value(bombs)
    yield
    cloudpickle.unregister_pickle_by_value(bombs)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """Give a server that this module's tests share."""
    with watched_server(tmp_path_factory.mktemp("bombs")) as watched:
        yield watched


def test_what_is_watched_for_is_seen(watched: Watched) -> None:
    script = f"import pickle; pickle.loads({watched.bomb!r})"
    inherited = dict(os.environ)  # noqa: TID251 -- a test's own
    ran = subprocess.Popen([sys.executable, "-c", script], env={**inherited, **watched.environment})
    ran.wait()
    kinds = {seen.what for seen in watched.seen() if seen.pid == ran.pid}
    assert kinds >= {"pickle.find_class", "os.system"}
    assert watched.went_off.read_text().split() == [str(ran.pid)]
    watched.went_off.unlink()


def test_no_field_query_header_or_body_of_any_route_is_opened(watched: Watched) -> None:
    document = watched.ask("GET", "/openapi.json").json()
    answers = 0
    with httpx.Client(base_url=f"{watched.server.url}/api/v1", timeout=60) as client:
        for path, item in document["paths"].items():
            for method in set(item) & set(_METHODS):
                operation = item[method]
                if operation["operationId"] in _STREAMS:
                    continue
                for request in requests_of(document, path, operation, watched):
                    assert client.request(method, **request).status_code < 500
                    answers += 1
    assert answers > 300
    assert_quiet(watched)


def requests_of(
    document: Mapping[str, Any], path: str, operation: Mapping[str, Any], watched: Watched
) -> Iterator[dict[str, Any]]:
    """Make requests that have a bomb in each place that an operation knows of."""
    parameters = [resolved(document, each) for each in operation.get("parameters", [])]
    for each in parameters:
        if each["in"] == "path":
            path = path.replace("{" + each["name"] + "}", quote(watched.text, safe=""))
    told = {
        "url": path,
        "params": {each["name"]: watched.text for each in parameters if each["in"] == "query"},
        "headers": {
            each["name"]: base64.b64encode(watched.bomb).decode()
            for each in parameters
            if each["in"] == "header"
        },
    }
    yield told
    body = operation.get("requestBody")
    if body is None:
        return
    for kind in _TYPES:
        yield {**told, "content": watched.bomb, "headers": {"content-type": kind}}
    schema = next(iter(resolved(document, body)["content"].values()))["schema"]
    names = properties(document, schema)
    for payload in (watched.text, base64.b64encode(watched.bomb).decode()):
        yield {"url": path, "json": dict.fromkeys(names, payload)}
    for name in names:
        yield {"url": path, "json": {**_LEAST, name: watched.text}}
        yield {"url": path, "json": {**_LEAST, name: {watched.text: [watched.text]}}}


#: What a job is submitted with, so that other fields are looked at.
_LEAST: Final = {"command": ["true"]}


def resolved(document: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a reference."""
    while "$ref" in part:
        found: Any = document
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        part = found
    return part


def properties(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Sequence[str]:
    """Give the names of a body's fields."""
    schema = resolved(document, schema)
    names = list(schema.get("properties", {}))
    for word in ("anyOf", "oneOf", "allOf"):
        for one in schema.get(word, ()):
            names += properties(document, one)
    return names


def test_what_is_stored_of_a_job_is_not_opened_when_it_runs_and_is_shown(watched: Watched) -> None:
    bomb, text = watched.bomb, watched.text
    encoded = base64.b64encode(bomb).decode()
    group = watched.ask("POST", "/groups", json={"name": encoded}).json()["id"]
    made = watched.ask(
        "POST",
        "/jobs",
        json={
            "command": ["/bin/echo", text],
            "name": encoded,
            "labels": [text.replace("\n", " ")],
            "environment": {"BOMB": text},
            "inputs": {text: text},
            "extra": {text: [text]},
            "groups": [group],
        },
        headers={"Idempotency-Key": encoded},
    )
    assert made.status_code == 201, made.text
    job = made.json()["id"]
    watched.ask("PUT", f"/jobs/{job}/status-text", json={"text": text})
    watched.ask("PATCH", f"/jobs/{job}/counters", json={"bomb": text})
    watched.ask("PUT", f"/jobs/{job}/attempts/1/outcome", content=bomb)
    watched.ask("PUT", f"/jobs/{job}/attempts/1/claim", json={"worker": text})
    (watched.server.data / "spool" / "bomb").write_bytes(bomb + b"\n" + json.dumps(text).encode())
    ended(watched, job)
    for path in ("", "/events", "/log/stdout", "/result", "/workers"):
        assert watched.ask("GET", f"/jobs/{job}{path}").status_code < 500
    assert_quiet(watched)


def test_what_a_function_is_and_gives_back_is_opened_by_its_worker_only(watched: Watched) -> None:
    class Returned:
        def __init__(self, data: bytes) -> None:
            self.data = data

        def __reduce__(self) -> tuple[Any, ...]:  # type: ignore[explicit-override]
            return pickle.loads, (self.data,)

    def prints(data: bytes) -> None:
        os.write(1, data)
        os.write(2, data)
        raise ValueError(data, Returned(data))

    given = run(watched, pickle.dumps((Bomb(watched.went_off), (), {})))
    assert given["state"] == "failed"
    workers = set(map(int, watched.went_off.read_text().split()))
    assert watched.server.pid not in workers
    assert {seen.pid for seen in watched.seen() if seen.what == "pickle.find_class"} >= workers
    watched.went_off.unlink()
    back = run(watched, cloudpickle.dumps((Returned, (watched.bomb,), {})))
    failed = run(watched, cloudpickle.dumps((prints, (watched.bomb,), {})))
    lines = [{"source": f"return {watched.bomb!r}"}, {"shell": f"echo '{watched.text}'"}]
    others = [run_function(watched, each) for each in lines]
    for job in (back, failed, *others):
        for path in ("", "/result", "/log/stdout", "/log/stderr"):
            assert watched.ask("GET", f"/jobs/{job['id']}{path}").status_code in {200, 404}
    assert watched.ask("GET", f"/jobs/{back['id']}/result").content.endswith(b".")
    assert_quiet(watched)


def test_a_journal_that_somebody_wrote_pickles_into_is_not_opened(watched: Watched) -> None:
    run_function(watched, {"source": "return 1"})
    for journal in watched.server.data.glob("clusters/functions/workers/*/journal.*"):
        with journal.open("ab") as file:
            file.write(watched.bomb)
    port = int(watched.server.url.rpartition(":")[2])
    watched.server.kill()
    watched.server.start(port=port)
    assert run_function(watched, {"source": "return 2"})["result"] == 2
    assert_quiet(watched)


def test_what_is_said_on_the_websocket_of_moi_is_not_opened(watched: Watched) -> None:
    address = watched.server.url.replace("http", "ws", 1) + "/moi-ws/"
    bomb, text = watched.bomb, watched.text
    words: list[str | bytes] = [bomb, text, json.dumps(text), json.dumps({text: text})]
    for verb in ("get", "add", "remove", "close"):
        words += [json.dumps({verb: value}) for value in (text, [text], {text: text})]
    for word in words:
        with connect(address) as socket, suppress(ConnectionClosed):  # some of them end it
            socket.send(word)
            socket.send(json.dumps({"get": []}))
            socket.ping().wait(10)
    paths = ("info?id=", "nodes?id=", "users/")
    with httpx.Client(base_url=f"{watched.server.url}/moi-ws", timeout=60) as client:
        for path in paths:
            assert client.get(f"/{path}{quote(text, safe='')}").status_code < 500
        for path in ("users", "groups"):
            assert client.post(f"/{path}", content=bomb).status_code < 500
            assert client.post(f"/{path}", json={"user": text, "name": text}).status_code < 500
    assert_quiet(watched)


def test_commands_that_show_what_others_made_open_nothing(watched: Watched) -> None:
    job = run(watched, cloudpickle.dumps((Bomb, (watched.went_off,), {})))
    assert "$opaque" in job["result"]
    commands = (["job", job["id"]], ["jobs", "--json"], ["moi", "job", "--job-id", job["id"]])
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("HEADWAY_")}  # noqa: TID251
    for command in commands:
        ran = subprocess.Popen(
            [sys.executable, "-m", "headway", *command],
            env={**inherited, **watched.environment, **watched.server.environment},
            stdout=subprocess.DEVNULL,
        )
        assert ran.wait() == 0
        assert [each for each in watched.seen() if each.pid == ran.pid] == []
    assert_quiet(watched)


def test_another_users_result_is_opened_only_when_that_is_asked_for(watched: Watched) -> None:
    made = watched.ask("POST", "/tokens", json={"user": "mallory", "scopes": ["run", "read"]})
    url = watched.server.url
    with FunctionsExecutor(url=url, token=made.json()["token"]) as theirs:
        job = theirs.submit(Bomb, watched.went_off).job_id
        ended(watched, job)
    assert not watched.went_off.exists()
    with FunctionsExecutor(url=url) as own:
        found = own.future(job).result(timeout_s=60)
        assert isinstance(found, Unread)
        mine = own.submit(complex, 2)
        again = own.future(mine.job_id)
        assert (mine.result(timeout_s=60), again.result(timeout_s=60)) == (complex(2), complex(2))
        assert not watched.went_off.exists()
        assert own.future(job, unpickle=True).result(timeout_s=60) == 0
    assert watched.went_off.read_text().split() == [str(os.getpid())]
    watched.went_off.unlink()
    assert_quiet(watched)


def run(watched: Watched, pickled: bytes, **fields: str) -> dict[str, Any]:
    """Run a signed function to its end; gives its document."""
    key = watched.ask("GET", "/functions/key").json()["key"]
    signature = hmac.new(key.encode(), pickled, hashlib.sha256).hexdigest()
    encoded = base64.b64encode(pickled).decode()
    return run_function(watched, {"pickled": encoded, "signature": signature}, **fields)


def run_function(watched: Watched, function: Mapping[str, str], **fields: str) -> dict[str, Any]:
    """Run a function to its end; gives its document."""
    spec = {"kind": "function", "function": function, **fields}
    made = watched.ask("POST", "/jobs", json=spec)
    assert made.status_code == 201, made.text
    return ended(watched, made.json()["id"])


def ended(watched: Watched, job: str) -> dict[str, Any]:
    """Wait for a job's end; gives its document."""

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = watched.ask("GET", f"/jobs/{job}").json()
        return found if found["ended"] else None

    return eventually(look, what=f"{job} ends")


def assert_quiet(watched: Watched) -> None:
    """See that nothing went off, and that the server did nothing by which it would have."""
    assert watched.of_server() == []
    assert not watched.went_off.exists()
