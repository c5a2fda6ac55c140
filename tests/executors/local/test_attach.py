"""A server that goes and comes back: nothing is started twice, nothing is missed, nothing is left running for nobody."""

import asyncio
import os
import signal
from functools import partial

import pytest
from tests.executors.local.rig import Rig

from headway.core.errors import ExecutorUnavailable
from headway.core.model.state import Reason, State
from headway.executors import open_files
from headway.executors.local import process, supervisors

pytestmark = pytest.mark.anyio


async def test_a_job_goes_on_while_no_server_is_there(rig: Rig) -> None:
    script = "mkfifo gate; echo; read x < gate; exit 5"
    tag = await rig.submit(rig.launch("sh", "-c", script))
    await rig.lines(tag, 1)
    await rig.stop()
    next(rig.data.glob("jobs/*/*/gate")).write_text("go\n")
    await rig.start()
    end = await rig.until(tag, "final")
    assert end.exit_code == 5


async def test_an_end_is_told_again_until_it_is_settled(rig: Rig) -> None:
    end = await rig.run(rig.launch("sh", "-c", "exit 7"))
    await rig.start()
    assert await rig.until(end.tag, "final") == end
    await rig.executor.settled([end.tag])
    await rig.start()
    assert await rig.find(end.tag) == []


async def test_a_running_job_can_be_cancelled_by_the_next_server(rig: Rig) -> None:
    tag = await rig.submit(rig.launch("sleep", "60"))
    await rig.start()
    await rig.cancel(tag)
    assert (await rig.until(tag, "final")).state is State.CANCELLED


async def test_a_tag_that_is_known_is_not_started_again(rig: Rig) -> None:
    launch = rig.launch("sh", "-c", "echo started >> $OUT", environment={"OUT": f"{rig.data}/out"})
    await rig.run(launch)
    await rig.start()
    await rig.submit(launch)
    await rig.until(launch.tag, "final")
    assert (rig.data / "out").read_text() == "started\n"


async def test_a_tag_sent_twice_at_once_is_started_once(rig: Rig) -> None:
    launch = rig.launch("sh", "-c", "echo started >> $OUT", environment={"OUT": f"{rig.data}/out"})
    await asyncio.gather(*(rig.executor.submit([launch]) for _ in range(3)))
    await rig.until(launch.tag, "final")
    assert (rig.data / "out").read_text() == "started\n"


async def test_find_tells_what_is_there_and_has_it_told_again(rig: Rig) -> None:
    tag = await rig.submit(rig.launch("sleep", "60"))
    await rig.until(tag, "running")
    rig.said.clear()
    assert await rig.find(tag, rig.launch("x").tag) == [tag]
    assert (await rig.until(tag, "running")).native_id is not None


async def test_slots_are_used_again_and_the_journal_stays_small(rig: Rig) -> None:
    for _ in range(30):
        launches = [rig.launch("/bin/true") for _ in range(20)]
        await rig.executor.submit(launches)
        for launch in launches:
            await rig.until(launch.tag, "final")
        await rig.executor.settled([launch.tag for launch in launches])
    (journal,) = rig.data.glob("helpers/*/journal")
    assert journal.stat().st_size == 257 * 256


async def test_a_journal_grows_when_ends_are_not_settled(rig: Rig) -> None:
    launches = [rig.launch("/bin/true") for _ in range(300)]
    assert await rig.executor.submit(launches) == []
    for launch in launches:
        await rig.until(launch.tag, "final")
    await rig.start()
    assert {(await rig.until(launch.tag, "final")).exit_code for launch in launches} == {0}


async def test_helpers_without_jobs_and_server_end(rig: Rig) -> None:
    rig.idle_s = 2.0  # so long they wait for a server that is only just coming, too
    await rig.stop()
    rig.clean_up()
    await rig.no_helpers()
    await rig.start()
    assert len(rig.helpers()) == 2
    await rig.stop()
    await rig.no_helpers()


