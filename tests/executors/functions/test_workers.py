"""Worker processes: what is taken from one and given to another, what ends them, what they leave, what they keep."""

import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest
from tests.executors.functions.scene import FunctionScene, FunctionWitness
from tests.executors.functions.test_ends import value_of

from headway.core.model.state import Reason, State

pytestmark: Final = pytest.mark.anyio

_UNTIL_OPEN: Final = (
    "import time",
    "from pathlib import Path",
    "Path('begun').touch()",
    "while not Path('open').exists(): time.sleep(0.02)",
)


@pytest.fixture
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FunctionScene]:
    """Give a scene whose functions have little grace, or so much as the test says."""
    scene = FunctionScene(tmp_path, grace_s=getattr(request, "param", 0.3))
    yield scene
    scene.clean_up()


@pytest.fixture
async def witness(scene: FunctionScene) -> AsyncIterator[FunctionWitness]:
    """Give an executor that is up."""
    witness = FunctionWitness(scene)
    await witness.start()
    yield witness
    await witness.clear()
    await witness.stop()
    assert witness.contradictions() == []


def lives(pid: int) -> bool:
    """Tell whether a process lives, and is no zombie."""
    with suppress(FileNotFoundError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] not in "ZX"
    return False


async def test_nothing_waits_behind_a_function_that_takes_long(
    witness: FunctionWitness, scene: FunctionScene
) -> None:
    await witness.run(
        *(witness.python("pass") for _ in range(60))
    )  # so that many are given at once
    long = witness.python(*_UNTIL_OPEN, directory=scene.root)
    tags = await witness.submit(long, *(witness.python("return 1") for _ in range(60)))
    for tag in tags[1:]:
        assert value_of(await witness.until_over(tag)) == 1
    assert witness.end(long.tag) is None
    scene.put(f"{scene.root}/open", b"")
    assert (await witness.until_over(long.tag)).state is State.SUCCEEDED


async def test_a_function_that_does_not_hear_is_killed_with_its_worker(
    witness: FunctionWitness, scene: FunctionScene
) -> None:
    deaf = "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})"
    launch = witness.python(deaf, *_UNTIL_OPEN, directory=scene.root)
    await witness.submit(launch)
    await witness.until_there(f"{scene.root}/begun")
    await witness.cancel(launch.tag)
    end = await witness.until_over(launch.tag)
    assert (end.state, end.reason, end.signal) == (State.CANCELLED, Reason.BY_USER, signal.SIGKILL)
    assert value_of(await witness.run_one(witness.python("return 1"))) == 1


@pytest.mark.parametrize("scene", [60], indirect=True)
async def test_a_function_that_is_cancelled_can_tidy_up_and_is_cancelled_even_if_it_returns(
    witness: FunctionWitness, scene: FunctionScene
) -> None:
    lines = (
        "from pathlib import Path; import time",
        "from headway.lib.job_cancelled import JobCancelled",
        "try:",
        "    Path('begun').touch(); time.sleep(60)",
        "except JobCancelled:",
        "    print('tidy')",
        "return 'done'",
    )
    launch = witness.python(*lines, directory=scene.root)
    await witness.submit(launch)
    await witness.until_there(f"{scene.root}/begun")
    await witness.cancel(launch.tag)
    end = await witness.until_over(launch.tag)
    assert (end.state, end.reason, end.result) == (State.CANCELLED, Reason.BY_USER, None)
    assert await witness.output(launch.tag) == b"tidy\n"


async def test_a_limit_ends_a_function_and_says_so(witness: FunctionWitness) -> None:
    deaf = "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})"
    sleep = "import time; time.sleep(60)"
    ends = await witness.run(
        witness.python(sleep, duration=0.2), witness.python(deaf, sleep, duration=0.2)
    )
    assert {(each.state, each.reason) for each in ends} == {(State.FAILED, Reason.TIMEOUT)}
    assert all("limit" in each.message for each in ends)


