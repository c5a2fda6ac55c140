"""What is written down when the server cannot be told."""

import socket
import stat

from tests.sdk.worker.conftest import JOB, TOKEN, Capture, Job, MakeJob

REFUSING = "http://127.0.0.1:1"


def test_a_job_without_its_server_leaves_its_last_values(make_job: MakeJob) -> None:
    job = make_job(REFUSING)
    ended = job.run("for x in progress('abc', desc='d'): pass\ncounters({'a': 1}); status('s')")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")
    line = job.spooled()[-1]
    at = line["body"]["workers"][0].pop("at")
    assert at <= line.pop("at")
    assert line == {
        "v": 1,
        "job": JOB,
        "token": TOKEN,
        "body": {
            "workers": [{"id": "main", "current": 3, "total": 3, "ok": True, "desc": "d"}],
            "counters": {"a": 1},
            "status_text": "s",
        },
    }


def test_the_file_is_the_processs_own_and_for_its_owner_only(make_job: MakeJob) -> None:
    job = make_job(REFUSING)
    ended = job.run("for x in progress('abc'): pass\nimport os; print(os.getpid())")
    (path,) = (job.directory / "spool").iterdir()
    host = "".join(c if c.isalnum() or c in "_-" else "_" for c in socket.gethostname())
    assert path.name == f"{JOB}.{host}.{int(ended.stdout)}.jsonl"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_job_id_cannot_lead_out_of_the_spool(make_job: MakeJob) -> None:
    job = make_job(REFUSING)
    job.run("status('x')", environment={"HEADWAY_JOB_ID": "../../etc/x"})
    (path,) = (job.directory / "spool").iterdir()
    assert path.name.startswith("______etc_x.")


def test_without_a_spool_a_job_goes_on_in_silence(make_job: MakeJob) -> None:
    ended = make_job(REFUSING).run(
        "print(sum(progress([1, 2])))", environment={"HEADWAY_SPOOL": None}
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"3\n", b"")


def test_a_spool_that_is_not_there_is_not_made(make_job: MakeJob) -> None:
    job = make_job(REFUSING)
    ended = job.run(
        "for x in progress('ab'): pass",
        environment={"HEADWAY_SPOOL": str(job.directory / "nowhere")},
    )
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert not (job.directory / "nowhere").exists()


def test_a_spool_file_stays_below_its_bound(make_job: MakeJob) -> None:
    job = make_job(REFUSING)
    ended = job.run(
        "for n in range(300): status('x' * 1000); counters({str(n): 'y' * 900}); flush()"
    )
    assert ended.returncode == 0
    (path,) = (job.directory / "spool").iterdir()
    assert 100_000 < path.stat().st_size <= 1 << 20
    assert job.spooled()


def test_a_line_that_did_not_fit_on_the_disk_leaves_no_torn_end(make_job: MakeJob) -> None:
    job = make_job(REFUSING)
    ended = job.run(
        "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "for n in range(20): status(str(n) * 50); flush()\nprint('went on')"
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"went on\n", b"")
    (path,) = (job.directory / "spool").iterdir()
    assert path.read_bytes().endswith(b"}\n")
    assert 1 <= len(job.spooled()) < 20


def test_a_link_in_place_of_the_file_is_not_followed(make_job: MakeJob) -> None:
    job = make_job(REFUSING)
    ended = job.run(
        "import os, socket, re\n"
        "host = re.sub('[^A-Za-z0-9_-]', '_', socket.gethostname())\n"
        "name = '%s.%s.%d.jsonl' % (os.environ['HEADWAY_JOB_ID'], host, os.getpid())\n"
        "os.symlink('/dev/stdout', os.path.join(os.environ['HEADWAY_SPOOL'], name))\n"
        "status('x')"
    )
    assert (ended.returncode, ended.stdout) == (0, b"")


def test_a_pipe_in_place_of_the_file_does_not_hang_the_job(make_job: MakeJob) -> None:
    job = make_job(REFUSING)
    ended = job.run(
        "import os, socket, re\n"
        "host = re.sub('[^A-Za-z0-9_-]', '_', socket.gethostname())\n"
        "name = '%s.%s.%d.jsonl' % (os.environ['HEADWAY_JOB_ID'], host, os.getpid())\n"
        "os.mkfifo(os.path.join(os.environ['HEADWAY_SPOOL'], name))\n"
        "status('x'); flush(); print('went on')"
    )
    assert ended.stdout == b"went on\n"


def test_a_refusal_is_spooled_too(job: Job, server: Capture) -> None:
    server.answers["/report"] = (503, {}, {"Retry-After": "60"})
    job.run("for x in progress('abc'): pass")
    assert job.spooled()[-1]["body"]["workers"][0]["current"] == 3


def test_a_body_that_is_refused_for_good_is_not_sent_again(job: Job, server: Capture) -> None:
    server.answers["/report"] = (422, {}, {})
    job.run("status('x')\nflush()\nflush()\nflush()", environment={"HEADWAY_SPOOL": None})
    assert len(server.requests) == 1


def test_what_was_sent_is_not_spooled(job: Job, server: Capture) -> None:
    job.run("for x in progress('abc'): pass")
    assert job.spooled() == []


def test_bars_that_end_while_the_server_is_away_are_written_soon(make_job: MakeJob) -> None:
    job = make_job(REFUSING)
    # os._exit: nothing is written at the end, so what is there was written meanwhile.
    job.run(
        "import os, time\n"
        "with progress(total=1, worker='first') as bar: bar.update()\n"
        "folder = os.environ['HEADWAY_SPOOL']\n"
        "def text(): return ''.join(open(os.path.join(folder, n)).read() for n in os.listdir(folder))\n"
        "deadline = time.monotonic() + 30\n"
        "while 'first' not in text() and time.monotonic() < deadline: time.sleep(0.01)\n"
        "with progress(total=1, worker='second') as bar: bar.update()\n"
        "while 'second' not in text() and time.monotonic() < deadline: time.sleep(0.01)\n"
        "os._exit(0)"
    )
    workers = {entry["id"] for line in job.spooled() for entry in line["body"]["workers"]}
    assert workers == {"first", "second"}


def test_a_server_that_comes_back_is_told_what_it_missed(job: Job, server: Capture) -> None:
    server.failing_count = 2
    job.run(
        "with progress(total=9) as bar: bar.update(9)\ncounters({'a': 1})\nstatus('s')\n"
        "[flush() for n in range(3)]",
        environment={"HEADWAY_SPOOL": None},
    )
    told = server.reports()[-1]
    assert len(server.reports()) > server.failing_count
    assert [worker["current"] for worker in told["workers"]] == [9]
    assert (told["counters"], told["status_text"]) == ({"a": 1}, "s")
