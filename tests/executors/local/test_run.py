"""Jobs that end by themselves: their status, their output, what they are given."""

import asyncio
import os
import signal
from pathlib import Path

import pytest
from tests.executors.local.rig import Rig

from headway.core.errors import ExecutorUnavailable
from headway.core.model.state import Reason, State
from headway.core.ports.executor import Stream
from headway.executors.local import logs

pytestmark = pytest.mark.anyio

#: 32 and 33: glibc's posix_spawn has its children ignore them; programs cannot use them anyway.
LIBC_S_OWN_SIGNALS = 0b11 << 31


async def test_a_job_that_exits_with_0_succeeded(rig: Rig) -> None:
    end = await rig.run(rig.launch("/bin/true"))
    assert (end.state, end.reason, end.exit_code, end.signal) == (State.SUCCEEDED, None, 0, None)


@pytest.mark.parametrize("code", [1, 2, 127, 255])
async def test_an_exit_code_is_kept_as_a_number(rig: Rig, code: int) -> None:
    end = await rig.run(rig.launch("sh", "-c", f"exit {code}"))
    assert (end.state, end.reason) == (State.FAILED, Reason.NONZERO_EXIT)
    assert (end.exit_code, end.signal) == (code, None)


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV, signal.SIGRTMIN]
)
async def test_a_signal_is_kept_as_a_number_and_is_no_exit_code(rig: Rig, number: int) -> None:
    end = await rig.run(rig.launch("sh", "-c", f"kill -{int(number)} $$"))
    assert (end.state, end.reason) == (State.FAILED, Reason.SIGNAL)
    assert (end.exit_code, end.signal) == (None, number)


async def test_places_are_taken_from_the_call_on_that_asks_for_them(rig: Rig) -> None:
    room, launches = rig.executor.room(), [rig.launch("/bin/true") for _ in range(3)]
    asked = asyncio.create_task(rig.executor.submit(launches))
    await asyncio.sleep(0)
    assert rig.executor.room() == room - len(launches)
    await asked


async def test_a_job_is_running_with_its_pid_before_it_ends(rig: Rig) -> None:
    tag = await rig.submit(rig.launch("sh", "-c", "echo $$; sleep 60"))
    running = await rig.until(tag, "running")
    assert [running.native_id] == await rig.lines(tag, 1)
    assert running.host == os.uname().nodename
    assert running.started == running.at


async def test_stdout_and_stderr_are_kept_apart_as_bytes(rig: Rig) -> None:
    end = await rig.run(rig.launch("sh", "-c", r"printf 'a\377\000b'; printf 'c\200' >&2"))
    assert await rig.output(end.tag) == b"a\xff\x00b"
    assert await rig.output(end.tag, Stream.STDERR) == b"c\x80"


async def test_output_can_be_read_while_the_job_runs(rig: Rig) -> None:
    tag = await rig.submit(rig.launch("sh", "-c", "echo now; sleep 60"))
    assert await rig.lines(tag, 1) == ["now"]


async def test_output_that_is_cut_while_the_job_runs_goes_on_at_its_new_end(rig: Rig) -> None:
    script = "echo long line; read x < gate; echo after"
    tag = await rig.submit(rig.launch("sh", "-c", f"mkfifo gate; echo ready >&2; {script}"))
    await rig.lines(tag, 1)
    directory = next(rig.data.glob("jobs/*/*.1"))
    logs.log_file(rig.data, tag, Stream.STDOUT).write_bytes(b"")
    (directory / "gate").write_text("go\n")
    await rig.until(tag, "final")
    assert await rig.output(tag) == b"after\n"


async def test_arguments_arrive_one_to_one(rig: Rig) -> None:
    words = ["", " ", "a\nb", "$HOME", "é", "\udcff", "*", "--", "'\""]
    end = await rig.run(rig.launch("printf", r"%s\0", *words))
    expected = [word.encode("utf-8", "surrogateescape") for word in words]
    assert (await rig.output(end.tag)).split(b"\0")[:-1] == expected


async def test_the_environment_is_the_servers_with_the_jobs_and_headways_added(rig: Rig) -> None:
    launch = rig.launch(
        "env", "-0", environment={"A": "1\n2", "BOTH": "job"}, added={"BOTH": "headway"}
    )
    end = await rig.run(launch)
    found = set((await rig.output(end.tag)).split(b"\0"))
    assert {b"BASE=server", b"A=1\n2", b"BOTH=headway"} < found


