"""How LSF's commands are called, and what their answers mean."""

from pathlib import Path
from typing import Any

import pytest
from tests.executors.answers import Answers
from tests.rigs.recorded import output

from headway.core.errors import ExecutorRejected, ExecutorUnavailable, InvalidRequest
from headway.core.model.spec import Attributes, Resources, Spec
from headway.executors.batch.command import Output
from headway.executors.batch.pinging import Pinged
from headway.executors.batch.request import Elements, Request
from headway.executors.lsf.dialect import LsfDialect
from headway.executors.lsf.flavour import Flavour

RECORDED = Path(__file__).parent / "recorded"
TAG = "019b0a3e-5c41-7a3e-9d52-2f6f0c7b8a91.1"


def bsub(flavour: str = "ibm", **changes: Any) -> list[str]:
    dialect = LsfDialect(flavour=flavour)
    plain: dict[str, Any] = {
        "mark": dialect.mark(TAG),
        "name": "run 7",
        "script": "/srv/hw/a b/script",
        "output": "/srv/hw/a b/scheduler",
        "directory": "/srv/hw/a b",
    }
    return list(dialect.submit(Request(**{**plain, **changes})).argv)


def value(argv: list[str], option: str) -> str:
    return argv[argv.index(option) + 1]


def test_an_ibm_job_has_its_mark_as_description_and_its_directory_as_option() -> None:
    argv = bsub()
    assert value(argv, "-J") == "run_7"
    assert value(argv, "-Jd") == f"hw-{TAG}"
    assert value(argv, "-cwd") == "/srv/hw/a b"
    assert argv[-1] == "'/srv/hw/a b/script'"


def test_a_classic_job_has_its_mark_in_its_name_and_its_directory_in_its_command() -> None:
    argv = bsub("classic")
    assert value(argv, "-J") == f"hw-{TAG}__run_7"
    assert not {"-Jd", "-cwd", "-rn", "-ti"} & set(argv)
    assert argv[-1] == "cd '/srv/hw/a b' && '/srv/hw/a b/script'"


def test_bsub_gets_no_environment_of_ours_which_would_become_the_jobs() -> None:
    dialect = LsfDialect(flavour="ibm")
    request = Request(mark="m", name="n", script="/s", output="/o", directory="/")
    assert dialect.submit(request).environment == {}


def test_resources_are_asked_for_in_lsfs_words() -> None:
    argv = bsub(
        resources=Resources(
            node_count=2,
            processes_per_node=4,
            cpu_cores_per_process=2,
            gpu_cores_per_process=1,
            memory=5_000_000_000,
            exclusive_node_use=True,
        ),
        attributes=Attributes(
            duration=61.0, queue_name="long", account="physics", reservation_id="user1#0"
        ),
    )
    assert value(argv, "-n") == "16"
    assert value(argv, "-R") == "rusage[mem=4769MB] span[ptile=8]"
    assert value(argv, "-gpu") == "num=4"
    assert value(argv, "-W") == "2"
    assert (value(argv, "-q"), value(argv, "-P"), value(argv, "-U")) == (
        "long",
        "physics",
        "user1#0",
    )
    assert "-x" in argv


@pytest.mark.parametrize(
    ("resources", "slots", "span"),
    [
        (Resources(cpu_cores_per_process=4), "4", "span[hosts=1]"),
        (Resources(process_count=8), "8", ""),
        (Resources(process_count=8, node_count=1), "8", "span[hosts=1]"),
        (Resources(process_count=8, node_count=3), "8", "span[ptile=3]"),
        (Resources(process_count=8, cpu_cores_per_process=2), "16", "span[block=2]"),
        (Resources(process_count=1), "1", ""),
    ],
)
def test_processes_lie_as_they_were_asked_to(resources: Resources, slots: str, span: str) -> None:
    argv = bsub(resources=resources)
    assert value(argv, "-n") == slots
    assert (value(argv, "-R") if "-R" in argv else "") == span


def test_nothing_is_asked_for_that_was_not() -> None:
    assert not {"-n", "-R", "-gpu", "-W", "-q", "-P", "-U", "-x", "-w"} & set(bsub())


def test_gpus_of_processes_that_may_lie_anywhere_are_refused_if_lsf_cannot_count_them() -> None:
    assert value(bsub(resources=Resources(process_count=3, gpu_cores_per_process=1)), "-gpu") == (
        "num=1/task"
    )
    with pytest.raises(InvalidRequest, match="processes_per_node"):
        bsub(resources=Resources(process_count=3, cpu_cores_per_process=2, gpu_cores_per_process=1))


def test_an_array_counts_from_1_and_may_be_limited() -> None:
    argv = bsub(elements=Elements(indices=(0, 1, 2, 6), at_once=2))
    assert value(argv, "-J") == "run_7[1-3,7]%2"
    assert value(argv, "-o") == "/srv/hw/a b/scheduler.%I"


def test_an_array_whose_indices_lsf_could_not_take_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="255 characters"):
        bsub(elements=Elements(indices=tuple(range(0, 1000, 2))))


def test_a_users_own_options_go_along_and_win() -> None:
    argv = bsub(
        attributes=Attributes(queue_name="ours"),
        resources=Resources(memory=1 << 20),
        native={"q": "theirs", "app": "mpi", "r": "", "R": "select[gpu]", "w": "done(1)"},
    )
    assert (argv.count("-q"), value(argv, "-q"), value(argv, "-app")) == (1, "theirs", "mpi")
    assert "-r" in argv
    assert "-rn" not in argv
    assert [argv[n + 1] for n, each in enumerate(argv) if each == "-R"] == [
        "rusage[mem=1MB]",
        "select[gpu]",
    ]
    assert value(argv, "-w") == "done(1)"


