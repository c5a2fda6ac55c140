"""Loops that are left before their end: by a break, by an exception that the program heeds, or by one that ends it."""

import subprocess
import time
from typing import Final

import pytest
from tests.sdk.worker.conftest import Capture, Job

TQDM: Final = "from headway.sdk.bar import tqdm as progress\n"
DRAWN: Final = pytest.mark.parametrize("drawn", ["", TQDM], ids=["progress", "tqdm"])

#: What ends a program at its fifth item, as people write it.
ENDING: Final = {
    "in its body": "for item in progress(range(9)):\n    if item == 4: raise KeyError('mine')",
    "in what it calls": (
        "def work(item): return 1 / (4 - item)\nfor item in progress(range(9)): work(item)"
    ),
    "inside a function": (
        "def main():\n    for item in progress(range(9)):\n        1 / (4 - item)\nmain()"
    ),
    "behind enumerate": "for n, item in enumerate(progress(range(9))): 1 / (4 - item)",
    "behind a generator": (
        "def even(): yield from (item for item in progress(range(9)))\n"
        "for item in even(): 1 / (4 - item)"
    ),
    "told in other words": (
        "try:\n    for item in progress(range(9)): 1 / (4 - item)\n"
        "except ZeroDivisionError as error: raise ValueError('other words') from error"
    ),
    "by an interrupt": (
        "import os, signal\n"
        "for item in progress(range(9)):\n    if item == 4: os.kill(os.getpid(), signal.SIGINT)"
    ),
}
#: What leaves a loop at its fifth item, and is no problem of it.
LEAVING: Final = {
    "a break": "for item in progress(range(9)):\n    if item == 4: break",
    "a break, before an exception elsewhere": (
        "for item in progress(range(9)):\n    if item == 4: break\nraise KeyError('later')"
    ),
    "a return, before an exception elsewhere": (
        "def find():\n    for item in progress(range(9)):\n        if item == 4: return item\n"
        "raise KeyError(find())"
    ),
    "an exception that is caught": (
        "try:\n    for item in progress(range(9)): 1 / (4 - item)\n"
        "except ZeroDivisionError: print('found')"
    ),
    "an exit with status 0": (
        "import sys\nfor item in progress(range(9)):\n    if item == 4: sys.exit()"
    ),
}


@DRAWN
@pytest.mark.parametrize("how", ENDING)
def test_a_loop_that_an_exception_ends_with_its_program_is_a_problem(
    job: Job, server: Capture, how: str, drawn: str
) -> None:
    ended = job.run(drawn + ENDING[how])
    assert ended.returncode != 0
    last = server.last("main")
    assert (last["current"], last["total"], last["ok"]) == (4, 9, False)


@DRAWN
@pytest.mark.parametrize("how", LEAVING)
def test_a_loop_that_is_left_otherwise_is_none(
    job: Job, server: Capture, how: str, drawn: str
) -> None:
    job.run(drawn + LEAVING[how])
    last = server.last("main")
    assert (last["current"], last["total"], last["ok"]) == (4, 9, True)


#: Bars that nothing closes before the end of the program: the exception's traceback or a name holds them.
OPEN: Final = {
    "in a comprehension": "[1 / (4 - item) for item in progress(range(9))]",
    "held by a name": ("items = iter(progress(range(9)))\nfor item in items: 1 / (4 - item)"),
    "without a loop": "bar = progress(total=9)\nbar.update(4)\n1 / 0",
}


@DRAWN
@pytest.mark.parametrize("how", OPEN)
def test_a_bar_that_was_on_its_way_when_an_exception_ended_its_program_is_a_problem(
    job: Job, server: Capture, how: str, drawn: str
) -> None:
    assert job.run(drawn + OPEN[how]).returncode == 1
    assert (server.last("main")["total"], server.last("main")["ok"]) == (9, False)


def test_a_bar_that_was_never_closed_but_came_to_its_end_is_none(job: Job, server: Capture) -> None:
    assert job.run("bar = progress(total=4)\nbar.update(4)\n1 / 0").returncode == 1
    assert (server.last("main")["current"], server.last("main")["ok"]) == (4, True)


def test_a_later_loop_of_that_worker_is_not_spoken_for(job: Job, server: Capture) -> None:
    job.run(
        "def work():\n    for item in progress(range(9)): 1 / (4 - item)\n"
        "try: work()\nexcept ZeroDivisionError as error:\n"
        "    for item in progress(range(2)): pass\n    raise"
    )
    last = server.last("main")
    assert (last["current"], last["total"], last["ok"]) == (2, 2, True)


def test_of_two_loops_each_is_told_as_it_ended(job: Job, server: Capture) -> None:
    job.run(
        "for item in progress(range(9), worker='broken off'):\n    if item == 4: break\n"
        "for outer in progress('ab', worker='outer'):\n"
        "    for inner in progress(range(9), worker='inner'): 1 / (4 - inner)"
    )
    found = {name: server.last(name)["ok"] for name in server.workers()}
    assert found == {"broken off": True, "outer": False, "inner": False}


def test_an_exception_that_spoils_being_looked_at_changes_nothing(
    job: Job, server: Capture
) -> None:
    ended = job.run(
        "class Odd(Exception):\n"
        "    @property\n"
        "    def __traceback__(self): raise RuntimeError('not for eyes')\n"
        "for item in progress(range(9)):\n    if item == 4: raise Odd"
    )
    assert ended.returncode == 1
    assert b"not for eyes" not in ended.stderr
    assert server.last("main")["current"] == 4


def test_where_people_type_it_is_told_at_once(job: Job, server: Capture) -> None:
    with subprocess.Popen(
        [job.python, "-i", "-c", "from headway_worker import progress"],
        env=job.environment,
        cwd=job.directory,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as python:
        assert python.stdin is not None
        python.stdin.write(b"for item in progress(range(9)): print(1 / (4 - item))\n\n")
        python.stdin.flush()
        deadline = time.monotonic() + 60
        while not any(entry["ok"] is False for entry in server.worker("main")):
            assert time.monotonic() < deadline, "it is not told while the interpreter waits"
            time.sleep(0.02)
        assert python.poll() is None
