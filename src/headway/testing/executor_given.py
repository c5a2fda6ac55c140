"""What an Executor promises about what a job is given and what it writes. Each test takes a started ``witness``."""

from collections.abc import Mapping
from typing import Final

import pytest

from headway.core.errors import NotFound
from headway.core.model.names import Tag
from headway.core.model.state import Reason, State
from headway.core.ports.executor import Stream
from headway.testing.executor_witness import Witness

#: Each is one argument, and hard on a shell, a scheduler's option parser or a text encoding.
WORDS: Final = (
    "",
    " ",
    "  two  blanks ",
    "a\nb",
    "\n",
    "ends in a newline\n",
    "\t\r\v\f",
    "\x01\x1b[31m\x7f",
    "$HOME ${HOME} $(id) `id`",
    "'",
    '"',
    "'\"'\"'",
    "\\",
    "\\\\n\\",
    "%s%d%%",
    "%J %I %j",
    "*",
    "?[a-z]",
    "~",
    "~root",
    "!event",
    "#comment",
    "#SBATCH --hold",
    "-",
    "--",
    "-n",
    "--help",
    "a=b",
    "a;b|c&d>e<f",
    "(a){b}",
    "é",
    "日本 ☂ 𝄞",
    "\u2028",
    "\udcff\udc80",
    "x" * 4096,
)
#: A directory's name with all that a path may hold and a script may stumble over.
HARD_NAME: Final = "a b'\"$x`*\\\n#é\udcff;&"


def bytes_of(text: str) -> bytes:
    """Give what arrives of a text."""
    return text.encode("utf-8", "surrogateescape")


def variables_of(printed: bytes) -> dict[bytes, bytes]:
    """Read what ``env -0`` prints."""
    pairs = [line.partition(b"=") for line in printed.split(b"\0")[:-1]]
    return {name: value for name, _, value in pairs}


class GivenWords:
    """Arguments and variables."""

    async def test_arguments_arrive_one_to_one(self, witness: Witness) -> None:
        end = await witness.run_one(witness.launch("printf", r"%s\0", *WORDS))
        assert (await witness.output(end.tag)).split(b"\0")[:-1] == [*map(bytes_of, WORDS)]

    async def test_a_program_named_like_an_option_or_with_odd_characters_is_run(
        self, witness: Witness
    ) -> None:
        odd = f"{witness.scene.root}/programs/-n {HARD_NAME}"
        witness.scene.put(odd, b'#!/bin/sh\nprintf "%s" "$1"\n')
        end = await witness.run_one(witness.launch(odd, "arrived"))
        assert await witness.output(end.tag) == b"arrived"

    async def test_values_of_variables_arrive_one_to_one(self, witness: Witness) -> None:
        given = {f"V{number}": word for number, word in enumerate(WORDS)}
        end = await witness.run_one(witness.launch("env", "-0", environment=given))
        assert end.state is State.SUCCEEDED
        assert _part(variables_of(await witness.output(end.tag)), given) == _as_bytes(given)

    async def test_variables_that_no_shell_can_set_arrive(self, witness: Witness) -> None:
        given = {
            "a.b": "1",
            "a-b": "2",
            "1st": "3",
            "é": "4",
            "\udcff": "5",
            " ": "6",
            "a\nb": "7",
            "BASH_FUNC_f%%": "() {  echo f; }",
            "%s": "8",
            "-i": "9",
        }
        end = await witness.run_one(witness.launch("env", "-0", environment=given))
        assert _part(variables_of(await witness.output(end.tag)), given) == _as_bytes(given)

    async def test_variables_that_shells_keep_for_themselves_arrive(self, witness: Witness) -> None:
        given = {"UID": "x", "PPID": "1", "IFS": "/", "SHELLOPTS": "", "OPTIND": "x", "ENV": "no"}
        end = await witness.run_one(witness.launch("env", "-0", environment=given))
        assert _part(variables_of(await witness.output(end.tag)), given) == _as_bytes(given)

    async def test_what_headway_adds_wins_over_the_jobs_own(self, witness: Witness) -> None:
        launch = witness.launch(
            "env", "-0", environment={"BOTH": "job", "JOB": "j"}, added={"BOTH": "headway"}
        )
        found = variables_of(await witness.output((await witness.run_one(launch)).tag))
        assert (found[b"BOTH"], found[b"JOB"]) == (b"headway", b"j")

    async def test_an_environment_is_inherited_if_it_is_to_be(self, witness: Witness) -> None:
        given, inherited = {"GIVEN": "yes"}, witness.scene.inherited
        one = witness.launch("env", "-0", environment=given)
        other = witness.launch("env", "-0", environment=given, inherit_environment=False)
        with_it, without = [
            variables_of(await witness.output(end.tag)) for end in await witness.run(one, other)
        ]
        assert _part(with_it, inherited) == _as_bytes(inherited)
        assert _part(without, inherited) == {}
        assert with_it[b"GIVEN"] == without[b"GIVEN"] == b"yes"

    async def test_a_path_of_its_own_is_what_the_program_is_looked_for_in(
        self, witness: Witness
    ) -> None:
        witness.scene.put(f"{witness.scene.root}/mine/own-program", b"#!/bin/sh\necho found\n")
        path = {"PATH": f"{witness.scene.root}/mine:/usr/bin:/bin"}
        ends = await witness.run(
            witness.launch("own-program", environment=path),
            witness.launch("own-program", environment=path, inherit_environment=False),
        )
        assert [await witness.output(end.tag) for end in ends] == [b"found\n", b"found\n"]


