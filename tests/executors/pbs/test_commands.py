"""How PBS's commands are called, and what their answers mean."""

from pathlib import Path
from typing import Any

import pytest
from tests.executors.answers import Answers
from tests.rigs.recorded import output

from headway.core.errors import ExecutorRejected, ExecutorUnavailable, InvalidRequest
from headway.core.model.spec import Attributes, Resources, Spec
from headway.executors.batch.command import Output
from headway.executors.batch.request import Elements, Request
from headway.executors.pbs.dialect import PbsDialect

RECORDED = Path(__file__).parent / "recorded"
TAG = "019b0a3e-5c41-7a3e-9d52-2f6f0c7b8a91.1"


def qsub(**changes: Any) -> list[str]:
    dialect = PbsDialect()
    plain: dict[str, Any] = {
        "mark": dialect.mark(TAG),
        "name": "7 runs",
        "script": "/srv/hw/a b/script",
        "output": "/srv/hw/a b/scheduler",
        "directory": "/srv/hw/a b",
    }
    return list(dialect.submit(Request(**{**plain, **changes})).argv)


def value(argv: list[str], option: str) -> str:
    return argv[argv.index(option) + 1]


def resources(argv: list[str]) -> dict[str, str]:
    given = [argv[n + 1] for n, each in enumerate(argv) if each == "-l"]
    return dict(each.split("=", 1) for each in given)


def test_a_job_has_its_mark_as_a_variable_and_its_users_name() -> None:
    argv = qsub()
    assert value(argv, "-v") == f"HEADWAY_MARK=hw-{TAG}"
    assert value(argv, "-N") == "j7_runs"
    assert (value(argv, "-o"), value(argv, "-j")) == ("/srv/hw/a b/scheduler", "oe")
    assert argv[-1] == "/srv/hw/a b/script"


def test_no_environment_is_passed_for_others_could_read_it() -> None:
    assert "-V" not in qsub()
    assert not PbsDialect().passes_environment


def test_a_job_sends_no_mail_and_is_not_run_again_by_pbs() -> None:
    argv = qsub()
    assert (value(argv, "-m"), value(argv, "-r")) == ("n", "n")
    assert "-r" not in qsub(elements=Elements(indices=(0, 1)))


def test_nothing_is_asked_for_that_was_not() -> None:
    assert not {"-l", "-q", "-A", "-W", "-J"} & set(qsub())


def test_resources_are_asked_for_in_pbs_words() -> None:
    argv = qsub(
        resources=Resources(
            node_count=2,
            processes_per_node=4,
            cpu_cores_per_process=2,
            gpu_cores_per_process=1,
            memory=5_000_000_000,
            exclusive_node_use=True,
        ),
        attributes=Attributes(duration=3661.5, queue_name="long", account="physics"),
    )
    assert resources(argv) == {
        "select": "2:ncpus=8:mpiprocs=4:mem=4769mb:ngpus=4",
        "place": "scatter:excl",
        "walltime": "01:01:02",
    }
    assert (value(argv, "-q"), value(argv, "-A")) == ("long", "physics")


@pytest.mark.parametrize(
    ("asked", "select", "place"),
    [
        (Resources(cpu_cores_per_process=4), "1:ncpus=4:mpiprocs=1", None),
        (Resources(process_count=8), "8:ncpus=1:mpiprocs=1", None),
        (
            Resources(process_count=4, memory=400 << 20),
            "4:ncpus=1:mpiprocs=1:mem=100mb",
            None,
        ),
        (Resources(process_count=8, node_count=1), "1:ncpus=8:mpiprocs=8", None),
        (
            Resources(process_count=5, processes_per_node=2),
            "2:ncpus=2:mpiprocs=2+1:ncpus=1:mpiprocs=1",
            "scatter",
        ),
        (
            Resources(process_count=5, node_count=4),
            "1:ncpus=2:mpiprocs=2+3:ncpus=1:mpiprocs=1",
            "scatter",
        ),
        (Resources(memory=1), "1:ncpus=1:mpiprocs=1:mem=1mb", None),
        (Resources(exclusive_node_use=True), "1:ncpus=1:mpiprocs=1", "excl"),
    ],
)
def test_processes_lie_as_they_were_asked_to(
    asked: Resources, select: str, place: str | None
) -> None:
    found = resources(qsub(resources=asked))
    assert found.get("select") == select
    assert found.get("place") == place


def test_more_nodes_than_processes_are_refused() -> None:
    with pytest.raises(InvalidRequest, match="nodes"):
        qsub(resources=Resources(process_count=1, node_count=2))


@pytest.mark.parametrize(
    ("indices", "at_once", "range_"),
    [
        ((0, 1, 2), None, "0-2"),
        ((1, 3, 5), 2, "1-5:2%2"),
        ((4,), None, "4-5:2"),
        ((0, 7), None, "0-7:7"),
    ],
)
def test_an_array_is_a_range_and_one_element_is_one_too(
    indices: tuple[int, ...], at_once: int | None, range_: str
) -> None:
    argv = qsub(elements=Elements(indices=indices, at_once=at_once))
    assert value(argv, "-J") == range_
    assert value(argv, "-o") == "/srv/hw/a b/scheduler.^array_index^"