async def test_an_environment_that_is_not_inherited_holds_nothing_else(rig: Rig) -> None:
    launch = rig.launch(
        "env", "-0", environment={"A": "1"}, added={"B": "2"}, inherit_environment=False
    )
    end = await rig.run(launch)
    assert sorted((await rig.output(end.tag)).split(b"\0")) == [b"", b"A=1", b"B=2"]


async def test_a_megabyte_of_arguments_arrives(rig: Rig) -> None:
    words = [chr(97 + n % 26) * 100_000 for n in range(10)]
    end = await rig.run(rig.launch("printf", "%s", *words))
    assert await rig.output(end.tag) == "".join(words).encode()


async def test_a_single_argument_longer_than_the_kernel_takes_is_refused(rig: Rig) -> None:
    words = await rig.refused(rig.launch("printf", "x" * 200_000))
    assert "longer than this machine allows" in words


async def test_standard_input_is_empty(rig: Rig) -> None:
    end = await rig.run(rig.launch("sh", "-c", "wc -c; readlink /proc/$$/fd/0"))
    assert (await rig.output(end.tag)).split() == [b"0", b"/dev/null"]


async def test_standard_input_can_be_a_file(rig: Rig, tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(b"given\xff")
    end = await rig.run(rig.launch("cat", stdin_path=str(tmp_path / "in")))
    assert await rig.output(end.tag) == b"given\xff"


async def test_a_job_runs_in_its_directory(rig: Rig, tmp_path: Path) -> None:
    end = await rig.run(rig.launch("touch", "here", directory=str(tmp_path)))
    assert end.exit_code == 0
    assert "here" in os.listdir(tmp_path)  # noqa: PTH208 - ASYNC240 forbids the other


async def test_a_job_without_a_directory_has_an_empty_private_one(rig: Rig) -> None:
    end = await rig.run(rig.launch("sh", "-c", "pwd -P; stat -c %a .; ls -A"))
    directory, rights = (await rig.output(end.tag)).decode().splitlines()
    assert directory.endswith(f"/{end.tag}")
    assert rights == "700"


async def test_an_executable_is_looked_up_in_the_jobs_own_path(rig: Rig, tmp_path: Path) -> None:
    program = tmp_path / "mine"
    program.write_text("#!/bin/sh\necho found\n")
    program.chmod(0o755)
    end = await rig.run(rig.launch("mine", environment={"PATH": f"/nowhere:{tmp_path}"}))
    assert await rig.output(end.tag) == b"found\n"


async def test_a_job_is_given_three_files_and_no_more(rig: Rig) -> None:
    end = await rig.run(rig.launch("ls", "/proc/self/fd"))
    assert (await rig.output(end.tag)).split() == [b"0", b"1", b"2", b"3"]  # 3 is what ls reads


async def test_a_job_starts_with_no_signal_blocked_or_ignored(rig: Rig) -> None:
    end = await rig.run(rig.launch("grep", "-E", "Sig(Blk|Ign)", "/proc/self/status"))
    lines = (await rig.output(end.tag)).decode().splitlines()
    blocked, ignored = (int(line.split()[1], 16) for line in lines)
    assert (blocked, ignored & ~LIBC_S_OWN_SIGNALS) == (0, 0)


async def test_a_job_leads_a_session_of_its_own(rig: Rig) -> None:
    end = await rig.run(rig.launch("sh", "-c", "ps -o pid=,pgid=,sid= -p $$"))
    assert len(set((await rig.output(end.tag)).split())) == 1


async def test_usage_tells_time_and_memory(rig: Rig) -> None:
    work = "x = bytearray(100_000_000); n = sum(range(3_000_000))"
    end = await rig.run(rig.launch("python3", "-c", work))
    assert end.usage is not None
    assert (end.usage.cpu_s or 0) > 0.01
    assert (end.usage.wall_s or 0) > 0.01
    assert (end.usage.max_memory_bytes or 0) > 100_000_000


async def test_a_job_is_not_said_to_have_used_the_spawners_memory(rig: Rig) -> None:
    end = await rig.run(rig.launch("true"))
    assert end.usage is not None
    assert end.usage.max_memory_bytes is None
    assert end.usage.wall_s


async def test_a_job_is_not_said_to_have_begun_when_it_was_over(rig: Rig) -> None:
    for _ in range(20):
        end = await rig.run(rig.launch("sh", "-c", "exit 3"))
        assert end.usage is not None
        assert end.usage.cpu_s is not None
        assert end.usage.wall_s is not None
        assert end.usage.wall_s >= end.usage.cpu_s


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("no-such-program",), "in no directory of the job's PATH"),
        (("/no/such/program",), "does not exist"),
        (("/etc/passwd",), "permission denied"),
        (("/",), "permission denied"),
        ((), "no command"),
        (("",), "no command"),
        (("echo", "a\0b"), "NUL"),
        (("echo", "\ud800"), "surrogate"),
    ],
)
async def test_a_command_that_cannot_run_is_refused_with_words(
    rig: Rig, command: tuple[str, ...], words: str
) -> None:
    assert words in await rig.refused(rig.launch(*command))