class GivenPlaces:
    """Directories and standard input."""

    async def test_a_job_runs_in_its_directory(self, witness: Witness) -> None:
        directory = f"{witness.scene.root}/{HARD_NAME}"
        witness.scene.put(f"{directory}/witness", b"")
        end = await witness.run_one(witness.shell("ls; echo x >made", directory=directory))
        assert await witness.output(end.tag) == b"witness\n"
        assert witness.scene.get(f"{directory}/made") == b"x\n"

    async def test_a_job_without_a_directory_has_an_empty_private_one(
        self, witness: Witness
    ) -> None:
        script = "ls -A; stat -c %a .; echo x >own; ls -A"
        one, other = await witness.run(*(witness.shell(script, directory=None) for _ in range(2)))
        assert await witness.output(one.tag) == b"700\nown\n"
        assert await witness.output(other.tag) == b"700\nown\n"

    async def test_standard_input_is_a_file_or_empty(self, witness: Witness) -> None:
        path = f"{witness.scene.root}/{HARD_NAME}.in"
        witness.scene.put(path, b"given\xff\n")
        given, empty = await witness.run(
            witness.launch("cat", stdin_path=path), witness.launch("cat")
        )
        assert await witness.output(given.tag) == b"given\xff\n"
        assert await witness.output(empty.tag) == b""

    async def test_what_is_not_there_is_named_before_or_instead_of_running(
        self, witness: Witness
    ) -> None:
        """A refusal and an attempt that failed to start are both right; a program that ran is not."""
        nowhere = f"{witness.scene.root}/not-there"
        launches = [
            witness.launch(nowhere),
            witness.launch("no-such-program-anywhere"),
            witness.launch("/bin/true", directory=nowhere),
            witness.launch("cat", stdin_path=nowhere),
        ]
        words = {each.tag: each.message for each in await witness.try_to_submit(*launches)}
        for launch in launches:
            if launch.tag not in words:
                end = await witness.until_over(launch.tag)
                assert (end.state, end.reason) == (State.FAILED, Reason.NOT_STARTED), end
                words[launch.tag] = end.message
        first, second, third, fourth = (words[launch.tag] for launch in launches)
        assert nowhere in first
        assert "no-such-program-anywhere" in second
        assert nowhere in third
        assert nowhere in fourth


class Written:
    """Logs."""

    async def test_both_outputs_are_kept_apart_as_bytes(self, witness: Witness) -> None:
        script = r"printf 'out\377\000\n'; printf 'err\200' >&2; printf 'end'"
        end = await witness.run_one(witness.shell(script))
        assert await witness.output(end.tag) == b"out\xff\x00\nend"
        assert await witness.output(end.tag, Stream.STDERR) == b"err\x80"

    async def test_a_log_is_read_in_parts(self, witness: Witness) -> None:
        end = await witness.run_one(witness.shell("printf 0123456789; exit 1"))
        read = witness.executor.read_log
        part = await read(end.tag, Stream.STDOUT, offset=3, limit=4)
        assert (part.data, part.size) == (b"3456", 10)
        assert (await read(end.tag, Stream.STDOUT, offset=8, limit=100)).data == b"89"
        past = await read(end.tag, Stream.STDOUT, offset=10, limit=4)
        assert (past.data, past.size) == (b"", 10)
        assert (await read(end.tag, Stream.STDERR, offset=0, limit=4)).data == b""

    async def test_megabytes_are_kept(self, witness: Witness) -> None:
        end = await witness.run_one(witness.shell("yes 0123456 | head -c 3000000"))
        assert await witness.output(end.tag) == b"0123456\n" * 375_000

    async def test_output_is_read_while_the_job_runs(self, witness: Witness) -> None:
        (tag,) = await witness.submit(
            witness.shell("echo now; echo also >&2; while [ ! -e gate ]; do sleep 0.05; done")
        )
        assert await witness.until_written(tag, b"now") == b"now\n"
        assert await witness.until_written(tag, b"also", Stream.STDERR) == b"also\n"
        assert witness.end(tag) is None
        witness.scene.put(f"{witness.scene.root}/gate", b"")
        assert (await witness.until_over(tag)).state is State.SUCCEEDED

    async def test_there_is_no_log_of_what_was_never_here(self, witness: Witness) -> None:
        never = witness.launch("/bin/true").tag
        with pytest.raises(NotFound):
            await witness.executor.read_log(Tag(never), Stream.STDOUT, offset=0, limit=1)


def _as_bytes(variables: Mapping[str, str]) -> dict[bytes, bytes]:
    return {bytes_of(name): bytes_of(value) for name, value in variables.items()}


def _part(found: Mapping[bytes, bytes], wanted: Mapping[str, str]) -> dict[bytes, bytes]:
    names = [bytes_of(name) for name in wanted]
    return {name: found[name] for name in names if name in found}
