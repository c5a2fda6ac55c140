"""Saying why a job waits."""

import subprocess
import sys
import threading
from collections.abc import Mapping

import pytest
from tests.cli.conftest import Headway
from tests.processes import ending

from headway.cli.waits import tell_waits, waits_told
from headway.core.errors import ServerUnreachable
from headway.sdk.client import Client
from headway.sdk.model import Why

ROOM = "It waits for room on the cluster local."
HELD = "It is held in the queue until somebody releases it."
AWAY = "The cluster slurm does not answer; it is sent there as soon as it does."


def why(state: str, headline: str, reason: str | None = None) -> Why:
    return Why(id="5", number=5, state=state, headline=headline, reason=reason)


def told(capfd: pytest.CaptureFixture[str], *answers: Why | None) -> list[str]:
    """Give what is said when a server answers so; None is no answer. All waiting is over at once."""
    left = list(answers)

    def ask() -> Why:
        answer = left.pop(0)
        if answer is None:
            raise ServerUnreachable("no answer")
        return answer

    tell_waits(ask, lambda _pause_s: not left and bool(answers) and answers[-1] is None)
    assert not left
    return capfd.readouterr().err.splitlines()


def test_each_reason_is_told_once(capfd: pytest.CaptureFixture[str]) -> None:
    waiting = why("accepted", ROOM)
    away = why("accepted", AWAY, "executor_down")
    held = why("queued", HELD, "held")
    assert told(
        capfd, waiting, waiting, away, None, held, held, why("running", "It is running.")
    ) == [
        "headway: job 5 waits for room on the cluster local.",
        f"headway: job 5 is accepted: {AWAY}",
        "headway: job 5 is held in the queue until somebody releases it.",
    ]


def test_of_a_job_that_runs_nothing_is_said(capfd: pytest.CaptureFixture[str]) -> None:
    assert told(capfd, why("running", "It is running.")) == []


@pytest.mark.parametrize("quiet", [True, False])
def test_with_quiet_nobody_asks(quiet: bool) -> None:
    before = set(threading.enumerate())
    with Client("http://127.0.0.1:1") as client, waits_told(client, "5", quiet=quiet):
        assert bool(set(threading.enumerate()) - before) is not quiet


@pytest.mark.parametrize("command", [["submit", "--block"], ["submit", "--follow"], ["wait"]])
def test_who_waits_for_a_job_that_waits_is_told_why(
    headway: Headway, user: Mapping[str, str], command: list[str]
) -> None:
    first = headway("submit", "--", "sleep", "600").stdout.strip()
    after = ["--after", first, "--", "true"]
    if command == ["wait"]:
        words = ["wait", headway("submit", *after).stdout.strip()]
    else:
        words = [*command, *after]
    process = subprocess.Popen(
        [sys.executable, "-m", "headway", *words],
        env=dict(user),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    with ending(process):
        assert process.stderr is not None
        said = next(line for line in process.stderr if "waits" in line)
        headway("kill", first)
    assert said.endswith(" waits for another job to end.\n")
