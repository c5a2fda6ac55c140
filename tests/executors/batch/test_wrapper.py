"""Both wrappers, run as a batch script runs them: they leave the same files in the same words."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.resources import files
from pathlib import Path
from typing import Final

import pytest
from tests.processes import ending

from headway.core.model.spec import Spec
from headway.executors.batch.dialect import Variables
from headway.executors.batch.record import Ended, Started, read_ended, read_started
from headway.executors.batch.script import Told, element_lines, job_script

DEADLINE_S: Final = 60.0
VARIABLES: Final = Variables(job_id="JOB_ID")
ENVIRONMENT: Final = {"PATH": os.defpath, "JOB_ID": "12"}
JOB: Final = "01890000-0000-7000-8000-000000000001"
ORDERS: Final = "99,100"


class Wrapper:
    """One of the wrappers, and an attempt's directory."""

    def __init__(self, argv: tuple[str, ...], root: Path, *, has_perl: bool) -> None:
        self.argv = argv
        self.place = root / "01" / f"{JOB}.1"
        self.place.mkdir(parents=True)
        self.has_perl = has_perl
        self.environment = ENVIRONMENT
        if not has_perl:
            (root / "bin").mkdir()
            (root / "bin" / "perl").write_text("#!/bin/sh\nexit 2\n")
            (root / "bin" / "perl").chmod(0o755)
            self.environment = {**ENVIRONMENT, "PATH": f"{root}/bin:{os.defpath}"}

    @property
    def is_python(self) -> bool:
        return "sh" not in self.argv[0].rpartition("/")[2]

    def write(self, *command: str, told: Told | None = None, spec: Spec | None = None) -> None:
        script = job_script(
            spec or Spec(command=command), {}, told=told or Told(), variables=VARIABLES
        )
        (self.place / "job").write_bytes(script)

    def start(
        self,
        native_id: str = "12",
        restarts: str = "",
        *,
        warnings: str = "",
        environment: Mapping[str, str] | None = None,
    ) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [*self.argv, str(self.place), native_id, restarts, ORDERS, warnings],
            env={**self.environment, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # as a scheduler starts it
        )

    def run(self, native_id: str = "12", restarts: str = "") -> tuple[int, bytes]:
        """Run to the end; gives the exit code and what it said itself."""
        process = self.start(native_id, restarts)
        _, said = process.communicate(timeout=DEADLINE_S)
        return process.returncode, said

    def shell(self, script: str, native_id: str = "12", restarts: str = "") -> int:
        """Run lines of shell as the job; gives the wrapper's exit code."""
        self.write("/bin/sh", "-c", script)
        return self.run(native_id, restarts)[0]

    def read(self, name: str) -> bytes:
        return (self.place / name).read_bytes()

    def ended(self, suffix: str = "") -> Ended:
        record = read_ended(self.read(f"ended{suffix}"))
        assert record is not None
        return record

    def started(self, suffix: str = "") -> Started:
        record = read_started(self.read(f"started{suffix}"))
        assert record is not None
        return record


BASH: Final = pytest.mark.service("bash")
PERL: Final = pytest.mark.service("perl")


@pytest.fixture(
    params=[
        "python",
        "sh",
        pytest.param("bash", marks=BASH),
        pytest.param("sh with perl", marks=PERL),
        pytest.param("bash with perl", marks=[BASH, PERL]),
    ]
)
def wrapper(request: pytest.FixtureRequest, tmp_path: Path) -> Wrapper:
    return make_wrapper(request.param, tmp_path)


@pytest.fixture
def python_wrapper(tmp_path: Path) -> Wrapper:
    """The one that knows limits: the shell's leaves them to the scheduler."""
    return make_wrapper("python", tmp_path)


