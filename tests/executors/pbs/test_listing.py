"""What PBS was recorded to say, and what its sources have it say, is read as it is meant."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.rigs.recorded import output

from headway.core.errors import ExecutorUnavailable
from headway.core.model.names import NativeId
from headway.core.model.state import Reason, State
from headway.executors.batch.command import Output
from headway.executors.batch.dialect import is_asked_of_all
from headway.executors.batch.native import NativeJob
from headway.executors.pbs.dialect import PbsDialect
from headway.executors.sge.dialect import SgeDialect

RECORDED = Path(__file__).parent / "recorded"
MARK = "hw-019b0a3e-5c41-7a3e-9d52-2f6f0c7b8a91"


def by_id(jobs: Sequence[NativeJob]) -> dict[str, NativeJob]:
    return {job.id: job for job in jobs}


def test_a_real_failed_job_is_read() -> None:
    (job,) = PbsDialect().sources[0].read(output(RECORDED, "qstat-json-failed"))
    assert (job.id, job.state, job.reason, job.exit_code) == (
        "0.pbs1",
        State.FAILED,
        Reason.NONZERO_EXIT,
        3,
    )
    assert (job.name, job.owner, job.queue, job.host) == ("mypbs", "olv", "workq", "pbs1")
    assert job.log == "/srv/olvw/pbs.out"
    assert job.submitted == datetime(2026, 11, 21, 23, 38, 18, tzinfo=UTC)
    assert job.ended == datetime(2026, 11, 21, 23, 38, 22, tzinfo=UTC)
    assert job.usage is not None
    assert (job.usage.cpu_s, job.usage.wall_s, job.usage.max_memory_bytes) == (0.0, 3.0, 0)
    assert job.asked == {"nodes": "1", "cores": "1", "memory": "50mb", "wall time": "00:05:00"}
    assert job.mark == ""


@pytest.fixture(params=["qstat-json-alive", "qstat-text-alive"])
def alive(request: pytest.FixtureRequest) -> dict[str, NativeJob]:
    """The same jobs, as JSON and as text."""
    user = "alice" if "text" in request.param else ""
    return by_id(PbsDialect(user=user).listed(output(RECORDED, request.param)))


@pytest.mark.parametrize(
    ("id_", "state", "reason"),
    [
        ("10.pbs1", State.QUEUED, None),
        ("11.pbs1", State.QUEUED, Reason.DEPENDENCY),
        ("12.pbs1", State.QUEUED, Reason.HELD),
        ("13.pbs1", State.RUNNING, None),
        ("14.pbs1", State.RUNNING, Reason.COMPLETING),
        ("15.pbs1", State.RUNNING, Reason.SUSPENDED),
        ("16[0].pbs1", State.SUCCEEDED, None),
        ("16[1].pbs1", State.RUNNING, None),
        ("16[2].pbs1", State.QUEUED, None),
        ("17.pbs1", None, None),
    ],
)
def test_a_letter_of_pbs_is_a_state_of_ours(
    alive: dict[str, NativeJob], id_: str, state: State | None, reason: Reason | None
) -> None:
    assert (alive[id_].state, alive[id_].reason) == (state, reason)


def test_a_letter_that_is_not_known_is_kept(alive: dict[str, NativeJob]) -> None:
    assert alive["17.pbs1"].word == "M"


def test_an_array_is_told_by_its_elements(alive: dict[str, NativeJob]) -> None:
    assert "16[].pbs1" not in alive
    element = alive["16[2].pbs1"]
    assert (element.array, element.index, element.mark) == ("16[].pbs1", 2, f"{MARK}.7")


def test_an_element_without_variables_has_its_arrays_mark(alive: dict[str, NativeJob]) -> None:
    assert alive["16[1].pbs1"].mark == f"{MARK}.7"


def test_an_elements_log_has_its_index(alive: dict[str, NativeJob]) -> None:
    assert alive["16[0].pbs1"].log == "/srv/hw/scheduler.0"


def test_why_a_job_waits_and_when_it_may_start_is_told(alive: dict[str, NativeJob]) -> None:
    job = alive["10.pbs1"]
    assert job.why == "Not Running: Insufficient amount of resource: ncpus"
    assert job.expected_start == datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    assert job.mark == f"{MARK}.1"


def test_a_running_job_tells_its_host_and_usage(alive: dict[str, NativeJob]) -> None:
    job = alive["13.pbs1"]
    assert job.host == "n1"
    assert job.usage is not None
    assert job.usage.cpu_s == 27 * 3600 + 1
    assert job.usage.max_memory_bytes == 1024 * 1024


@pytest.fixture
def ended() -> dict[str, NativeJob]:
    return by_id(PbsDialect().sources[0].read(output(RECORDED, "qstat-json-ended")))


@pytest.mark.parametrize(
    ("id_", "state", "reason", "exit_code", "signal"),
    [
        ("20.pbs1", State.CANCELLED, Reason.BY_USER, None, 15),
        ("21.pbs1", State.CANCELLED, Reason.BY_ADMIN, None, 15),
        ("22.pbs1", State.CANCELLED, Reason.BY_USER, None, None),
        ("23.pbs1", State.FAILED, Reason.TIMEOUT, None, None),
        ("24.pbs1", State.FAILED, Reason.TIMEOUT, None, 15),
        ("25.pbs1", State.FAILED, Reason.OUT_OF_MEMORY, None, None),
        ("26.pbs1", State.FAILED, Reason.SIGNAL, None, 9),
        ("27.pbs1", State.FAILED, Reason.NOT_STARTED, None, None),
        ("28.pbs1", State.SUCCEEDED, None, 0, None),
        ("29[0].pbs1", State.SUCCEEDED, None, None, None),
        ("29[1].pbs1", State.FAILED, None, None, None),
    ],
)
def test_an_end_is_judged_by_status_substate_and_comment(
    ended: dict[str, NativeJob],
    id_: str,
    state: State,
    reason: Reason | None,
    exit_code: int | None,
    signal: int | None,
) -> None:
    job = ended[id_]
    assert (job.state, job.reason, job.exit_code, job.signal) == (state, reason, exit_code, signal)


@pytest.mark.parametrize(
    ("id_", "word"),
    [
        ("20.pbs1", "F, Exit_status 271, terminated by alice@login"),
        ("22.pbs1", "F, terminated by alice@login"),
        ("25.pbs1", "F, Exit_status -27, exceeded resource mem"),
        ("26.pbs1", "F, Exit_status 265"),
        ("28.pbs1", "F, Exit_status 0"),
        ("29[1].pbs1", "X"),
    ],
)
def test_the_word_for_an_end_is_more_than_its_letter(
    ended: dict[str, NativeJob], id_: str, word: str
) -> None:
    assert ended[id_].word == word


def test_only_what_is_worth_a_question_of_its_own_is_asked_about_all_ends() -> None:
    (history,) = PbsDialect().sources
    assert is_asked_of_all(history)
    assert not any(map(is_asked_of_all, SgeDialect().sources))  # qacct reads its whole file


def test_jobs_that_are_not_known_are_left_out(ended: dict[str, NativeJob]) -> None:
    assert "999.pbs1" not in ended
    said = output(RECORDED, "qstat-unknown")
    frame = output(RECORDED, "qstat-json-none").stdout
    unknown = Output(stdout=frame, stderr=said.stderr, exit_code=said.exit_code)
    assert list(PbsDialect().sources[0].read(unknown)) == []


def test_no_jobs_is_an_answer() -> None:
    assert list(PbsDialect().listed(output(RECORDED, "qstat-json-none"))) == []
    assert list(PbsDialect(user="alice").listed(Output())) == []


def test_a_frame_without_jobs_from_a_server_that_is_away_is_none() -> None:
    away = output(RECORDED, "qstat-json-away")
    with pytest.raises(ExecutorUnavailable, match="cannot connect"):
        PbsDialect().listed(away)
    with pytest.raises(ExecutorUnavailable, match="cannot connect"):
        PbsDialect().sources[0].read(away)


def test_nothing_at_all_is_no_listing_of_everybodys_jobs() -> None:
    with pytest.raises(ExecutorUnavailable):
        PbsDialect().listed(Output())


def test_a_server_without_history_knows_of_no_ended_job() -> None:
    said = output(RECORDED, "qstat-json-no-history")
    assert list(PbsDialect().sources[0].read(said)) == []
    assert list(PbsDialect(history=False).sources) == []


def test_json_that_pbs_has_made_invalid_is_read_all_the_same() -> None:
    (job,) = PbsDialect().listed(output(RECORDED, "qstat-json-19"))
    assert (job.state, job.mark, job.name) == (State.RUNNING, f"{MARK}.1", "0012")


def test_the_listing_is_of_one_user_where_one_is_named() -> None:
    assert PbsDialect().listing().argv == ("qstat", "-t", "-f", "-F", "json")
    assert PbsDialect(user="alice").listing().argv == ("qstat", "-t", "-u", "alice", "-w", "-f")


def test_every_reading_command_asks_for_utc() -> None:
    dialect = PbsDialect()
    ids = [NativeId("7.pbs1")]
    details = (each.ask(ids[0]) for each in dialect.details)
    for command in (dialect.listing(), *details, dialect.sources[0].ask(ids)):
        assert command.environment["TZ"] == "UTC0"


def test_a_value_full_of_blanks_beside_quotation_marks_is_read_in_time_that_grows_with_it() -> None:
    text = output(RECORDED, "qstat-json-failed").text
    assert '"mypbs"' in text
    name = f'"a"{" " * 1_000_000}b"'
    (job,) = PbsDialect().sources[0].read(Output(stdout=text.replace('"mypbs"', name).encode()))
    assert (job.id, job.name[:2], job.name[-1]) == ("0.pbs1", 'a"', "b")


@pytest.mark.parametrize("time", ["9" * 5000, f"{'9' * 5000}:00:00"])
def test_a_time_of_thousands_of_digits_is_none(time: str) -> None:
    text = output(RECORDED, "qstat-json-failed").text
    assert text.count('"00:00:03"') == 1
    text = text.replace('"00:00:03"', f'"{time}"')
    (job,) = PbsDialect().sources[0].read(Output(stdout=text.encode()))
    assert job.usage is not None
    assert job.usage.wall_s is None
