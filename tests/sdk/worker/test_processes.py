"""A job of several processes: forks, multiprocessing, ranks."""

import pytest
from tests.sdk.worker.conftest import Capture, Job


def test_a_forked_child_reports_under_a_name_of_its_own(job: Job, server: Capture) -> None:
    job.run(
        "import os\n"
        "with progress(total=10) as bar:\n"
        "    bar.update(1)\n"
        "    pid = os.fork()\n"
        "    if pid == 0:\n"
        "        bar.update(5); flush(); os._exit(0)\n"
        "    os.waitpid(pid, 0)\n"
        "    bar.update(1)\n"
        "print(pid, end='')"
    )
    child = next(name for name in server.workers() if name != "main")
    assert child.startswith("main.")
    assert (server.last(child)["current"], server.last("main")["current"]) == (6, 2)


def test_a_child_that_does_not_touch_its_parents_bars_is_silent(job: Job, server: Capture) -> None:
    job.run(
        "import os\nbar = progress(total=10)\nbar.update(1)\nflush()\n"
        "pid = os.fork()\n"
        "if pid: os.waitpid(pid, 0)"
    )
    assert server.workers() == {"main"}


def test_a_fork_in_the_middle_of_a_loop_leaves_both_loops_counted(
    job: Job, server: Capture
) -> None:
    job.run(
        "import os\npid = None\n"
        "for n in progress(range(10)):\n"
        "    if n == 4: flush(); pid = os.fork()\n"
        "if pid: os.waitpid(pid, 0)"
    )
    assert len(server.workers()) == 2
    assert {server.last(name)["current"] for name in server.workers()} == {10}


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_each_process_of_multiprocessing_has_a_bar(job: Job, server: Capture, method: str) -> None:
    job.run(
        "import multiprocessing\n"
        "def work(count):\n"
        "    for n in progress(range(count)): pass\n"
        "if __name__ == '__main__':\n"
        f"    context = multiprocessing.get_context({method!r})\n"
        "    workers = [context.Process(target=work, args=(n,), name='w%d' % n) for n in (3, 4)]\n"
        "    [w.start() for w in workers]; [w.join() for w in workers]"
    )
    assert server.workers() == {"w3", "w4"}
    assert (server.last("w3")["current"], server.last("w4")["current"]) == (3, 4)


def test_a_pool_that_is_closed_and_joined_loses_nothing(job: Job, server: Capture) -> None:
    job.run(
        "import multiprocessing\n"
        "def work(count):\n"
        "    with progress(total=count, worker='task%d' % count) as bar: bar.update(count)\n"
        "pool = multiprocessing.Pool(2)\n"
        "pool.map(work, range(1, 6)); pool.close(); pool.join()"
    )
    assert {name: server.last(name)["current"] for name in server.workers()} == {
        f"task{n}": n for n in range(1, 6)
    }


def test_a_parent_with_a_bar_and_its_children_keep_apart(job: Job, server: Capture) -> None:
    job.run(
        "import multiprocessing\n"
        "def work(n):\n"
        "    for x in progress(range(7)): pass\n"
        "with progress(total=2) as bar:\n"
        "    bar.update(1); flush()\n"
        "    p = multiprocessing.Process(target=work, args=(1,)); p.start(); p.join()\n"
        "    bar.update(1)"
    )
    assert server.workers() == {"main", "Process-1"}
    assert (server.last("main")["current"], server.last("Process-1")["current"]) == (2, 7)


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({"OMPI_COMM_WORLD_RANK": "3", "OMPI_COMM_WORLD_SIZE": "8"}, "3"),
        ({"PMI_RANK": "0", "PMI_SIZE": "2"}, "0"),
        ({"PMIX_RANK": "5"}, "5"),
        ({"SLURM_PROCID": "4", "SLURM_NTASKS": "16"}, "4"),
        ({"SLURM_PROCID": "0", "SLURM_NTASKS": "1"}, "main"),
        ({"SLURM_PROCID": "0", "SLURM_NTASKS": "1", "SLURM_ARRAY_TASK_ID": "12"}, "12"),
        ({"SLURM_PROCID": "2", "SLURM_NTASKS": "4", "SLURM_ARRAY_TASK_ID": "12"}, "12.2"),
        ({"HEADWAY_WORKER": "node7", "PMI_RANK": "1"}, "node7"),
    ],
)
def test_a_rank_is_the_workers_name(
    job: Job, server: Capture, environment: dict[str, str], name: str
) -> None:
    job.run("for x in progress('ab'): pass", environment=environment)
    assert server.workers() == {name}


def test_the_end_of_the_interpreter_is_early_enough(job: Job, server: Capture) -> None:
    ended = job.run(
        "import atexit\natexit.register(lambda: progress(total=2, worker='late').update(1))"
    )
    assert (ended.returncode, ended.stderr) == (0, b"")


def test_a_signal_handler_may_report(job: Job, server: Capture) -> None:
    ended = job.run(
        "import os, signal\nbar = progress(total=1000)\n"
        "def got(number, frame): status('got'); counters({'n': 1}); bar.update()\n"
        "signal.signal(signal.SIGUSR1, got)\n"
        "for n in range(500): bar.update(0); os.kill(os.getpid(), signal.SIGUSR1)\n"
        "print(bar.current)"
    )
    assert ended.stdout == b"500\n"
    assert server.last("main")["current"] == 500


def test_signals_come_to_the_job_while_it_reports(job: Job) -> None:
    ended = job.run(
        "import signal\nprogress(total=1).update()\n"
        "signal.signal(signal.SIGALRM, lambda *_: None)\n"
        # Again and again: one alone may come before it is waited for.
        "signal.setitimer(signal.ITIMER_REAL, 0.1, 0.1)\nsignal.pause()\n"
        "signal.setitimer(signal.ITIMER_REAL, 0)\nprint('alarm')"
    )
    assert ended.stdout == b"alarm\n"