def make_wrapper(kind: str, tmp_path: Path) -> Wrapper:
    suffix = ".py" if kind == "python" else ".sh"
    path = tmp_path / f"wrapper{suffix}"
    path.write_bytes(files("headway.executors.batch").joinpath(f"wrapper{suffix}").read_bytes())
    argv = {
        "python": (sys.executable, "-I", "-S"),
        "sh": ("/bin/sh",),
        "bash": ("bash", "--posix"),
    }[kind.partition(" ")[0]]
    return Wrapper((*argv, str(path)), tmp_path, has_perl="perl" in kind)


def until(is_so: Callable[[], bool]) -> None:
    """Ask again and again."""
    end = time.monotonic() + DEADLINE_S
    while not is_so():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def test_a_run_leaves_claim_start_output_and_end(wrapper: Wrapper) -> None:
    assert wrapper.shell("printf 'a\\377'; printf b >&2; exit 3") == 3
    started, ended = wrapper.started(), wrapper.ended()
    assert json.loads(wrapper.read("claim")) == {"native_id": "12"}
    assert (started.native_id, started.host, started.run) == ("12", os.uname().nodename, 0)
    assert (ended.native_id, ended.host, ended.run) == ("12", os.uname().nodename, 0)
    assert (ended.exit_code, ended.signal, ended.interrupted) == (3, None, False)
    assert started.at <= ended.at
    assert ended.usage.wall_s is not None
    assert ended.usage.cpu_s is not None
    assert (wrapper.read("stdout"), wrapper.read("stderr")) == (b"a\xff", b"b")
    assert {each.stat().st_mode & 0o077 for each in wrapper.place.iterdir() if each.is_file()} <= {
        0,
        (wrapper.place / "job").stat().st_mode & 0o077,
    }
    assert [each.name for each in wrapper.place.iterdir() if each.name.startswith(".")] == []


@pytest.mark.parametrize("code", [0, 1, 98, 125, 126, 127, 128])
def test_an_exit_code_is_kept_and_passed_on(wrapper: Wrapper, code: int) -> None:
    assert wrapper.shell(f"exit {code}") == code
    ended = wrapper.ended()
    assert (ended.exit_code, ended.signal, ended.not_started) == (code, None, "")


def test_who_waits_better_than_a_shell_tells_codes_from_signals_and_knows_the_memory(
    wrapper: Wrapper,
) -> None:
    eats = f"{sys.executable} -I -S -c 'bytearray(64 << 20)'; exit 137"
    assert wrapper.shell(eats) == 137
    ended = wrapper.ended()
    if wrapper.is_python or wrapper.has_perl:
        assert (ended.exit_code, ended.signal) == (137, None)
        assert 64 << 20 <= (ended.usage.max_memory_bytes or 0) < 128 << 20
    else:
        assert (ended.exit_code, ended.signal) == (None, 9)
        assert ended.usage.max_memory_bytes is None


@pytest.mark.parametrize("code", [99, 100])
def test_an_exit_code_that_is_an_order_is_kept_and_not_passed_on(
    wrapper: Wrapper, code: int
) -> None:
    assert wrapper.shell(f"exit {code}") == 1
    assert wrapper.ended().exit_code == code


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
def test_a_jobs_own_signal_is_kept_and_passed_on(wrapper: Wrapper, number: signal.Signals) -> None:
    code = wrapper.shell(f"kill -{int(number)} $$")
    assert code in {-number, 128 + number}
    ended = wrapper.ended()
    assert (ended.exit_code, ended.signal) == (None, number)


def test_a_job_that_cannot_be_started_says_why(wrapper: Wrapper) -> None:
    wrapper.write("/no/such/program")
    assert wrapper.run()[0] == 127
    assert "/no/such/program" in wrapper.ended().not_started


@pytest.mark.parametrize("name", ["not_started", "job", "stdout"])
def test_a_job_that_writes_into_its_own_directory_breaks_nothing(
    wrapper: Wrapper, name: str
) -> None:
    code = wrapper.shell(f'printf \'a"b\\\\\\001\\n\\377\' >"$HEADWAY_PLACE/{name}"; exit 127')
    assert code == 127
    assert wrapper.ended().exit_code == 127


