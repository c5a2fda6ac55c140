"""moi's example web server over Headway: real tornado, real websockets, real functions."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.moi.application import running_application
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from headway.testing.server import ServerProcess, running_server

Info = dict[str, Any]


@pytest.fixture(scope="module")
def application(
    functions_server: ServerProcess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    with running_application(tmp_path_factory.mktemp("application"), functions_server) as url:
        yield url


@contextmanager
def browsing(application: str) -> Iterator[tuple[httpx.Client, ClientConnection]]:
    """Be a browser: with the application's cookie, and the websocket that its page opens."""
    with httpx.Client(base_url=application, timeout=60) as client:
        assert client.get("/").status_code == 200
        cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        address = application.replace("http", "ws") + "/moi-ws/"
        with connect(address, additional_headers={"Cookie": cookie}) as socket:
            yield client, socket


def hear(socket: ClientConnection) -> tuple[str, Info]:
    ((verb, info),) = json.loads(socket.recv(60)).items()
    return verb, info


def hear_until(socket: ClientConnection, status: str) -> list[tuple[str, Info]]:
    heard = [hear(socket)]
    while heard[-1][1]["status"] != status:
        heard.append(hear(socket))
    return heard


def test_a_job_of_the_example_is_told_from_its_submission_to_its_end(application: str) -> None:
    with browsing(application) as (client, socket):
        assert client.post("/", data={"jobname": "ada"}).status_code == 302
        heard = hear_until(socket, "Success")
        told = [(verb, info["status"]) for verb, info in heard if info["name"] == "ada"]
        assert told[0] == ("add", "Queued")
        assert ("update", "I'm about to say hello") in told
        last = heard[-1][1]
        assert last["result"] == "hello from ada!"
        shown = client.get(f"{last['url']}/{last['id']}").text
        assert "hello from ada!" in shown
        assert "Success" in shown


def test_a_group_of_the_example_is_told_with_its_five_jobs(application: str) -> None:
    with browsing(application) as (client, socket):
        client.post("/", data={"jobgroup": "herd"})
        ended: set[str] = set()
        parent = ""
        while len(ended) < 5:
            verb, info = hear(socket)
            if info["name"].startswith("herd-") and (verb, info["status"]) == ("update", "Success"):
                ended.add(info["id"])
                parent = info["parent"]
        socket.send(json.dumps({"get": [parent]}))
        told = [hear(socket) for _ in range(6)]
        assert {verb for verb, _ in told} == {"get"}
        assert {one["id"] for _, one in told} == ended | {parent}


def test_who_has_no_cookie_is_not_let_in(application: str) -> None:
    with (
        pytest.raises(InvalidStatus) as refused,
        connect(application.replace("http", "ws") + "/moi-ws/"),
    ):
        pass
    assert refused.value.response.status_code == 403


def test_what_is_said_that_makes_no_sense_ends_nothing(application: str) -> None:
    with browsing(application) as (_, socket):
        for nonsense in ("nonsense", "[" * 60_000, b"\xff"):
            socket.send(nonsense)
        socket.send(json.dumps({"fly": []}))
        assert "error" in json.loads(socket.recv(60))


def test_a_browser_is_told_what_it_missed_while_the_server_was_away(tmp_path: Path) -> None:
    with (
        running_server(tmp_path / "data") as server,
        running_application(tmp_path, server) as application,
        browsing(application) as (client, socket),
    ):
        client.post("/", data={"jobname": "before"})
        hear_until(socket, "Success")
        port = int(server.url.rpartition(":")[2])
        server.kill()
        server.start(port=port)
        client.post("/", data={"jobname": "after"})
        heard = hear_until(socket, "Success")
        assert {info["name"] for _, info in heard} == {"after"}
        assert heard[0][0] == "add"