async def test_helpers_stay_while_a_job_runs_and_end_after_it(rig: Rig) -> None:
    rig.idle_s = 0.1
    await rig.stop()
    rig.clean_up()
    await rig.no_helpers()
    await rig.start()
    tag = await rig.submit(rig.launch("sh", "-c", "sleep 0.5; exit 3"))
    await rig.stop()
    await rig.no_helpers()
    await rig.start()
    assert (await rig.until(tag, "final")).exit_code == 3


async def test_an_end_that_nobody_heard_is_told_after_the_helpers_have_ended(rig: Rig) -> None:
    end = await rig.run(rig.launch("sh", "-c", "exit 9"))
    await rig.stop()
    for pid in rig.helpers():
        os.kill(pid, signal.SIGKILL)
    await rig.no_helpers()
    await rig.start()
    assert await rig.until(end.tag, "final") == end


async def test_dead_helpers_files_go_when_all_is_settled(rig: Rig) -> None:
    end = await rig.run(rig.launch("/bin/true"))
    await rig.stop()
    for pid in rig.helpers():
        os.kill(pid, signal.SIGKILL)
    await rig.no_helpers()
    await rig.start()
    await rig.until(end.tag, "final")
    await rig.executor.settled([end.tag])
    assert [each.name for each in rig.data.glob("helpers/*")] == ["000002"]


def holds_only(rig: Rig, pid: int, ours: set[str]) -> bool:
    return {name.split(":")[0] for name in rig.files(pid)} <= ours


async def test_helpers_hold_nothing_of_their_starter(rig: Rig) -> None:
    place = str(next(rig.data.glob("helpers/*")))
    ours = {f"{place}/journal", f"{place}/log", "/dev/null", "socket", "pipe", "anon_inode"}
    for pid in rig.helpers():
        # What they have open for a moment, to read or write it, is not held.
        await rig.poll(partial(holds_only, rig, pid, ours))
        assert os.getsid(pid) != os.getsid(0)
        assert process.catches_term(pid)


async def test_signals_for_the_servers_terminal_leave_helpers_alone(rig: Rig) -> None:
    for pid in rig.helpers():
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
            os.kill(pid, number)
    assert (await rig.run(rig.launch("/bin/true"))).state is State.SUCCEEDED


async def test_a_data_directory_with_a_very_long_path_works(rig: Rig) -> None:
    await rig.stop()
    rig.data = rig.data / ("x" * 200)
    await rig.start()
    assert (await rig.run(rig.launch("/bin/true"))).state is State.SUCCEEDED


async def test_the_spawners_death_is_not_seen_by_its_jobs_nor_by_new_ones(rig: Rig) -> None:
    script = "mkfifo gate; echo; read x < gate; exit 6"
    old = await rig.submit(rig.launch("sh", "-c", script))
    await rig.lines(old, 1)
    _, spawner = rig.helpers()
    os.kill(spawner, signal.SIGKILL)
    await rig.gone(spawner)
    assert (await rig.run(rig.launch("sh", "-c", "exit 2"))).exit_code == 2
    next(rig.data.glob("jobs/*/*/gate")).write_text("go\n")
    assert (await rig.until(old, "final")).exit_code == 6


async def test_old_helpers_end_does_not_make_unknown_what_new_ones_were_sent(rig: Rig) -> None:
    old = await rig.submit(rig.launch("sh", "-c", "mkfifo gate; echo; read x < gate"))
    await rig.lines(old, 1)
    first = rig.helpers()
    os.kill(first[1], signal.SIGKILL)
    await rig.run(rig.launch("/bin/true"))
    (_, spawner) = [pid for pid in rig.helpers() if pid not in first]
    os.kill(spawner, signal.SIGSTOP)
    launch = rig.launch("/bin/true")
    sending = asyncio.create_task(rig.executor.submit([launch]))
    next(rig.data.glob("jobs/*/*/gate")).write_text("go\n")
    await rig.until(old, "final")
    await rig.gone(first[0])
    assert await rig.find(launch.tag) == [launch.tag]
    os.kill(spawner, signal.SIGCONT)
    assert await sending == []