def test_another_native_job_runs_nothing(wrapper: Wrapper) -> None:
    assert wrapper.shell("echo ran") == 0
    code, said = wrapper.run("13")
    assert code == 0
    assert b"another job" in said
    assert wrapper.read("stdout") == b"ran\n"
    assert not (wrapper.place / "started.1").exists()


def test_an_attempt_that_was_given_up_runs_nothing(wrapper: Wrapper) -> None:
    wrapper.write("/bin/sh", "-c", "echo ran")
    (wrapper.place / "claim").write_text('{"native_id": "given up before it began"}\n')
    assert wrapper.run()[0] == 0
    assert not (wrapper.place / "started").exists()
    assert not (wrapper.place / "stdout").exists()


def test_of_twenty_native_jobs_at_once_one_runs(wrapper: Wrapper) -> None:
    wrapper.write("/bin/sh", "-c", "echo ran")
    started = [wrapper.start(str(100 + n)) for n in range(20)]
    said = [each.communicate(timeout=DEADLINE_S)[1] for each in started]
    assert [each.returncode for each in started] == [0] * 20
    assert sum(words == b"" for words in said) == 1
    assert wrapper.read("stdout") == b"ran\n"
    winner = json.loads(wrapper.read("claim"))["native_id"]
    assert wrapper.started().native_id == wrapper.ended().native_id == winner


def test_a_run_that_was_put_back_into_the_queue_is_the_next_one(wrapper: Wrapper) -> None:
    assert wrapper.shell("echo first; exit 1", restarts="0") == 1
    assert wrapper.shell("echo second; exit 2", restarts="1") == 2
    assert (wrapper.read("stdout"), wrapper.read("stdout.1")) == (b"first\n", b"second\n")
    assert (wrapper.started().run, wrapper.started(".1").run) == (0, 1)
    assert (wrapper.ended().exit_code, wrapper.ended(".1").exit_code) == (1, 2)
    assert wrapper.ended(".1").run == 1


def test_a_scheduler_that_does_not_count_has_its_runs_counted(wrapper: Wrapper) -> None:
    for run in range(3):
        assert wrapper.shell(f"exit {run}") == run
    assert [wrapper.ended(suffix).exit_code for suffix in ("", ".1", ".2")] == [0, 1, 2]


def test_a_signal_for_all_is_the_jobs_to_bear_and_noted(wrapper: Wrapper) -> None:
    wrapper.write(
        "/bin/sh", "-c", "trap 'echo tidy; exit 4' TERM; echo up; while :; do sleep 0.02; done"
    )
    process = wrapper.start()
    until(lambda: (wrapper.place / "stdout").exists() and wrapper.read("stdout") == b"up\n")
    os.killpg(process.pid, signal.SIGTERM)
    process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 4
    assert wrapper.read("stdout") == b"up\ntidy\n"
    ended = wrapper.ended()
    assert (ended.exit_code, ended.interrupted) == (4, True)


def test_a_job_that_dies_of_it_leaves_a_record_too(wrapper: Wrapper) -> None:
    wrapper.write("/bin/sh", "-c", "echo up; while :; do sleep 0.02; done")
    process = wrapper.start()
    until(lambda: (wrapper.place / "stdout").exists() and wrapper.read("stdout") == b"up\n")
    os.killpg(process.pid, signal.SIGTERM)
    process.communicate(timeout=DEADLINE_S)
    ended = wrapper.ended()
    assert (ended.exit_code, ended.signal, ended.interrupted) == (None, signal.SIGTERM, True)


