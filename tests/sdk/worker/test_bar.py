"""``from headway import tqdm``: tqdm to the eye, a report to the server."""

import subprocess
import sys
from pathlib import Path

import pytest
from tests.sdk.worker.conftest import Capture, Job
from tqdm import std

from headway.sdk.bar import tqdm

IMPORT = "from headway.sdk.bar import tqdm, trange"


def test_it_is_a_tqdm() -> None:
    assert issubclass(tqdm, std.tqdm)


def test_a_loop_is_drawn_and_reported(job: Job, server: Capture) -> None:
    ended = job.run(f"{IMPORT}\nfor x in tqdm(range(40), desc='train'): pass")
    assert b"train: 100%|" in ended.stderr
    assert b"40/40" in ended.stderr
    last = server.last("main")
    assert (last["current"], last["total"], last["desc"], last["ok"]) == (40, 40, "train", True)


def test_it_draws_what_tqdm_draws(job: Job) -> None:
    text = "\nfor x in tqdm(range(4), ncols=40, bar_format='{l_bar}{bar}{n}', mininterval=0): pass"
    ours = job.run(IMPORT + text)
    theirs = job.run("from tqdm.std import tqdm" + text)
    assert ours.stderr == theirs.stderr
    assert ours.stderr


def test_a_disabled_bar_draws_nothing_and_reports(job: Job, server: Capture) -> None:
    ended = job.run(f"{IMPORT}\nprint(sum(tqdm(range(40), desc='quiet', disable=True)))")
    assert (ended.stdout, ended.stderr) == (b"780\n", b"")
    last = server.last("main")
    assert (last["current"], last["total"], last["desc"]) == (40, 40, "quiet")


def test_a_disabled_bar_counts_updates(job: Job, server: Capture) -> None:
    job.run(
        f"{IMPORT}\nbar = tqdm(total=8, disable=True)\nbar.update(3)\nbar.update()\nbar.close()"
    )
    assert (server.last("main")["current"], server.last("main")["total"]) == (4, 8)


def test_nested_bars_have_ids_of_their_own(job: Job, server: Capture) -> None:
    job.run(f"{IMPORT}\nfor a in trange(2, desc='out'):\n    for b in trange(3, desc='in'): pass")
    assert server.last("main")["desc"] == "out"
    assert (server.last("main.2")["desc"], server.last("main.2")["current"]) == ("in", 3)


def test_a_total_that_is_not_known_is_not_said(job: Job, server: Capture) -> None:
    job.run(f"{IMPORT}\nfor x in tqdm(iter('abc')): pass")
    assert server.last("main")["current"] == 3
    assert "total" not in server.last("main")


def test_updates_descriptions_and_postfixes_are_reported(job: Job, server: Capture) -> None:
    job.run(
        f"{IMPORT}\nwith tqdm(total=10, worker='w') as bar:\n"
        "    bar.update(4); bar.set_description('epoch 2'); bar.set_postfix(loss=0.25)"
    )
    last = server.last("w")
    assert (last["current"], last["total"], last["desc"]) == (4, 10, "epoch 2, loss=0.25")


def test_an_exception_in_a_with_block_is_shown(job: Job, server: Capture) -> None:
    ended = job.run(f"{IMPORT}\nwith tqdm(total=10) as bar: bar.update(4); raise OSError('mine')")
    assert ended.returncode == 1
    assert (server.last("main")["current"], server.last("main")["ok"]) == (4, False)


def test_a_reset_begins_again(job: Job, server: Capture) -> None:
    job.run(f"{IMPORT}\nbar = tqdm(total=10)\nbar.update(4)\nbar.reset(20)\nbar.update(1)")
    assert (server.last("main")["current"], server.last("main")["total"]) == (1, 20)


def test_a_bar_that_nobody_closed_is_reported(job: Job, server: Capture) -> None:
    job.run(f"{IMPORT}\ndef work(): tqdm(total=10, worker='w').update(4)\nwork()")
    assert server.last("w")["current"] == 4


def test_write_goes_to_stdout_past_the_bars(job: Job) -> None:
    ended = job.run(f"{IMPORT}\nfor x in trange(2): tqdm.write('line %d' % x)")
    assert ended.stdout == b"line 0\nline 1\n"


def test_a_bad_argument_is_refused_as_tqdm_refuses_it(job: Job) -> None:
    with pytest.raises(std.TqdmKeyError):
        tqdm(range(3), nonsense=1)


def test_a_progress_name_works_for_tqdm(job: Job, server: Capture) -> None:
    job.run(f"{IMPORT}\nfor x in trange(5, job='demo1', url={server.url!r}): pass")
    assert server.requests[-1].query["jobid"] == "demo1"
    assert server.requests[-1].query["current"] == "5"


def test_tqdm_settings_in_the_environment_are_heeded(job: Job, server: Capture) -> None:
    ended = job.run(f"{IMPORT}\nfor x in trange(5): pass", environment={"TQDM_DESC": "from env"})
    assert b"from env: 100%" in ended.stderr
    assert server.last("main")["desc"] == "from env"


def test_without_tqdm_the_error_names_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "tqdm.py").write_text("raise ImportError('none here')\n")
    ended = subprocess.run(
        [sys.executable, "-c", "import headway.sdk.bar"],
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        check=False,
    )
    assert b"pip install 'headway[tqdm]'" in ended.stderr