async def test_the_reapers_death_has_new_helpers_take_new_jobs(rig: Rig) -> None:
    old = await rig.submit(rig.launch("sleep", "60"))
    reaper, _ = rig.helpers()
    os.kill(reaper, signal.SIGKILL)
    await rig.gone(reaper)
    new = await rig.submit(rig.launch("sleep", "60"))
    await rig.cancel(old, new)
    assert (await rig.until(old, "final")).state is State.CANCELLED
    assert (await rig.until(new, "final")).state is State.CANCELLED


async def test_cancelling_and_limits_work_after_the_spawners_death(rig: Rig) -> None:
    cancelled = await rig.submit(rig.launch("sleep", "60"))
    limited = await rig.submit(rig.launch("sleep", "60", duration=1.0))
    os.kill(rig.helpers()[1], signal.SIGKILL)
    await rig.cancel(cancelled)
    assert (await rig.until(cancelled, "final")).state is State.CANCELLED
    assert (await rig.until(limited, "final")).reason is Reason.TIMEOUT


async def test_when_both_helpers_die_a_job_runs_on_and_its_status_is_said_to_be_unknown(
    rig: Rig,
) -> None:
    tag = await rig.submit(rig.launch("sh", "-c", "mkfifo gate; echo; read x < gate"))
    await rig.lines(tag, 1)
    for pid in rig.helpers():
        os.kill(pid, signal.SIGKILL)
    assert await rig.find(tag) == [tag]
    assert (await rig.until(tag, "running")).native_id is not None
    next(rig.data.glob("jobs/*/*/gate")).write_text("go\n")
    end = await rig.until(tag, "final")
    assert (end.state, end.reason) == (State.FAILED, Reason.LOST)
    assert (end.exit_code, end.signal) == (None, None)
    assert "not known" in end.message


async def test_a_job_whose_helpers_both_died_can_still_be_cancelled_with_its_tree(
    rig: Rig,
) -> None:
    tag = await rig.submit(rig.launch("sh", "-c", "setsid sleep 60 & echo $!; sleep 60"))
    (line,) = await rig.lines(tag, 1)
    for pid in rig.helpers():
        os.kill(pid, signal.SIGKILL)
    await rig.find(tag)
    await rig.cancel(tag)
    assert (await rig.until(tag, "final")).state is State.CANCELLED
    assert not process.is_alive(int(line))


async def test_more_jobs_than_files_may_be_open_are_followed_after_both_helpers_died(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    tags = [await rig.submit(rig.launch("sh", "-c", "echo; exec sleep 600")) for _ in range(24)]
    for tag in tags:
        await rig.lines(tag, 1)
    monkeypatch.setattr(open_files, "BEFORE", 20)
    for pid in rig.helpers():
        os.kill(pid, signal.SIGKILL)
    assert await rig.find(*tags) == tags
    assert (await rig.run(rig.launch("/bin/true"))).state is State.SUCCEEDED
    await rig.cancel(*tags)
    for tag in tags:
        assert (await rig.until(tag, "final")).state is State.CANCELLED


async def test_helpers_that_do_not_start_in_time_are_told_of_and_started_later(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    await rig.stop()
    rig.clean_up()
    await rig.no_helpers()
    await rig.renew()
    with monkeypatch.context() as patched:
        patched.setattr(supervisors, "_START_S", 0.0)
        with pytest.raises(ExecutorUnavailable, match="did not start within 0 s"):
            await rig.executor.start()
    await rig.start()
    assert (await rig.run(rig.launch("/bin/true"))).state is State.SUCCEEDED


async def test_helpers_that_cannot_be_started_are_told_of_with_the_reason(rig: Rig) -> None:
    await rig.stop()
    rig.data.chmod(0o700)
    rig.clean_up()
    (rig.data / "helpers").rename(rig.data / "away")
    (rig.data / "helpers").write_text("in the way")
    await rig.renew()
    with pytest.raises(ExecutorUnavailable, match="helpers"):
        await rig.executor.start()
