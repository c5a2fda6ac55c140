"""What LSF's commands were recorded to say, and what its documentation has them say, is read as it is meant."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.rigs.recorded import output

from headway.core.errors import ExecutorUnavailable
from headway.core.model.names import NativeId
from headway.core.model.state import Reason, State
from headway.executors.batch.command import Output
from headway.executors.batch.native import NativeJob
from headway.executors.lsf.dialect import LsfDialect

RECORDED = Path(__file__).parent / "recorded"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MARK = "hw-019b0a3e-5c41-7a3e-9d52-2f6f0c7b8a91"


def of(flavour: str) -> LsfDialect:
    return LsfDialect(flavour=flavour, now=lambda: NOW)


def by_id(jobs: Sequence[NativeJob]) -> dict[str, NativeJob]:
    return {job.id: job for job in jobs}


# IBM's, after its documentation


@pytest.fixture
def ibm() -> dict[str, NativeJob]:
    return by_id(of("ibm").listed(output(RECORDED, "ibm-bjobs-json")))


@pytest.mark.parametrize(
    ("id_", "state", "reason"),
    [
        ("101", State.QUEUED, None),
        ("102", State.QUEUED, Reason.DEPENDENCY),
        ("103", State.RUNNING, None),
        ("104[1]", State.SUCCEEDED, None),
        ("104[2]", State.FAILED, Reason.NONZERO_EXIT),
        ("105", State.CANCELLED, Reason.BY_USER),
        ("106", State.FAILED, Reason.TIMEOUT),
        ("107", State.FAILED, Reason.OUT_OF_MEMORY),
        ("108", State.QUEUED, Reason.HELD),
        ("109", State.RUNNING, Reason.SUSPENDED),
        ("110", State.RUNNING, Reason.UNREACHABLE),
        ("111", None, None),
    ],
)
def test_a_state_of_ibms_is_one_of_ours(
    ibm: dict[str, NativeJob], id_: str, state: State | None, reason: Reason | None
) -> None:
    assert (ibm[id_].state, ibm[id_].reason) == (state, reason)


def test_a_word_that_is_not_known_is_kept(ibm: dict[str, NativeJob]) -> None:
    assert ibm["111"].word == "NEWLY"


def test_the_description_of_an_ibm_job_is_the_mark_and_its_name_is_the_users(
    ibm: dict[str, NativeJob],
) -> None:
    assert (ibm["101"].mark, ibm["101"].name) == (f"{MARK}.1", "waits")
    assert ibm["108"].mark == ""


def test_an_element_has_its_arrays_id_and_headways_index(ibm: dict[str, NativeJob]) -> None:
    assert (ibm["104[2]"].array, ibm["104[2]"].index, ibm["104[2]"].name) == ("104", 1, "array")
    assert ibm["101"].array is None
    assert ibm["101"].index is None


def test_an_ibm_job_tells_its_host_times_usage_and_what_it_asked_for(
    ibm: dict[str, NativeJob],
) -> None:
    job = ibm["103"]
    assert job.host == "hosta"
    assert job.started == datetime(2026, 11, 22, 8, 0, 2, tzinfo=UTC)
    assert job.ended is None  # its finish time is an estimate
    assert job.usage is not None
    assert (job.usage.cpu_s, job.usage.wall_s) == (12.5, 13.0)
    assert job.usage.max_memory_bytes == int(5.2 * 1024**3)
    assert job.asked == {"slots": "1", "memory limit": "8 G", "wall time": "60.0 min"}
    assert job.log == "/srv/hw/103.out"


def test_why_a_job_waits_or_failed_is_told(ibm: dict[str, NativeJob]) -> None:
    assert ibm["101"].why == "New job is waiting for scheduling"
    assert ibm["106"].why == "TERM_RUNLIMIT: job killed after reaching LSF run time limit"


def test_a_code_above_128_is_a_signal_and_the_others_are_codes(ibm: dict[str, NativeJob]) -> None:
    assert (ibm["105"].exit_code, ibm["105"].signal) == (None, 2)
    assert (ibm["104[2]"].exit_code, ibm["104[2]"].signal) == (3, None)
    assert (ibm["104[1]"].exit_code, ibm["104[1]"].signal) == (0, None)


def test_times_without_a_year_are_the_last_ones_that_have_been() -> None:
    (job,) = of("ibm").listed(output(RECORDED, "ibm-bjobs-json-no-year"))
    assert job.started == datetime(2025, 12, 28, 19, 56, tzinfo=UTC)
    assert job.usage is not None
    assert job.usage.wall_s == 1.0


def test_without_a_clock_times_without_a_year_are_left_out() -> None:
    (job,) = LsfDialect(flavour="ibm").listed(output(RECORDED, "ibm-bjobs-json-no-year"))
    assert (job.submitted, job.started, job.ended) == (None, None, None)


def test_no_jobs_is_an_answer() -> None:
    assert of("ibm").listed(output(RECORDED, "ibm-bjobs-json-none")) == []
    assert of("ibm").listed(Output(stderr=b"No job found\n", exit_code=255)) == []
    assert of("classic").listed(Output(stderr=b"No job found\n")) == []


def test_jobs_that_are_not_known_are_left_out() -> None:
    (bjobs, bhist) = of("ibm").sources
    known = by_id(bjobs.read(output(RECORDED, "ibm-bjobs-json-unknown")))
    assert list(known) == ["104[2]"]
    assert list(bhist.read(Output(stdout=b"No matching job found\n"))) == []


def test_what_was_said_while_a_daemon_was_away_does_not_matter_once_it_answers() -> None:
    (job,) = of("ibm").listed(output(RECORDED, "ibm-bjobs-json-after-waiting"))
    assert job.id == "101"


def test_ibms_history_tells_the_exit_code_and_the_reason_in_two_events() -> None:
    (job,) = of("ibm").sources[1].read(output(RECORDED, "ibm-bhist-long"))
    assert (job.id, job.mark, job.name) == ("106", f"{MARK}.6", "too_long")
    assert (job.state, job.reason, job.signal) == (State.FAILED, Reason.TIMEOUT, 12)
    assert job.ended == datetime(2026, 11, 22, 8, 1, 12, tzinfo=UTC)
    assert job.why == "TERM_RUNLIMIT: job killed after reaching LSF run time limit"
    assert job.host == "hosta"


# The classic words, as OpenLava was recorded


def test_a_classic_table_tells_of_jobs_that_run_and_one_that_is_held() -> None:
    jobs = by_id(of("classic").listed(output(RECORDED, "bjobs-wide-running")))
    assert list(jobs) == ["1", "2", "4", "3[1]", "3[2]", "3[3]", "6"]
    assert (jobs["1"].state, jobs["1"].host, jobs["1"].name) == (State.RUNNING, "n1", "ok")
    assert (jobs["6"].state, jobs["6"].reason, jobs["6"].host) == (State.QUEUED, Reason.HELD, "")
    assert jobs["1"].submitted == datetime(2026, 11, 22, 0, 26, tzinfo=UTC)


def test_a_classic_table_tells_that_a_job_failed_and_not_how() -> None:
    jobs = by_id(of("classic").listed(output(RECORDED, "bjobs-wide-ended")))
    assert (jobs["1"].state, jobs["1"].exit_code) == (State.SUCCEEDED, 0)
    assert (jobs["2"].state, jobs["2"].reason, jobs["2"].exit_code) == (State.FAILED, None, None)


def test_an_empty_column_does_not_shift_a_classic_name() -> None:
    jobs = by_id(of("classic").listed(output(RECORDED, "bjobs-wide-array")))
    assert (jobs["3[3]"].state, jobs["3[3]"].name, jobs["3[3]"].host) == (State.QUEUED, "arr", "")
    assert (jobs["3[2]"].state, jobs["3[2]"].name, jobs["3[2]"].host) == (
        State.RUNNING,
        "arr",
        "n1",
    )


def test_a_blank_in_a_classic_name_does_not_shift_the_columns() -> None:
    (job,) = of("classic").listed(output(RECORDED, "bjobs-wide-blank-in-name"))
    assert (job.name, job.host, job.queue) == ("sleep 100", "n1", "normal")


@pytest.mark.parametrize("piece", ["1*", "a", " ", "[1", "Nov 22 00:26 "])
def test_a_long_name_is_read_in_time_that_grows_with_it(piece: str) -> None:
    text = output(RECORDED, "bjobs-wide-blank-in-name").text
    shown = "n1          sleep 100"
    assert text.count(shown) == 1
    for name in (piece * 100_000 + "x", piece * 100_000 + " x"):
        for middle in (name, f"n1  {name}"):
            (job,) = of("classic").listed(Output(stdout=text.replace(shown, middle).encode()))
            assert (job.id, job.queue) == ("2", "normal")


def test_a_job_that_was_killed_before_it_ran_has_no_host() -> None:
    jobs = by_id(of("classic").listed(output(RECORDED, "bjobs-wide-killed")))
    assert (jobs["6"].state, jobs["6"].host, jobs["6"].name) == (State.FAILED, "", "held")


def test_a_mark_in_a_classic_name_is_taken_from_it() -> None:
    text = output(RECORDED, "bjobs-wide-array").text.replace("arr[", f"{MARK}.1__my_run[")
    jobs = of("classic").listed(Output(stdout=text.encode()))
    assert {job.mark for job in jobs} == {f"{MARK}.1"}
    assert {job.name for job in jobs} == {"my_run"}


@pytest.mark.parametrize(
    ("name", "state", "exit_code"),
    [
        ("bjobs-long-done", State.SUCCEEDED, 0),
        ("bjobs-long-exit", State.FAILED, 3),
        ("bjobs-long-command-folded", State.FAILED, 3),
    ],
)
def test_a_classic_text_tells_how_a_job_ended(name: str, state: State, exit_code: int) -> None:
    (job,) = of("classic").sources[1].read(output(RECORDED, name))
    assert (job.state, job.exit_code, job.signal) == (state, exit_code, None)
    assert job.queue == "normal"
    assert job.usage is not None
    assert job.usage.cpu_s == 0.0


@pytest.mark.parametrize("name", ["bhist-long-exit", "bhist-long-command-folded"])
def test_a_classic_history_tells_how_a_job_ended(name: str) -> None:
    (job,) = of("classic").sources[0].read(output(RECORDED, name))
    assert (job.state, job.reason, job.exit_code) == (State.FAILED, Reason.NONZERO_EXIT, 3)
    assert job.host == "n1"
    assert job.started is not None


def test_a_path_that_is_cut_inside_a_word_is_put_together() -> None:
    (job,) = of("classic").sources[0].read(output(RECORDED, "bhist-long-command-folded"))
    assert job.directory == "/srv/olvw"
    assert job.log == "/srv/olvw/logs/1.log"


def test_a_job_that_was_requeued_after_it_exited_has_not_ended() -> None:
    text = output(RECORDED, "bhist-long-exit").text
    at = text.index("\nSummary")
    again = (
        "Sun Nov 22 00:26:30: Pending: Job has been requeued;\n"
        "Sun Nov 22 00:26:40: Dispatched to <n1>;\n"
    )
    (job,) = of("classic").sources[0].read(Output(stdout=(text[:at] + again + text[at:]).encode()))
    assert job.state is None


@pytest.mark.parametrize(
    ("before", "state", "reason"),
    [
        (
            "Signal <KILL> requested by user or administrator <olv>;",
            State.CANCELLED,
            Reason.BY_USER,
        ),
        (
            "Signal <KILL> requested by user or administrator <root>;",
            State.CANCELLED,
            Reason.BY_ADMIN,
        ),
        ("RUNLIMIT termination action initiated (actpid 7);", State.FAILED, Reason.TIMEOUT),
        ("MEMLIMIT termination action initiated (actpid 7);", State.FAILED, Reason.OUT_OF_MEMORY),
        ("Signal <STOP> requested by user or administrator <olv>;", State.FAILED, Reason.SIGNAL),
    ],
)
def test_a_classic_history_tells_who_or_what_ended_a_job(
    before: str, state: State, reason: Reason
) -> None:
    """The words are those of bhist's sources."""
    text = output(RECORDED, "bhist-long-exit").text.replace("exit code 3", "exit code 130")
    at = text.index("Sun Nov 22 00:26:22: Exited")
    told = f"{text[:at]}Sun Nov 22 00:26:22: {before}\n{text[at:]}"
    (job,) = of("classic").sources[0].read(Output(stdout=told.encode()))
    assert (job.state, job.reason, job.signal) == (state, reason, 2)


