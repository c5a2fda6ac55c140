"""Commands, on this machine and on a login node alike."""

import asyncio
import signal
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.executors.batch.hard_words import NASTY, any_word
from tests.executors.batch.transports.conftest import Make
from tests.executors.batch.transports.login import end_of, pids_in
from tests.faults.counts import dice, rounds

from headway.core.errors import ExecutorSlow, ExecutorUnavailable, InvalidRequest
from headway.executors.batch.command import Command
from headway.executors.batch.transport import Transport

pytestmark = pytest.mark.anyio


def shell(text: str, *arguments: str, stdin: bytes = b"") -> Command:
    return Command(argv=("sh", "-c", text, "sh", *arguments), stdin=stdin)


def telling(*arguments: str) -> Command:
    """A command that prints its arguments, each with a NUL behind it."""
    return shell(r'printf "%s\0" "$@"', *arguments)


def told(arguments: Sequence[str]) -> bytes:
    return b"".join(word.encode("utf-8", "surrogateescape") + b"\0" for word in arguments)


async def test_a_commands_outputs_are_kept_apart_and_its_exit_code_is_told(
    transport: Transport,
) -> None:
    output = await transport.run(shell("echo out; echo err >&2; exit 7"))
    assert (output.stdout, output.stderr, output.exit_code) == (b"out\n", b"err\n", 7)


async def test_every_exit_code_is_the_programs_own(transport: Transport) -> None:
    codes = [0, 1, 126, 127, 128, 254, 255]
    outputs = await asyncio.gather(*(transport.run(shell(f"exit {code}")) for code in codes))
    assert [output.exit_code for output in outputs] == codes


async def test_a_command_that_a_signal_ended_has_that_in_its_code(transport: Transport) -> None:
    output = await transport.run(shell("kill -TERM $$"))
    assert (output.exit_code, output.stderr) == (128 + signal.SIGTERM, b"")


async def test_whatever_bytes_a_command_prints_are_told(transport: Transport) -> None:
    stdin = bytes(range(256)) * 40
    output = await transport.run(shell("cat; cat /dev/null >&2", stdin=stdin))
    assert (output.stdout, output.stderr) == (stdin, b"")


async def test_ends_of_lines_are_told_as_they_are(transport: Transport) -> None:
    printed = ["", "no newline", "\n", "\n\n", "a\n\n"]
    text = 'printf %s "$1"; printf %s "$1" >&2'
    outputs = await asyncio.gather(*(transport.run(shell(text, each)) for each in printed))
    assert [output.text for output in outputs] == printed
    assert [output.stderr.decode() for output in outputs] == printed


async def test_a_command_without_input_finds_its_end_at_once(transport: Transport) -> None:
    assert (await transport.run(Command(argv=("cat",)))).stdout == b""


async def test_a_command_may_leave_its_input_unread(transport: Transport) -> None:
    assert (await transport.run(shell("exit 3", stdin=b"x" * 300_000))).exit_code == 3


async def test_a_command_has_the_clusters_environment_and_its_own(transport: Transport) -> None:
    command = shell(r'printf "%s\0" "$BASE" "$OWN"')
    output = await transport.run(Command(argv=command.argv, environment={"OWN": "a b\n'\"$x\\\n"}))
    assert output.stdout == told(["base", "a b\n'\"$x\\\n"])


async def test_a_program_is_started_by_the_path_that_is_set(transport: Transport) -> None:
    assert (await transport.run(Command(argv=("renamed", "hello")))).stdout == b"hello\n"


async def test_an_argument_arrives_as_it_is(transport: Transport) -> None:
    outputs = await asyncio.gather(*(transport.run(telling(word)) for word in NASTY))
    assert [output.stdout for output in outputs] == [told([word]) for word in NASTY]


async def test_an_argument_of_a_hundred_thousand_characters_arrives(transport: Transport) -> None:
    words = ["é'" * 30_000, "x" * 10]
    assert (await transport.run(telling(*words))).stdout == told(words)


