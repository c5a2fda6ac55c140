"""Cancelling a job that does all it can not to be cancelled."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.faults.server.patience import eventually
from tests.faults.server.scripts import is_alive

from headway.core.errors import ServerUnreachable
from headway.sdk.client import Client
from headway.sdk.model import JobDocument
from headway.testing.fault import Point
from headway.testing.server import ServerProcess

PROCESSES = 5
STUBBORN = """
import os, signal, sys, time
def live(name):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with open(os.path.join(sys.argv[1], name), "w") as file:
        file.write(str(os.getpid()))
    os.rename(file.name, file.name + ".pid")
    while True:
        time.sleep(60)
def child(name, *befores):
    if os.fork() == 0:
        for before in befores:
            before()
        live(name)
def orphan():
    if os.fork():
        os._exit(0)
child("forked")
child("session", os.setsid)
child("daemon", os.setsid, orphan)
child("closed", os.setsid, orphan, lambda: os.closerange(0, 3), os.environ.clear)
live("main")
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    place = tmp_path / "pids"
    place.mkdir()
    return place


@pytest.fixture
def stubborn(place: Path) -> list[str]:
    return [sys.executable, "-c", STUBBORN, str(place)]


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Callable[[float], ServerProcess]]:
    """A server with so many seconds between SIGTERM and SIGKILL; the next one over the same data has the same."""
    with ExitStack() as stack:

        def serve(grace_s: float, *fault: str) -> ServerProcess:
            arguments = ("--grace", f"{grace_s}", *fault)
            program = (sys.executable, "-m", *(("headway.testing.faults",) if fault else PLAIN))
            server = ServerProcess(tmp_path / "data", arguments=arguments, program=program)
            return stack.enter_context(server).start()

        yield serve


PLAIN = ("headway", "serve")


def running(client: Client, command: list[str], place: Path) -> str:
    job_id = client.submit(command).id
    eventually(lambda: len(list(place.glob("*.pid"))) == PROCESSES, what="all processes run")
    return job_id


def ended(client: Client, job_id: str) -> JobDocument | None:
    job = client.job(job_id)
    return job if job.state.is_final else None


def alive(place: Path) -> list[str]:
    return [each.stem for each in place.glob("*.pid") if is_alive(int(each.read_text()))]


def assert_cancelled(client: Client, job_id: str, place: Path) -> None:
    job = eventually(lambda: ended(client, job_id), what="it has ended")
    assert alive(place) == []
    assert (job.state, job.reason, job.exit_code, job.signal) == ("cancelled", "by_user", None, 9)


def test_a_job_that_ignores_sigterm_and_hides_ends_with_its_whole_tree(
    serving: Callable[..., ServerProcess], stubborn: list[str], place: Path
) -> None:
    with Client(serving(0.3).url) as client:
        job_id = running(client, stubborn, place)
        assert client.cancel(job_id).cancel is not None
        assert_cancelled(client, job_id, place)


def test_a_server_killed_between_sigterm_and_sigkill_changes_nothing(
    serving: Callable[..., ServerProcess], stubborn: list[str], place: Path
) -> None:
    server = serving(2)
    with Client(server.url) as client:
        job_id = running(client, stubborn, place)
        client.cancel(job_id)
    server.kill()
    with Client(serving(2).url) as client:
        assert_cancelled(client, job_id, place)


@pytest.mark.parametrize("point", [Point.WISH_AFTER, Point.CANCEL_BEFORE, Point.CANCEL_AFTER])
def test_a_wish_that_was_stored_is_seen_to_by_the_next_server(
    serving: Callable[..., ServerProcess], stubborn: list[str], place: Path, point: Point
) -> None:
    dying = serving(0.3, "--fault", point, "--hits", str(place / "hits"))
    with Client(dying.url) as client:
        job_id = running(client, stubborn, place)
        with pytest.raises(ServerUnreachable):
            ask_until_dead(client, job_id)
    assert dying.wait() == -9
    with Client(serving(0.3).url) as client:
        assert_cancelled(client, job_id, place)


def ask_until_dead(client: Client, job_id: str) -> None:
    """Cancel, then look on until the server is no more."""
    client.cancel(job_id)
    eventually(lambda: client.job(job_id).state.is_final, what="the server dies")
