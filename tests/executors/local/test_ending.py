"""Ending jobs: the whole tree, politely first, and no last word before it is gone."""

import signal

import pytest
from tests.executors.local.rig import Rig

from headway.core.model.names import Tag
from headway.core.model.state import Reason, State
from headway.executors.local import process

pytestmark = pytest.mark.anyio

#: A tree of which no process is killed with its parent, its group or its session, nor by SIGTERM. Each says its pid.
STUBBORN = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGHUP, signal.SIG_IGN)
def say(): os.write(1, b"%d\\n" % os.getpid())
def stay():
    say()
    while True: time.sleep(60)
if os.fork() == 0: stay()                       # a child
if os.fork() == 0: os.setsid(); stay()          # a session of its own
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0: stay()                   # a daemon: its parents end at once
    os._exit(0)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0: os.execve(sys.executable, [sys.executable, "-c", "import os,signal,time; os.write(1, b'%d\\\\n' % os.getpid()); time.sleep(600)"], {})
    os._exit(0)
"""
PIDS = 5


async def stubborn(rig: Rig, then: str) -> tuple[Tag, list[int]]:
    tag = await rig.submit(rig.launch("python3", "-c", STUBBORN + then))
    return tag, [int(line) for line in await rig.lines(tag, PIDS)]


@pytest.fixture
async def impatient(rig: Rig) -> Rig:
    rig.grace_s = 0.3
    await rig.start()
    return rig


async def test_a_cancelled_job_ends_by_sigterm(rig: Rig) -> None:
    tag = await rig.submit(rig.launch("sleep", "60"))
    await rig.cancel(tag)
    end = await rig.until(tag, "final")
    assert (end.state, end.reason, end.signal) == (State.CANCELLED, Reason.BY_USER, signal.SIGTERM)


async def test_a_job_that_ignores_sigterm_is_killed_after_the_grace(impatient: Rig) -> None:
    tag = await impatient.submit(impatient.launch("sh", "-c", "trap '' TERM; echo; sleep 60"))
    await impatient.lines(tag, 1)
    await impatient.cancel(tag)
    end = await impatient.until(tag, "final")
    assert (end.state, end.signal) == (State.CANCELLED, signal.SIGKILL)
    assert ((end.usage and end.usage.wall_s) or 0) >= 0.3


async def test_a_job_has_the_grace_to_tidy_up(rig: Rig) -> None:
    script = "trap 'echo tidy; exit 4' TERM; echo; while :; do sleep 0.01; done"
    tag = await rig.submit(rig.launch("sh", "-c", script))
    await rig.lines(tag, 1)
    await rig.cancel(tag)
    end = await rig.until(tag, "final")
    assert (end.state, end.exit_code) == (State.CANCELLED, 4)
    assert (await rig.output(tag)).endswith(b"tidy\n")


async def test_a_tree_that_forks_ignores_sigterm_and_calls_setsid_is_gone_before_the_end(
    impatient: Rig,
) -> None:
    tag, pids = await stubborn(impatient, "stay()")
    await impatient.cancel(tag)
    end = await impatient.until(tag, "final")
    assert [pid for pid in pids if process.is_alive(pid)] == []
    assert end.state is State.CANCELLED


async def test_what_a_job_leaves_behind_goes_before_its_end_which_stays_its_own(
    impatient: Rig,
) -> None:
    waits = "os.mkfifo('gate'); say(); open('gate').read(); os._exit(3)"
    tag, pids = await stubborn(impatient, waits)
    next(impatient.data.glob("jobs/*/*/gate")).write_text("go\n")
    assert (await impatient.until(tag, "completing")).state is State.RUNNING
    end = await impatient.until(tag, "final")
    assert [pid for pid in pids if process.is_alive(pid)] == []
    assert (end.state, end.exit_code) == (State.FAILED, 3)


async def test_a_daemon_does_not_hold_up_another_job(rig: Rig) -> None:
    stays = await rig.submit(rig.launch("sh", "-c", "(setsid sleep 60 &); echo; sleep 60"))
    await rig.lines(stays, 1)
    end = await rig.run(rig.launch("/bin/true"))
    assert end.state is State.SUCCEEDED
    await rig.until(stays, "running")
    assert [each.state for each in rig.said[stays]] == [State.RUNNING]


async def test_a_daemon_that_took_its_mark_off_is_known_by_its_session(rig: Rig) -> None:
    script = "(ulimit -R unlimited; exec sleep 600) & echo $!"
    tag = await rig.submit(rig.launch("bash", "-c", script))
    await rig.until(tag, "final")
    (line,) = await rig.lines(tag, 1)
    assert not process.is_alive(int(line))


async def test_a_wall_time_limit_ends_a_job(rig: Rig) -> None:
    end = await rig.run(rig.launch("sleep", "60", duration=0.2))
    assert (end.state, end.reason) == (State.FAILED, Reason.TIMEOUT)
    assert end.signal == signal.SIGTERM
    assert "0.2 s" in end.message
    assert ((end.usage and end.usage.wall_s) or 0) >= 0.2


async def test_a_job_within_its_limit_is_left_alone(rig: Rig) -> None:
    end = await rig.run(rig.launch("/bin/true", duration=60))
    assert end.state is State.SUCCEEDED


async def test_a_job_that_ended_before_the_cancel_keeps_its_end(rig: Rig) -> None:
    end = await rig.run(rig.launch("sh", "-c", "exit 3"))
    await rig.cancel(end.tag)
    await rig.find(end.tag)
    assert {each.state for each in rig.said[end.tag]} <= {State.RUNNING, State.FAILED}


async def test_a_job_that_ends_well_though_asked_to_stop_has_succeeded(rig: Rig) -> None:
    script = "trap '' TERM; echo; read line < /proc/$$/cwd/gate"
    tag = await rig.submit(rig.launch("sh", "-c", f"mkfifo gate; {script}"))
    await rig.lines(tag, 1)
    await rig.cancel(tag)
    next(rig.data.glob("jobs/*/*/gate")).write_text("go\n")
    end = await rig.until(tag, "final")
    assert (end.state, end.exit_code) == (State.SUCCEEDED, 0)


async def test_cancelling_twice_or_nothing_is_no_error(rig: Rig) -> None:
    tag = await rig.submit(rig.launch("sleep", "60"))
    await rig.cancel(tag, Tag("unknown.1"))
    await rig.cancel(tag)
    assert (await rig.until(tag, "final")).state is State.CANCELLED


async def test_a_hundred_jobs_are_cancelled_at_once(rig: Rig) -> None:
    launches = [rig.launch("sh", "-c", "sleep 60 & sleep 60") for _ in range(100)]
    assert await rig.executor.submit(launches) == []
    await rig.cancel(*(launch.tag for launch in launches))
    ends = [await rig.until(launch.tag, "final") for launch in launches]
    assert {end.state for end in ends} == {State.CANCELLED}