def test_the_classic_bsub_takes_requirements_once() -> None:
    argv = bsub("classic", resources=Resources(memory=1 << 20), native={"R": "select[gpu]"})
    assert value(argv, "-R") == "select[gpu] rusage[mem=1]"


@pytest.mark.parametrize(
    "native",
    [
        {"J": "x"},
        {"cwd": "/"},
        {"K": ""},
        {"Is": ""},
        {"a b": "x"},
        {"-q": "x"},
        {"q": "-x"},
        {"q": "a\nb"},
        {"R": ""},
    ],
)
def test_options_that_are_ours_or_none_are_refused(native: dict[str, str]) -> None:
    with pytest.raises(InvalidRequest, match=r"custom_attributes\.lsf\."):
        bsub(native=native)


@pytest.mark.parametrize("queue", ["", "-x", "a\nb", "a\0b"])
def test_a_queue_that_is_no_word_is_refused(queue: str) -> None:
    with pytest.raises(InvalidRequest, match="queue_name"):
        bsub(attributes=Attributes(queue_name=queue))


def test_a_path_that_lsf_would_change_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="%"):
        bsub(output="/srv/%J/x")


def test_what_the_classic_commands_cannot_be_asked_for_is_named() -> None:
    spec = Spec(
        resources=Resources(gpu_cores_per_process=1),
        attributes=Attributes(reservation_id="r", custom_attributes={"lsf.app": "x", "pbs.p": "1"}),
    )
    assert LsfDialect(flavour="ibm").unheeded(spec) == ["attributes.custom_attributes.pbs.p"]
    assert set(LsfDialect(flavour="classic").unheeded(spec)) == {
        "attributes.custom_attributes.pbs.p",
        "attributes.reservation_id",
        "resources.gpu_cores_per_process",
    }


# Answers


class TestAnswers(Answers):
    """Of bsub and bkill."""

    make = LsfDialect
    taken = (
        (output(RECORDED, "bsub"), "1"),
        (output(RECORDED, "bsub-array"), "3"),
        (
            Output(stdout=b"esub: project set\nJob <77> is submitted to queue <normal>.\nbye\n"),
            "77",
        ),
    )
    refused = (
        (output(RECORDED, "bsub-no-such-queue"), "not submitted"),
        (output(RECORDED, "bsub-cwd"), "not submitted"),
    )
    later = tuple(
        Output(stderr=said, exit_code=255)
        for said in (
            b"Failed in an LSF library call: LIM is down; try later. Job not submitted.",
            b"batch daemon (mbatchd) not responding: still trying",
            b"Cannot connect to LSF. Please wait ...",
            b"User's pending job slot limit reached. Job not submitted.",
            b"Contacting batch daemon: Communication timeout. Job not submitted.",
            b"ssh: connection closed",
            b"",
        )
    )
    cut = b"Job <1234> is submitted to "
    harmless = (
        output(RECORDED, "bkill"),
        output(RECORDED, "bkill-unknown"),
        output(RECORDED, "bkill-ended"),
        Output(
            stdout=b"Job <1> is being terminated\n",
            stderr=b"Job <2[3]>: Job has already finished\n",
            exit_code=255,
        ),
    )
    denied = (
        (
            Output(stderr=b"Job <2>: User permission denied\n", exit_code=255),
            "permission denied",
        ),
    )
    unheard = (
        Output(exit_code=255),
        Output(stderr=b"Job <2>: Failed in an LSF library call: LIM is down\n", exit_code=255),
    )
    strange = ([], ["0"], [""], ["-r"], ["7 8"], ["7[0]"], ["all"])


# Versions


def test_lsid_tells_the_families_apart() -> None:
    for name, version, flavour in (
        ("lsid-openlava", "OpenLava 2.2", Flavour.CLASSIC),
        ("ibm-lsid", "10.1.0.13", Flavour.IBM),
    ):
        dialect = LsfDialect()
        assert dialect.read_version(output(RECORDED, name)) == version
        assert dialect.flavour is flavour


def test_a_flavour_that_was_set_is_not_changed_by_what_is_seen() -> None:
    dialect = LsfDialect(flavour="classic")
    dialect.read_version(output(RECORDED, "ibm-lsid"))
    assert dialect.flavour is Flavour.CLASSIC


def test_daemons_that_do_not_answer_are_no_other_program() -> None:
    with pytest.raises(ExecutorUnavailable, match="LIM is down"):
        LsfDialect().read_version(output(RECORDED, "ibm-lsid-down"))
    with pytest.raises(ExecutorRejected, match="not LSF"):
        LsfDialect().read_version(Output(stdout=b"lsid 1.0: lists ids\n"))


@pytest.mark.parametrize(
    ("said", "is_dead"),
    [
        ("batch system daemon not responding ... still trying\n", "mbatchd does not answer"),
        ("Connection refused by server\n", "mbatchd does not answer"),
        ("Failed in an LSF library call: LIM is down; try later\n", "LSF's LIM does not answer"),
        ("LSF daemon (LIM) not responding ... still trying\n", "LSF's LIM does not answer"),
        ("No unfinished job found\n", ""),
        ("LSF is processing your request. Please wait ...\n", ""),
    ],
)
def test_a_dead_daemon_is_told_from_a_slow_one_by_a_command_that_tries_once(
    said: str, is_dead: str
) -> None:
    dialect = LsfDialect()
    assert isinstance(dialect, Pinged)
    assert dialect.ping().environment["LSB_NTRIES"] == "1"
    assert dialect.dead(Output(stderr=said.encode(), exit_code=255)) == is_dead
    assert dialect.dead(Output(stdout=b"JOBID USER\n")) == ""