@pytest.mark.parametrize("indices", [(), (0, 1, 3), (-1,)])
def test_an_array_that_is_no_range_is_refused(indices: tuple[int, ...]) -> None:
    with pytest.raises(InvalidRequest):
        qsub(elements=Elements(indices=indices))


def test_a_reservation_is_a_queue() -> None:
    argv = qsub(attributes=Attributes(reservation_id="R12.pbs1", queue_name="long"))
    assert value(argv, "-q") == "R12"
    spec = Spec(attributes=Attributes(reservation_id="R12.pbs1", queue_name="long"))
    assert PbsDialect().unheeded(spec) == ["attributes.queue_name"]


def test_a_users_own_options_go_along_and_win() -> None:
    argv = qsub(
        attributes=Attributes(queue_name="ours", duration=60.0),
        resources=Resources(node_count=2),
        native={
            "q": "theirs",
            "l": "select=1:ncpus=3,walltime=00:09:00",
            "v": "A=b",
            "r": "y",
            "W": "depend=afterok:7.pbs1",
        },
    )
    assert value(argv, "-W") == "depend=afterok:7.pbs1"
    assert (argv.count("-q"), value(argv, "-q")) == (1, "theirs")
    assert [argv[n + 1] for n, each in enumerate(argv) if each == "-l"] == [
        "place=scatter",
        "select=1:ncpus=3,walltime=00:09:00",
    ]
    assert value(argv, "-v") == f"HEADWAY_MARK=hw-{TAG},A=b"
    assert value(argv, "-r") == "y"


@pytest.mark.parametrize(
    "native",
    [
        {"N": "x"},
        {"J": "0-1"},
        {"I": ""},
        {"select": "1"},
        {"W": "block=true"},
        {"q": "-x"},
        {"q": "a\nb"},
        {"l": ""},
        {"1": "x"},
        {"v": "A=1,HEADWAY_MARK=hw-of-another"},
    ],
)
def test_options_that_are_ours_or_none_are_refused(native: dict[str, str]) -> None:
    with pytest.raises(InvalidRequest, match=r"custom_attributes\.pbs\."):
        qsub(native=native)


@pytest.mark.parametrize("path", ["/srv/a,b", "/srv/^x", "/srv/é"])
def test_a_path_that_pbs_would_not_take_is_refused(path: str) -> None:
    with pytest.raises(InvalidRequest, match="path"):
        qsub(output=path)


# Answers


class TestAnswers(Answers):
    """Of qsub and qdel."""

    make = PbsDialect
    taken = (
        (output(RECORDED, "qsub"), "0.pbs1"),
        (output(RECORDED, "qsub-array"), "2[].pbs1"),
        (Output(stdout=b"hook: welcome\n12.srv.example.org\n"), "12.srv.example.org"),
    )
    refused = ((output(RECORDED, "qsub-no-such-queue"), "Unknown queue"),)
    later = (
        output(RECORDED, "qsub-away"),
        *(
            Output(stderr=said, exit_code=1)
            for said in (
                b"qsub: Request not allowed: Server shutting down\n",
                b"qsub: Maximum number of jobs already in queue\n",
                b"qsub: would exceed queue generic's per-user limit of jobs in 'Q' state\n",
                b"command not found",
                b"",
            )
        ),
    )
    cut = b"1234.pbs1\n"
    harmless = (Output(), output(RECORDED, "qdel-unknown"), output(RECORDED, "qdel-ended"))
    denied = (
        (
            Output(stderr=b"qdel: Unauthorized Request  7.pbs1\n", exit_code=159),
            "Unauthorized",
        ),
    )
    unheard = (
        Output(exit_code=1),
        Output(stderr=b"Couldn't connect to cluster: pbs1\n", exit_code=1),
    )
    strange = ([], [""], ["-x"], ["7 8"], ["all"], ["7.a;b"])


def test_a_server_that_is_away_says_so() -> None:
    with pytest.raises(ExecutorUnavailable, match="cannot connect"):
        PbsDialect().submitted(output(RECORDED, "qsub-away"))


# Versions


def test_qsub_tells_its_version() -> None:
    assert PbsDialect().read_version(output(RECORDED, "qsub-version")) == "23.06.06"
    older = Output(stdout=b"pbs_version = PBSPro_13.0.2\n")
    assert PbsDialect().read_version(older) == "13.0.2"


@pytest.mark.parametrize(
    ("said", "whose"),
    [
        (b"qsub: Unknown option --version\nSGE 8.1.9\nusage: qsub [options]\n", "Grid Engine"),
        (b"Version: 6.1.2\nCommit: 661e092552de43a785c15d39a3634a541d86898e\n", "Torque"),
        (b"slurm-wlm qsub wrapper: unknown option: version\n", "Slurm"),
        (b"qsub 3: submits questions\n", "not PBS's"),
    ],
)
def test_another_schedulers_qsub_is_refused(said: bytes, whose: str) -> None:
    with pytest.raises(ExecutorRejected, match=whose):
        PbsDialect().read_version(Output(stderr=said, exit_code=1))


def test_a_qsub_that_is_not_there_is_no_other_one() -> None:
    with pytest.raises(ExecutorUnavailable):
        PbsDialect().read_version(Output(stderr=b"not found\n", exit_code=127))