@pytest.mark.soak
async def test_any_arguments_arrive_as_they_are(transport: Transport) -> None:
    choose = dice()
    cases = [[any_word(choose) for _ in range(choose.randint(1, 6))] for _ in range(rounds(10_000))]
    for start in range(0, len(cases), 100):
        some = cases[start : start + 100]
        outputs = await asyncio.gather(*(transport.run(telling(*words)) for words in some))
        assert [output.stdout for output in outputs] == [told(words) for words in some]


@pytest.mark.parametrize("word", ["a\0b", "\ud800"])
async def test_what_no_argument_can_be_is_refused(transport: Transport, word: str) -> None:
    with pytest.raises(InvalidRequest):
        await transport.run(telling(word))


@pytest.mark.parametrize("program", ["headway-no-such-program", "/etc/passwd"])
async def test_a_program_that_is_not_there_is_told_with_its_setting(
    transport: Transport, program: str
) -> None:
    with pytest.raises(ExecutorUnavailable, match=r"set programs\..* to the path"):
        await transport.run(Command(argv=(program,)))


async def test_a_program_whose_own_interpreter_is_missing_tells_so_itself(
    transport: Transport, tmp_path: Path
) -> None:
    script = tmp_path / "script"
    script.write_text("#!/usr/bin/env headway-no-such-program\n")
    script.chmod(0o700)
    assert (await transport.run(Command(argv=(str(script),)))).exit_code == 127


async def test_a_command_that_hangs_is_killed_with_its_children(make: Make, tmp_path: Path) -> None:
    transport = make(timeout_s=4.0)  # enough for a busy machine to start what hangs
    pids = tmp_path / "pids"
    hanging = shell(
        '(trap "" TERM HUP; echo $$ >>"$1"; sleep 600 & echo $! >>"$1"; wait)', str(pids)
    )
    with pytest.raises(ExecutorSlow, match=r"sh did not end within 4 s"):
        await transport.run(hanging)
    await end_of(await pids_in(pids, 2))


async def test_a_programs_own_limit_is_kept_and_not_that_of_all(make: Make) -> None:
    transport = make(timeout_s=60.0, timeouts_s={"sh": 0.2})
    with pytest.raises(ExecutorSlow, match=r"sh did not end within 0\.2 s"):
        await transport.run(shell("exec sleep 600"))
    patient = make(timeout_s=0.001, timeouts_s={"sh": 60.0})
    assert (await patient.run(shell("sleep 0.1; echo told"))).stdout == b"told\n"


async def test_a_command_nobody_waits_for_any_more_is_killed_with_its_children(
    transport: Transport, tmp_path: Path
) -> None:
    pids = tmp_path / "pids"
    running = asyncio.create_task(
        transport.run(shell('echo $$ >>"$1"; sleep 600 & echo $! >>"$1"; wait', str(pids)))
    )
    found = await pids_in(pids, 2)
    running.cancel()
    await end_of(found)
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_command_that_prints_without_end_is_killed(make: Make, tmp_path: Path) -> None:
    transport = make(most_output_bytes=100_000)
    pids = tmp_path / "pids"
    with pytest.raises(ExecutorUnavailable, match="more than 100000 bytes"):
        await transport.run(shell('echo $$ >"$1"; exec yes', str(pids)))
    await end_of(await pids_in(pids, 1))


async def test_ten_megabytes_are_told_whole(transport: Transport) -> None:
    output = await transport.run(shell("yes 0123456 | head -c 10000000"))
    assert output.stdout == b"0123456\n" * 1_250_000


async def test_a_child_that_keeps_the_output_open_does_not_hold_up_the_answer(
    transport: Transport, tmp_path: Path
) -> None:
    pids = tmp_path / "pids"
    output = await transport.run(shell('sleep 600 & echo $! >"$1"; echo told; exit 4', str(pids)))
    assert (output.stdout, output.exit_code) == (b"told\n", 4)
    (left_behind,) = await pids_in(pids, 1)
    await transport.run(Command(argv=("kill", "-KILL", str(left_behind))))  # it was let live


async def test_twenty_commands_at_once_are_all_answered(transport: Transport) -> None:
    outputs = await asyncio.gather(*(transport.run(telling(str(i))) for i in range(20)))
    assert [output.stdout for output in outputs] == [told([str(i)]) for i in range(20)]