def test_a_signal_for_the_wrapper_alone_does_not_end_it_before_its_job(wrapper: Wrapper) -> None:
    wrapper.write(
        "/bin/sh", "-c", 'echo up; while [ ! -e "$HEADWAY_PLACE/go" ]; do sleep 0.02; done'
    )
    process = wrapper.start()
    until(lambda: (wrapper.place / "stdout").exists() and wrapper.read("stdout") == b"up\n")
    os.kill(process.pid, signal.SIGTERM)
    (wrapper.place / "go").touch()
    process.communicate(timeout=DEADLINE_S)
    assert (wrapper.ended().exit_code, wrapper.ended().interrupted) == (0, True)


def test_a_sigterm_that_comes_before_the_job_is_there_ends_it(python_wrapper: Wrapper) -> None:
    python_wrapper.write("sleep", "100")
    output = python_wrapper.place / "stdout"
    os.mkfifo(output)  # whoever opens it waits for a reader
    with ending(python_wrapper.start()) as process:
        until(lambda: catches(process.pid, signal.SIGCONT))  # the last that it learns to
        os.killpg(process.pid, signal.SIGTERM)
        reader = os.open(output, os.O_RDONLY)
        process.communicate(timeout=DEADLINE_S)
        os.close(reader)
    ended = python_wrapper.ended()
    assert (ended.signal, ended.interrupted) == (signal.SIGTERM, True)


def test_the_first_warning_before_a_kill_becomes_a_sigterm(wrapper: Wrapper) -> None:
    wrapper.write(
        "/bin/sh", "-c", "trap 'echo tidy; exit 5' TERM; echo up; while :; do sleep 0.02; done"
    )
    process = wrapper.start(warnings="USR2,USR1")
    until(lambda: (wrapper.place / "stdout").exists() and wrapper.read("stdout") == b"up\n")
    os.killpg(process.pid, signal.SIGUSR2)
    process.communicate(timeout=DEADLINE_S)
    ended = wrapper.ended()
    assert (ended.exit_code, ended.interrupted) == (5, True)


def test_a_wall_time_limit_ends_the_job_and_all_it_has_started(
    python_wrapper: Wrapper,
) -> None:
    python_wrapper.write("/bin/sh", "-c", "sleep 600 & echo $!; wait", told=Told(limit_s=0.3))
    code, _ = python_wrapper.run()
    ended = python_wrapper.ended()
    assert ended.timed_out
    assert (ended.usage.wall_s or 0) >= 0.3
    assert code == -signal.SIGKILL
    left = int(python_wrapper.read("stdout"))
    until(lambda: not _lives(left))


def test_a_job_within_its_limit_is_left_alone(wrapper: Wrapper) -> None:
    wrapper.write("/bin/sh", "-c", "exit 6", told=Told(limit_s=600))
    assert wrapper.run()[0] == 6
    assert not wrapper.ended().timed_out


def test_a_place_that_cannot_be_written_is_told_and_nothing_is_run(wrapper: Wrapper) -> None:
    wrapper.write("/bin/sh", "-c", "echo ran")
    job = wrapper.read("job")
    shutil.rmtree(wrapper.place)
    code, said = wrapper.run()
    assert code == 125
    assert said
    wrapper.place.parent.mkdir(exist_ok=True)
    wrapper.place.write_bytes(job)
    assert wrapper.run()[0] == 125