async def test_what_a_function_leaves_running_ends_with_it(witness: FunctionWitness) -> None:
    lines = (
        "import subprocess, threading, time",
        "threading.Thread(target=time.sleep, args=(60,)).start()",
        "return subprocess.Popen(['sleep', '60']).pid",
    )
    pid = value_of(await witness.run_one(witness.python(*lines)))
    assert isinstance(pid, int)

    async def gone() -> bool | None:
        return None if lives(pid) else True

    assert await witness.poll(gone, "what was left to be gone")
    ends = await witness.run(*(witness.python("return 1") for _ in range(4)))
    assert [value_of(each) for each in ends] == [1] * 4


async def test_sigterm_from_somebody_else_is_a_failure_by_that_signal(
    witness: FunctionWitness, scene: FunctionScene
) -> None:
    launch = witness.python(*_UNTIL_OPEN, directory=scene.root)
    await witness.submit(launch)
    running = await witness.until(launch.tag, State.RUNNING)
    assert running.native_id is not None
    await witness.until_there(f"{scene.root}/begun")
    os.kill(int(running.native_id), signal.SIGTERM)
    end = await witness.until_over(launch.tag)
    assert (end.state, end.reason, end.signal) == (State.FAILED, Reason.SIGNAL, signal.SIGTERM)


async def test_long_results_are_told_again_until_they_are_settled_and_then_take_no_room(
    witness: FunctionWitness, scene: FunctionScene
) -> None:
    tags = await witness.submit(*(witness.python("return 'x' * 400_000") for _ in range(12)))
    for tag in tags:
        await witness.until_over(tag)
    await witness.executor.settled(tags[::2])
    await witness.restart()
    kept = [tag for tag in tags[1::2] if tag in await witness.find(tag)]
    assert kept == tags[1::2]
    ends = [await witness.until_over(tag) for tag in kept]
    assert {len(each.result.data) for each in ends if each.result} == {400_002}
    await witness.executor.settled(tags)
    sizes = [file.stat().st_size for file in scene.data.glob("workers/*/journal.*")]
    assert sum(sizes) == 0


async def test_workers_end_some_time_after_their_server(
    witness: FunctionWitness, scene: FunctionScene
) -> None:
    await witness.run_one(witness.python("return 1"))
    await witness.stop()

    async def gone() -> bool | None:
        return None if any(map(lives, scene.workers())) else True

    assert await witness.poll(gone, "the workers to be gone")
    await witness.restart()
    assert value_of(await witness.run_one(witness.python("return 1"))) == 1


async def test_a_function_outlives_any_number_of_servers(
    witness: FunctionWitness, scene: FunctionScene
) -> None:
    launch = witness.python(*_UNTIL_OPEN, "return 'there'", directory=scene.root)
    await witness.submit(launch)
    await witness.until_there(f"{scene.root}/begun")
    for _ in range(12):
        await witness.restart()
    scene.put(f"{scene.root}/open", b"")
    assert value_of(await witness.until_over(launch.tag)) == "there"


async def test_what_stands_before_damage_in_a_journal_is_told_and_its_worker_goes(
    witness: FunctionWitness, scene: FunctionScene
) -> None:
    ends = witness.python("return 'told'")
    assert value_of(await witness.run_one(ends)) == "told"
    runs = witness.python(*_UNTIL_OPEN, directory=scene.root)
    await witness.submit(runs)
    await witness.until_there(f"{scene.root}/begun")
    await witness.stop()
    for journal in scene.data.glob("workers/*/journal.*"):
        with journal.open("ab") as file:
            file.write(b"\0" * 100)
    await witness.restart()
    assert len(await witness.find(ends.tag, runs.tag)) == 2
    assert value_of(await witness.until_over(ends.tag)) == "told"
    lost = await witness.until_over(runs.tag)
    assert (lost.state, lost.reason) == (State.FAILED, Reason.LOST)
    assert value_of(await witness.run_one(witness.python("return 1"))) == 1
