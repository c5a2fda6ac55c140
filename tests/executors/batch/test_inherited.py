"""What a job inherits where the scheduler does not hand the submitting command's environment on."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.executors.batch.shells import SHELLS, WORDS, as_bytes, variables_of
from tests.properties import examples

from headway.core.errors import ExecutorUnavailable
from headway.core.model.spec import Spec
from headway.executors.batch import inherited
from headway.executors.batch.command import Output
from headway.executors.batch.dialect import Variables
from headway.executors.batch.script import Told, job_script

NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,20}", fullmatch=True).map(lambda name: f"T{name}")
ENVIRONMENT = Spec(command=("/usr/bin/env", "-0"))
quick = settings(
    max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def ran(
    spec: Spec,
    place: Path,
    lent: Mapping[str, str],
    *,
    shell: tuple[str, ...] = ("/bin/sh",),
    node: Mapping[str, str] | None = None,
) -> dict[bytes, bytes]:
    """Run a job on a node; gives the variables that it had."""
    script = place / "job"
    told = Told(api_url="http://127.0.0.1/api/v1")
    variables = Variables(job_id="JOB_ID")
    script.write_bytes(job_script(spec, {"A": "a"}, told=told, variables=variables, inherited=lent))
    ended = subprocess.run(
        [*shell, str(script)],
        env={"PATH": os.defpath, "HEADWAY_PLACE": str(place), **(node or {})},
        capture_output=True,
        check=True,
    )
    assert ended.stderr == b""
    return variables_of(ended.stdout)


@pytest.mark.parametrize("shell", SHELLS)
@quick
@given(lent=st.dictionaries(NAMES, WORDS, max_size=5))
def test_whatever_whoever_submits_has_arrives(
    tmp_path: Path, shell: tuple[str, ...], lent: dict[str, str]
) -> None:
    found = ran(ENVIRONMENT, tmp_path, lent, shell=shell)
    wanted = {as_bytes(name): as_bytes(value) for name, value in lent.items()}
    assert {name: found.get(name) for name in wanted} == wanted


def test_what_the_job_has_of_its_own_wins(tmp_path: Path) -> None:
    spec = Spec(command=ENVIRONMENT.command, environment={"B": "b", "C%%": "c"})
    found = ran(spec, tmp_path, {"A": "x", "B": "x", "C%%": "x", "D": "d"})
    assert [found[name] for name in (b"A", b"B", b"C%%", b"D")] == [b"a", b"b", b"c", b"d"]


def test_a_job_that_inherits_nothing_is_lent_nothing(tmp_path: Path) -> None:
    spec = Spec(command=ENVIRONMENT.command, inherit_environment=False)
    assert b"B" not in ran(spec, tmp_path, {"B": "b", "PATH": "/nowhere"})


def test_a_functions_definition_arrives_as_it_does_in_bash(tmp_path: Path) -> None:
    lent = {"BASH_FUNC_module%%": "() {  echo loaded\n}"}
    spec = Spec(command=("bash", "-c", r"printf 'SAID=%s\0' $(module)"))
    assert ran(spec, tmp_path, lent)[b"SAID"] == b"loaded"


def test_a_program_with_an_equals_sign_is_started_without_functions(tmp_path: Path) -> None:
    program = tmp_path / "a=b"
    program.write_text("#!/bin/sh\nexec env -0\n")
    program.chmod(0o700)
    lent = {"BASH_FUNC_f%%": "() {  :\n}", "B": "b"}
    assert ran(Spec(command=(str(program),)), tmp_path, lent)[b"B"] == b"b"


def test_what_the_node_knows_better_stands_and_what_it_lacks_is_lent(tmp_path: Path) -> None:
    lent = {"HOME": "/far", "TMPDIR": "/far/tmp", "CUDA_VISIBLE_DEVICES": "0,1", "LANG": "C"}
    node = {"HOME": "/near", "CUDA_VISIBLE_DEVICES": "", "LANG": "POSIX"}
    found = ran(ENVIRONMENT, tmp_path, lent, node=node)
    assert (found[b"HOME"], found[b"CUDA_VISIBLE_DEVICES"]) == (b"/near", b"")
    assert (found[b"TMPDIR"], found[b"LANG"]) == (b"/far/tmp", b"C")


def test_a_path_is_lent_behind_the_jobs_own_directory_of_it(tmp_path: Path) -> None:
    lent = {"PATH": "/usr/bin:/bin:/it's"}
    assert ran(ENVIRONMENT, tmp_path, lent, node={"TMPDIR": "/t/12.1"})[b"PATH"] == (
        b"/usr/bin:/bin:/it's"
    )
    node = {"TMPDIR": "/t/*", "PATH": f"/t/*:{os.defpath}"}
    assert ran(ENVIRONMENT, tmp_path, lent, node=node)[b"PATH"] == b"/t/*:/usr/bin:/bin:/it's"


def test_variables_of_the_job_that_the_server_runs_in_are_not_lent() -> None:
    own = ("PBS_ARRAY_INDEX", "SGE_TASK_ID", "SLURM_JOB_ID", "HEADWAY_JOB_ID", "PE_HOSTFILE", "PWD")
    printed = "".join(f"{name}=1\0" for name in (*own, "SGE_ROOT", "PATH"))
    assert set(inherited.read(Output(stdout=printed.encode()))) == {"SGE_ROOT", "PATH"}


@pytest.mark.parametrize(
    "output",
    [Output(), Output(stdout=b"A=b"), Output(stdout=b"A=b\0", exit_code=1), Output(exit_code=125)],
)
def test_half_an_environment_is_none(output: Output) -> None:
    with pytest.raises(ExecutorUnavailable, match="inherit"):
        inherited.read(output)


def test_what_is_no_utf_8_is_kept_as_it_is() -> None:
    assert inherited.read(Output(stdout=b"A=\xff\nB=c\0")) == {"A": "\udcff\nB=c"}