class TestTelling:
    """What is told to the server, and that nobody waits for it."""

    @pytest.fixture
    def server(self) -> Iterator["Server"]:
        server = Server()
        yield server
        server.stop()

    def test_start_and_end_are_told_with_the_jobs_token(
        self, wrapper: Wrapper, server: "Server"
    ) -> None:
        if not wrapper.is_python and shutil.which("curl") is None:
            pytest.skip("missing: curl")
        wrapper.write("/bin/sh", "-c", "exit 7", told=Told(api_url=server.url, token="hwr_x'$y"))
        assert wrapper.run()[0] == 7
        assert [path for path, _, _ in server.heard] == [f"/api/jobs/{JOB}/attempts/1/record"] * 2
        assert {token for _, token, _ in server.heard} == {"Bearer hwr_x'$y"}
        assert read_started(server.heard[0][2]) is not None
        ended = read_ended(server.heard[1][2])
        assert ended is not None
        assert ended.exit_code == 7

    def test_a_server_that_never_answers_holds_a_job_up_for_its_two_seconds_at_most(
        self, wrapper: Wrapper
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as deaf:
            url = f"http://127.0.0.1:{deaf.getsockname()[1]}/api"
            wrapper.write("/bin/sh", "-c", "exit 0", told=Told(api_url=url, token="x"))
            # That it did not begin later, nor end later: it takes as long by itself now and then, on a busy machine.
            assert any(_took_s(wrapper, run) < 2 for run in range(8))

    @pytest.mark.parametrize(
        "url", ["http://127.0.0.1:1/api", "http://[::1", "nonsense", "ftp://x/"]
    )
    def test_a_server_that_cannot_be_reached_is_nobodys_concern(
        self, wrapper: Wrapper, url: str
    ) -> None:
        wrapper.write("/bin/sh", "-c", "exit 8", told=Told(api_url=url, token="x"))
        assert wrapper.run() == (8, b"")
        assert wrapper.ended().exit_code == 8


def _took_s(wrapper: Wrapper, run: int) -> float:
    """Run what is there, as the run of this number; gives how long the job took."""
    assert wrapper.run(restarts=str(run))[0] == 0
    ended = wrapper.ended(f".{run}" if run else "")
    assert ended.exit_code == 0
    assert ended.usage.wall_s is not None
    return ended.usage.wall_s


class TestElements:
    """An array's elements: each has a directory and variables of its own."""

    def test_each_has_its_own_directory_and_variables(self, wrapper: Wrapper) -> None:
        root = wrapper.place.parent.parent
        listed = root / "arrays" / wrapper.place.name
        listed.parent.mkdir()
        listed.write_bytes(
            element_lines(
                (n, f"0{n}/{JOB}.{n + 1}", {"OWN": f"it's $own {n}", "HEADWAY_REPORT_TOKEN": "t"})
                for n in range(12)
            )
        )
        wrapper.write("printenv", "OWN", told=Told(elements=str(listed)))
        for n in (0, 1, 11):
            assert wrapper.run(f"50.{n}") == (0, b"")
            place = root / f"0{n}" / f"{JOB}.{n + 1}"
            assert (place / "stdout").read_text() == f"it's $own {n}\n"
            ended = read_ended((place / "ended").read_bytes())
            assert ended is not None
            assert ended.native_id == f"50.{n}"
            assert json.loads((place / "claim").read_bytes()) == {"native_id": f"50.{n}"}

    def test_an_element_that_is_not_listed_runs_nothing(self, wrapper: Wrapper) -> None:
        listed = wrapper.place.parent.parent / "arrays" / wrapper.place.name
        listed.parent.mkdir()
        listed.write_bytes(element_lines([(10, f"00/{JOB}.1", {})]))
        wrapper.write("/bin/sh", "-c", "echo ran", told=Told(elements=str(listed)))
        code, said = wrapper.run("50.1")
        assert code == 125
        assert b"no element 1" in said


class Server:
    """Hears what wrappers tell."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str, bytes]] = []
        heard = self.heard

        class Hearing(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                length = int(self.headers["Content-Length"])
                token = self.headers["Authorization"]
                heard.append((self.path, token, self.rfile.read(length)))
                self.send_response(204)
                self.end_headers()

            log_message = staticmethod(_say_nothing)  # type: ignore[assignment]

        self._server = HTTPServer(("127.0.0.1", 0), Hearing)
        self.url = f"http://127.0.0.1:{self._server.server_port}/api"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _say_nothing(*_: object) -> None:
    return


def catches(pid: int, number: signal.Signals) -> bool:
    """Tell whether a process has a handler for a signal."""
    (caught,) = (
        line.split()[1]
        for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        if line.startswith("SigCgt:")
    )
    return bool(int(caught, 16) >> (number - 1) & 1)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
