"""``headway submit --callback`` and ``headway callbacks``."""

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.cli.conftest import Headway
from tests.faults.server.patience import eventually
from typing_extensions import override

from headway import WebhookVerifier

SECRET = f"whsec_{base64.b64encode(b'k' * 32).decode()}"


class Receiver:
    """Answers 410 until it is told otherwise.

    Attributes:
        signed: whether each call was signed with the secret.
    """

    def __init__(self) -> None:
        self.status = 410
        self.signed: list[bool] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = dict(self.headers.items())
                is_signed = "webhook-signature" in headers
                if is_signed:
                    WebhookVerifier(SECRET).verify(headers, body)
                receiver.signed.append(is_signed)
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            @override
            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever)
    thread.start()
    yield receiver
    receiver.server.shutdown()
    thread.join()
    receiver.server.server_close()


@pytest.fixture
def job(headway: Headway, receiver: Receiver, tmp_path: Path) -> str:
    """A job whose receiver is gone for good."""
    secret = tmp_path / "secret"
    secret.write_text(f"{SECRET}\n")
    done = headway(
        "submit", "--callback", receiver.url, "--callback-secret", str(secret), "--", "true"
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def dead(headway: Headway, job: str) -> list[str]:
    """Give how the deliveries of a job are named that were given up."""
    listed = headway("callbacks", "list", job, "--state", "dead", "--json")
    return [f"{one['event']}/{one['callback']}" for one in json.loads(listed.stdout)["deliveries"]]


def test_what_was_given_up_is_listed_shown_told_again_and_dropped(
    headway: Headway, job: str, receiver: Receiver
) -> None:
    eventually(lambda: len(dead(headway, job)) >= 2, what="two that are dead")
    headway("wait", job)
    *_, first = dead(headway, job)
    listed = headway("callbacks", "list", job).stdout
    assert first in listed
    assert "job.accepted" in listed
    assert "410" in listed
    shown = headway("callbacks", "show", first).stdout
    assert "dead; calls so far: 1" in shown
    receiver.status = 204
    assert headway("callbacks", "replay", first).returncode == 0
    eventually(
        lambda: "delivered; calls so far: 2" in headway("callbacks", "show", first).stdout,
        what="told again",
    )
    (second, *_) = dead(headway, job)
    assert "is dropped" in headway("callbacks", "drop", second).stderr
    assert "is delivered" in headway("callbacks", "drop", first).stderr
    assert all(receiver.signed)


def test_a_list_of_nothing_says_so(headway: Headway) -> None:
    job = headway("submit", "--", "true").stdout.strip()
    listed = headway("callbacks", "list", job)
    assert listed.stdout == ""
    assert "nothing" in listed.stderr


@pytest.mark.parametrize("key", ["x", "1/", "/0", "1/x", "-1", "1/0/0"])
def test_what_names_no_callback_is_wrong_usage(headway: Headway, key: str) -> None:
    assert headway("callbacks", "show", "--", key).returncode == 2


def test_one_that_is_not_there_is_not_found(headway: Headway) -> None:
    for command in ("show", "replay", "drop"):
        assert headway("callbacks", command, "999999/0").returncode == 3


def test_a_secret_for_nobody_or_that_is_none_is_wrong_usage(
    headway: Headway, tmp_path: Path, receiver: Receiver
) -> None:
    file = tmp_path / "secret"
    file.write_text("guess")
    alone = headway("submit", "--callback-secret", str(file), "--", "true")
    assert (alone.returncode, "--callback" in alone.stderr) == (2, True)
    wrong = headway(
        "submit", "--callback", receiver.url, "--callback-secret", str(file), "--", "true"
    )
    assert (wrong.returncode, "whsec_" in wrong.stderr) == (2, True)
    absent = ("--callback-secret", str(tmp_path / "absent"), "--", "true")
    assert headway("submit", "--callback", receiver.url, *absent).returncode == 2
