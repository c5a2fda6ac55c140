"""The script that becomes a job, run by real shells: whatever words it is made of arrive 1:1."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.executors.batch.shells import CHARACTERS, SHELLS, WORDS, as_bytes, variables_of
from tests.properties import examples

from headway.core.errors import InvalidRequest
from headway.core.model.spec import Spec
from headway.executors.batch.dialect import Variables
from headway.executors.batch.script import (
    Told,
    Wrappers,
    batch_script,
    element_lines,
    job_script,
    read_elements,
)

VARIABLES = Variables(
    job_id="JOB_ID", array_id="ARRAY_ID", index="TASK", restarts="RESTARTS", unset="undefined"
)
INHERITED = {"PATH": os.defpath, "HOME": "/nowhere", "JOB_ID": "12", "SECRET": "of the server"}
NAMES = st.text(CHARACTERS, min_size=1).filter(lambda name: "=" not in name)
quick = settings(
    max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.mark.parametrize("shell", SHELLS)
@quick
@given(words=st.lists(WORDS, max_size=6))
def test_any_arguments_arrive(tmp_path: Path, shell: tuple[str, ...], words: list[str]) -> None:
    spec = Spec(command=("printf", r"%s\0", "first", *words))
    ran = run(shell, spec, tmp_path)
    assert ran.stdout.split(b"\0")[:-1] == [b"first", *map(as_bytes, words)]
    assert ran.stderr == b""


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("inherit", [True, False])
@quick
@given(environment=st.dictionaries(NAMES, WORDS, max_size=5))
def test_any_variables_arrive(
    tmp_path: Path, shell: tuple[str, ...], environment: dict[str, str], *, inherit: bool
) -> None:
    environment.pop("PATH", None)
    spec = Spec(
        command=("/usr/bin/env", "-0"), environment=environment, inherit_environment=inherit
    )
    found = variables_of(run(shell, spec, tmp_path).stdout)
    wanted = {as_bytes(name): as_bytes(value) for name, value in environment.items()}
    assert {name: found.get(name) for name in wanted} == wanted
    assert (b"SECRET" in found) is inherit
    assert found[b"JOB_ID"] == wanted.get(b"JOB_ID", b"12")


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("name", ["-i", "-u", "--help", "-", "--", "-S", "-0"])
@pytest.mark.parametrize("inherit", [True, False])
def test_a_variable_named_like_an_option_arrives(
    tmp_path: Path, shell: tuple[str, ...], name: str, *, inherit: bool
) -> None:
    spec = Spec(
        command=("/usr/bin/env", "-0"), environment={name: "x"}, inherit_environment=inherit
    )
    assert variables_of(run(shell, spec, tmp_path).stdout)[as_bytes(name)] == b"x"


def test_no_value_becomes_an_argument_that_others_could_read() -> None:
    spec = Spec(command=("true",), environment={"A": "secret"}, inherit_environment=False)
    script = job_script(spec, {"B": "secret"}, told=Told(), variables=VARIABLES, own=("C",))
    assert script.decode().splitlines()[-1] == 'exec /usr/bin/env "$@" -- true'


@pytest.mark.parametrize("shell", SHELLS)
def test_no_part_of_what_is_not_inherited_becomes_an_argument(
    tmp_path: Path, shell: tuple[str, ...]
) -> None:
    key = "-----BEGIN KEY-----\nMIIsecretA==\nsecretB=\n"
    spec = Spec(command=("true",), inherit_environment=False)
    script = job_script(spec, {}, told=Told(), variables=VARIABLES)
    shown = script.replace(b"exec /usr/bin/env", b"printf '%s\\n'")
    (tmp_path / "job").write_bytes(shown)
    environment = {**INHERITED, "KEY": key, "HEADWAY_PLACE": str(tmp_path)}
    ran = subprocess.run(
        [*shell, str(tmp_path / "job")], env=environment, capture_output=True, check=True
    )
    assert b"\nKEY\n" in ran.stdout
    assert b"secret" not in ran.stdout


@pytest.mark.parametrize("shell", SHELLS)
def test_what_headway_adds_wins(tmp_path: Path, shell: tuple[str, ...]) -> None:
    spec = Spec(command=("printenv", "A"), environment={"A": "job"})
    assert run(shell, spec, tmp_path, added={"A": "headway"}).stdout == b"headway\n"


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("name", ["plain", "a b'\"$x\n`", "é\udcff", "-n"])
def test_any_directory_and_standard_input_are_found(
    tmp_path: Path, shell: tuple[str, ...], name: str
) -> None:
    place = tmp_path / name
    place.mkdir()
    (place / "input").write_bytes(b"read")
    spec = Spec(
        command=("sh", "-c", "cat; pwd -P"), directory=str(place), stdin_path=f"{place}/input"
    )
    assert run(shell, spec, tmp_path).stdout == b"read" + as_bytes(str(place)) + b"\n"


@pytest.mark.parametrize(
    ("spec", "code", "named"),
    [
        (Spec(command=("no-such-program",)), 127, "no-such-program"),
        (Spec(command=("/no/such/program",)), 127, "/no/such/program"),
        (Spec(command=("/etc/passwd",)), 127, "/etc/passwd"),
        (Spec(command=("true",), directory="/no/such/place"), 126, "/no/such/place"),
        (Spec(command=("true",), stdin_path="/no/such/file"), 126, "/no/such/file"),
        (Spec(command=("true",), stdin_path="/etc"), 126, "/etc"),
    ],
)
@pytest.mark.parametrize("shell", SHELLS)
def test_what_is_not_there_is_said_and_nothing_is_run(
    tmp_path: Path, shell: tuple[str, ...], spec: Spec, code: int, named: str
) -> None:
    ran = run(shell, spec, tmp_path)
    assert ran.returncode == code
    assert named in (tmp_path / "not_started").read_text()


def test_a_pipe_as_standard_input_stops_nobody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    spec = Spec(command=("cat",), stdin_path=str(tmp_path / "pipe"))
    assert run(("/bin/sh",), spec, tmp_path).returncode == 126


def test_a_job_without_a_directory_has_a_private_one(tmp_path: Path) -> None:
    ran = run(("/bin/sh",), Spec(command=("sh", "-c", "pwd -P; stat -c %a .")), tmp_path)
    assert ran.stdout.decode().split() == [f"{tmp_path.resolve()}/work", "700"]


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        (Spec(), "command"),
        (Spec(command=("",)), "command"),
        (Spec(command=("a", "b\0")), "command"),
        (Spec(command=("a", "\ud800")), "command"),
        (Spec(command=("a",), directory="/a\0"), "directory"),
        (Spec(command=("a",), stdin_path="/a\0"), "stdin_path"),
        (Spec(command=("a",), environment={"": "x"}), "environment"),
        (Spec(command=("a",), environment={"a=b": "x"}), "environment"),
        (Spec(command=("a",), environment={"a\0": "x"}), "environment"),
        (Spec(command=("a",), environment={"a": "\0"}), "environment"),
        (Spec(command=("a=b",), environment={"a.b": "x"}), "command"),
        (Spec(command=("a=b",), inherit_environment=False), "command"),
    ],
)
def test_what_no_program_can_be_given_is_refused_by_its_field(spec: Spec, field: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        job_script(spec, {}, told=Told(), variables=VARIABLES)
    assert caught.value.field == field


class TestBatchScript:
    """What the scheduler starts: it finds the wrapper, and tells it which native job it runs in."""

    @pytest.mark.parametrize(
        ("environment", "expected"),
        [
            ({"JOB_ID": "12"}, ["12", "", "", ""]),
            ({"JOB_ID": "12", "TASK": "undefined"}, ["12", "", "", ""]),
            ({"JOB_ID": "13", "ARRAY_ID": "12", "TASK": "4"}, ["12.4", "", "", ""]),
            ({"JOB_ID": "12", "RESTARTS": "2"}, ["12", "2", "", ""]),
            ({}, ["?", "", "", ""]),
        ],
    )
    @pytest.mark.parametrize("shell", SHELLS)
    def test_the_wrapper_is_told_its_native_job(
        self,
        tmp_path: Path,
        shell: tuple[str, ...],
        environment: Mapping[str, str],
        expected: list[str],
    ) -> None:
        place = tmp_path / "a place's $name\n"
        place.mkdir()
        (place / "job").touch()
        wrapper = tmp_path / "wrapper"
        wrapper.write_text('printf "%s\\0" "$@"\n')
        script = batch_script(
            what="Attempt; rm -rf /\n`id`",
            place=str(place),
            variables=VARIABLES,
            wrappers=Wrappers(python="", shell=str(wrapper), interpreters=("no-python",)),
        )
        ran = subprocess.run(
            [*shell, "-s"],
            input=script,
            env={"PATH": os.defpath, **environment},
            capture_output=True,
            check=True,
        )
        words = ran.stdout.decode().split("\0")
        assert words[0] == str(place)
        assert words[1:3] == expected[:2]

    def test_indices_that_begin_at_1_are_counted_from_0(self, tmp_path: Path) -> None:
        (tmp_path / "job").touch()
        wrapper = tmp_path / "wrapper"
        wrapper.write_text('echo "$2"\n')
        script = batch_script(
            what="",
            place=str(tmp_path),
            variables=Variables(job_id="JOB_ID", index="TASK", unset="undefined", first=1),
            wrappers=Wrappers(python="", shell=str(wrapper), interpreters=()),
        )
        for task, expected in {"1": "12.0", "10": "12.9", "undefined": "12", "": "12"}.items():
            environment = {"PATH": os.defpath, "JOB_ID": "12", "TASK": task}
            ran = subprocess.run(
                ["/bin/sh", "-s"], input=script, env=environment, capture_output=True, check=True
            )
            assert ran.stdout.decode().strip() == expected

    def test_a_place_that_the_node_does_not_see_is_named(self, tmp_path: Path) -> None:
        script = batch_script(
            what="",
            place=f"{tmp_path}/not-here",
            variables=VARIABLES,
            wrappers=Wrappers(python="/none", shell="/none"),
        )
        ran = subprocess.run(
            ["/bin/sh", "-s"], input=script, env=INHERITED, capture_output=True, check=False
        )
        assert ran.returncode == 126
        assert f"{tmp_path}/not-here".encode() in ran.stderr


@given(st.lists(st.tuples(st.text("0123456789abcdef-.", min_size=1), WORDS), max_size=5))
def test_the_list_of_an_arrays_elements_is_read_back(elements: list[tuple[str, str]]) -> None:
    lines = element_lines(
        (number, place, {"TOKEN": value.replace("\n", "")})
        for number, (place, value) in enumerate(elements)
    )
    assert read_elements(lines) == {number: place for number, (place, _) in enumerate(elements)}


@given(st.binary())
def test_any_bytes_are_a_list_of_elements(raw: bytes) -> None:
    read_elements(raw)


def run(
    shell: tuple[str, ...], spec: Spec, place: Path, *, added: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[bytes]":
    """Run the script of a spec as the wrapper does."""
    script = place / "job"
    script.write_bytes(job_script(spec, added or {}, told=Told(), variables=VARIABLES))
    return subprocess.run(
        [*shell, str(script)],
        env={**INHERITED, "HEADWAY_PLACE": str(place)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=60,
    )