async def test_a_script_without_an_interpreters_name_is_refused(rig: Rig, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("echo hello\n")
    script.chmod(0o755)
    assert "must begin with #!" in await rig.refused(rig.launch(str(script)))


async def test_a_script_whose_interpreter_is_missing_says_so(rig: Rig, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    assert "interpreter" in await rig.refused(rig.launch(str(script)))


@pytest.mark.parametrize(
    ("directory", "words"),
    [("/no/such/place", "does not exist"), ("/etc/passwd", "Not a directory"), ("here", "'/'")],
)
async def test_a_directory_that_cannot_be_used_is_named(
    rig: Rig, directory: str, words: str
) -> None:
    said = await rig.refused(rig.launch("/bin/true", directory=directory))
    assert words in said
    assert directory in said


@pytest.mark.parametrize("name", ["", "A=B", "A\0B"])
async def test_an_environment_that_cannot_be_is_refused(rig: Rig, name: str) -> None:
    assert "environment" in await rig.refused(rig.launch("/bin/true", environment={name: "x"}))


async def test_a_pipe_as_standard_input_is_refused_and_stops_nobody(
    rig: Rig, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "not a file" in await rig.refused(rig.launch("cat", stdin_path=str(tmp_path / "pipe")))


@pytest.mark.parametrize("what", ["pipe", "link"])
async def test_what_a_job_puts_in_the_place_of_anothers_output_is_refused_and_stops_nobody(
    rig: Rig, tmp_path: Path, what: str
) -> None:
    launch = rig.launch("/bin/echo", "written")
    place = logs.log_file(rig.data, launch.tag, Stream.STDOUT)
    place.parent.mkdir(parents=True)
    target = tmp_path / "target"
    target.touch()
    if what == "pipe":
        os.mkfifo(place)
    else:
        place.symlink_to(target)
    assert "the output file" in await rig.refused(launch)
    assert target.read_bytes() == b""
    assert (await rig.run(rig.launch("/bin/true"))).state is State.SUCCEEDED


async def test_a_refused_attempt_is_not_found(rig: Rig) -> None:
    launch = rig.launch("/no/such/program")
    await rig.refused(launch)
    assert await rig.executor.find([launch.tag]) == []


async def test_the_refused_of_a_batch_do_not_hinder_the_others(rig: Rig) -> None:
    good, bad = rig.launch("/bin/true"), rig.launch("/no/such/program")
    refusals = await rig.executor.submit([bad, good])
    assert [refusal.tag for refusal in refusals] == [bad.tag]
    assert (await rig.until(good.tag, "final")).state is State.SUCCEEDED


async def test_a_tag_that_is_no_job_and_attempt_never_becomes_a_path(rig: Rig) -> None:
    launch = rig.launch("/bin/true")
    hostile = type(launch)(tag=type(launch.tag)("../../x.1"), name="", spec=launch.spec)
    (refusal,) = await rig.executor.submit([hostile])
    assert "no job id" in refusal.message


async def test_room_is_what_the_setting_leaves(rig: Rig) -> None:
    assert rig.executor.room() == 8
    tag = await rig.submit(rig.launch("sleep", "60"))
    assert rig.executor.room() == 7
    await rig.executor.cancel([tag])
    await rig.until(tag, "final")
    assert rig.executor.room() == 8


async def test_a_closed_executor_says_that_it_cannot_be_asked(rig: Rig) -> None:
    await rig.stop()
    with pytest.raises(ExecutorUnavailable):
        await rig.executor.submit([rig.launch("/bin/true")])