def test_a_job_that_ended_well_although_it_was_killed_has_succeeded() -> None:
    text = output(RECORDED, "bhist-long-exit").text
    at = text.index("Sun Nov 22 00:26:22: Exited")
    killed = "Sun Nov 22 00:26:22: Signal <KILL> requested by user or administrator <olv>;\n"
    done = "Sun Nov 22 00:26:22: Done successfully. The CPU time used is 0.0 seconds;\n\n"
    (job,) = of("classic").sources[0].read(Output(stdout=(text[:at] + killed + done).encode()))
    assert job.state is State.SUCCEEDED


def test_words_of_a_command_are_no_events() -> None:
    text = output(RECORDED, "bjobs-wide-running")
    long = output(RECORDED, "bjobs-long-done").text.replace("<DONE>", "<RUN>")
    long = long.replace(
        "Sun Nov 22 00:26:23: Done successfully. The CPU time used is 0.0 seconds.\n", ""
    )
    long = long.replace("echo hello", "echo Status <DONE>, Done successfully.")
    (job,) = of("classic").sources[1].read(Output(stdout=long.encode()))
    assert job.state is State.RUNNING
    assert text.exit_code == 0


def test_an_unknown_job_is_no_error_of_a_source() -> None:
    assert list(of("classic").sources[1].read(output(RECORDED, "bjobs-unknown"))) == []


def test_the_words_of_another_family_are_no_answer() -> None:
    with pytest.raises(ExecutorUnavailable, match="invalid option"):
        of("ibm").listed(output(RECORDED, "bjobs-o"))
    with pytest.raises(ExecutorUnavailable):
        of("ibm").listed(output(RECORDED, "bjobs-wide-running"))
    with pytest.raises(ExecutorUnavailable):
        of("classic").listed(output(RECORDED, "ibm-bjobs-json"))


def test_a_dialect_learns_from_an_unknown_option_which_words_to_use() -> None:
    dialect = LsfDialect()
    assert "-json" in dialect.listing().argv
    with pytest.raises(ExecutorUnavailable):
        dialect.listed(output(RECORDED, "bjobs-o"))
    assert dialect.listing().argv == ("bjobs", "-w", "-a")


def test_every_reading_command_asks_for_utc_and_a_year() -> None:
    for flavour in ("ibm", "classic"):
        dialect = of(flavour)
        ids = [NativeId("7")]
        commands = [
            dialect.listing(),
            *(each.ask(ids[0]) for each in dialect.details),
            *(s.ask(ids) for s in dialect.sources),
        ]
        assert all(each.environment["TZ"] == "UTC0" for each in commands)
