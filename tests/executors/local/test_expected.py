"""Attempts that the helper is told of while their jobs are being stored: ready, and never started unasked."""

import asyncio
import os
import signal

import msgspec
import pytest
from tests.executors.local.rig import Rig

from headway.core.model.spec import Spec
from headway.core.ports.executor import Launch
from headway.executors.local import journal

pytestmark = pytest.mark.anyio


def intents(rig: Rig) -> set[str]:
    """Give the tags in the journals."""
    found = set[str]()
    for place in rig.data.glob("helpers/*/journal"):
        entries = journal.open_journal(bytes(place))
        found |= {entry.tag.decode() for _, entry in entries.read()}
        entries.close()
    return found


def counted(rig: Rig) -> Launch:
    """Make a launch that leaves a line in a file."""
    return rig.launch("sh", "-c", "echo ran >> $OUT", environment={"OUT": f"{rig.data}/out"})


def ran(rig: Rig) -> int:
    """Tell how often what ``counted`` made ran."""
    out = rig.data / "out"
    return out.read_text().count("ran\n") if out.exists() else 0


async def heard(rig: Rig) -> None:
    """Wait until the helper has heard all that was said to it: it hears in order."""
    await rig.run(rig.launch("/bin/true"))


async def test_what_was_expected_runs_once_when_it_is_submitted(rig: Rig) -> None:
    launch = counted(rig)
    rig.executor.expect(launch)
    assert (await rig.run(launch)).exit_code == 0
    assert ran(rig) == 1


async def test_what_was_expected_and_is_not_submitted_is_forgotten_unstarted(rig: Rig) -> None:
    launch = counted(rig)
    rig.executor.expect(launch)
    await heard(rig)
    await rig.poll(lambda: launch.tag not in intents(rig))
    await rig.poll(lambda: not list(rig.data.glob(f"jobs/*/{launch.tag}*")))
    assert await rig.find(launch.tag) == []
    assert ran(rig) == 0
    assert (await rig.run(launch)).exit_code == 0  # late, as something new
    assert ran(rig) == 1


async def test_what_a_server_expected_that_has_gone_is_forgotten_unstarted(rig: Rig) -> None:
    launch = counted(rig)
    rig.executor.expect(launch)
    await heard(rig)
    await rig.stop()
    await rig.poll(lambda: launch.tag not in intents(rig))
    await rig.start()
    assert await rig.find(launch.tag) == []
    await rig.run(launch)
    assert ran(rig) == 1


@pytest.mark.parametrize("which", [0, 1], ids=["reaper", "spawner"])
async def test_what_a_helper_expected_that_was_killed_runs_once(rig: Rig, which: int) -> None:
    launch = counted(rig)
    rig.executor.expect(launch)
    await heard(rig)
    assert ran(rig) == 0
    os.kill(rig.helpers()[which], signal.SIGKILL)
    assert (await rig.run(launch)).exit_code == 0
    assert ran(rig) == 1


async def test_what_is_submitted_counts_and_not_what_was_expected(rig: Rig) -> None:
    expected = rig.launch("sh", "-c", "exit 3", duration=0.001)
    rig.executor.expect(expected)
    submitted = msgspec.structs.replace(
        expected, spec=Spec(command=("sh", "-c", "sleep 0.1; exit 4"))
    )
    assert (await rig.run(submitted)).exit_code == 4


async def test_what_cannot_be_started_is_refused_as_if_it_had_not_been_expected(rig: Rig) -> None:
    launch = rig.launch("/nowhere/at/all")
    rig.executor.expect(launch)
    assert "/nowhere/at/all" in await rig.refused(launch)
    assert launch.tag not in intents(rig)


async def test_an_expected_attempt_that_is_submitted_twice_at_once_runs_once(rig: Rig) -> None:
    launch = counted(rig)
    rig.executor.expect(launch)
    await asyncio.gather(*(rig.executor.submit([launch]) for _ in range(3)))
    await rig.until(launch.tag, "final")
    assert ran(rig) == 1


async def test_nothing_is_expected_beside_what_runs(rig: Rig) -> None:
    await rig.until(await rig.submit(rig.launch("sleep", "60")), "running")
    assert not rig.executor.may_expect()


async def test_one_attempt_is_expected_at_a_time(rig: Rig) -> None:
    assert rig.executor.may_expect()
    launch = counted(rig)
    rig.executor.expect(launch)
    assert not rig.executor.may_expect()
    await rig.executor.settled([(await rig.run(launch)).tag])
    assert rig.executor.may_expect()
