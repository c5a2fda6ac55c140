"""What squeue lists."""

import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rigs.recorded import output

from headway.core.errors import ExecutorUnavailable
from headway.core.model.state import Reason, State
from headway.executors.batch.command import Output
from headway.executors.batch.native import NativeJob
from headway.executors.slurm.dialect import SlurmDialect

RECORDED = Path(__file__).parent / "recorded"
SECRET = "recorded."
DIALECT = SlurmDialect(fence=SECRET)
FENCE = f"\x1e{SECRET}"
HEADER = output(RECORDED, "listing-none").text
NO_TEXT = st.text(max_size=30).filter(lambda text: FENCE not in text)

Free = tuple[str, str, str, str, str]


def recorded(name: str = "listing-many") -> dict[str, NativeJob]:
    """Give the jobs by the names that their marks hold; an element's with its index."""
    jobs = DIALECT.listed(output(RECORDED, name))
    return {_short(job): job for job in jobs}


def _short(job: NativeJob) -> str:
    name = job.mark.removeprefix("headway:").removesuffix(".1")
    return name if job.index is None else f"{name}[{job.index}]"


def row(number: int, free: Free = ("headway:a.1", "n", "/w", "/w/o", "None")) -> str:
    plain = [str(number), "N/A", str(number), "RUNNING", "0", "0", "1795000000", "1795000001"]
    plain += ["N/A", "alice", "batch", "(null)", "n1", "1:00:00", "cpu=1"]
    return "".join(f"{cell}{FENCE}" for cell in ("\x1f".join(plain), *free)) + "\n"


def listed(rows: Sequence[str]) -> Sequence[NativeJob]:
    return DIALECT.listed(Output(stdout=(HEADER + "".join(rows)).encode("utf-8", "surrogatepass")))


@pytest.mark.parametrize(
    ("name", "state", "reason", "exit_code", "signal"),
    [
        ("ok", State.SUCCEEDED, None, 0, None),
        ("exit-3", State.FAILED, Reason.NONZERO_EXIT, 3, None),
        ("segv", State.FAILED, Reason.SIGNAL, None, 11),
        ("no-output", State.FAILED, Reason.NOT_STARTED, None, None),
        ("too-much", State.FAILED, Reason.NOT_STARTED, None, None),
        ("node-fail", State.FAILED, Reason.NODE_FAIL, None, 15),
        ("never-killed", State.FAILED, Reason.NOT_STARTED, None, None),
        ("trap", State.CANCELLED, None, 9, None),
        ("stubborn", State.CANCELLED, None, None, 9),
        ("wait", State.RUNNING, None, None, None),
        ("too-big", State.QUEUED, None, None, None),
        ("too-long", State.QUEUED, None, None, None),
        ("held", State.QUEUED, Reason.HELD, None, None),
        ("never", State.QUEUED, None, None, None),
        ("dependency", State.QUEUED, Reason.DEPENDENCY, None, None),
        ("requeued", State.QUEUED, None, None, None),
        ("drained", State.QUEUED, None, None, None),
        ("array[0]", State.SUCCEEDED, None, 0, None),
        ("array[1]", State.FAILED, Reason.NONZERO_EXIT, 1, None),
        ("array[2]", State.RUNNING, None, None, None),
        ("array[20]", State.QUEUED, Reason.LIMIT, None, None),
    ],
)
def test_each_job_stands_where_slurm_says(
    name: str, state: State, reason: Reason | None, exit_code: int | None, signal: int | None
) -> None:
    job = recorded()[name]
    assert (job.state, job.reason, job.exit_code, job.signal) == (state, reason, exit_code, signal)


def test_a_job_that_reached_its_time_limit_says_so() -> None:
    job = recorded("listing-timeout")["timeout"]
    assert (job.word, job.reason) == ("TIMEOUT", Reason.TIMEOUT)
    assert job.why == "TimeLimit: it reached its time limit"


def test_a_suspended_job_is_running_and_says_so() -> None:
    job = recorded("listing-suspended")["suspended"]
    assert (job.word, job.state, job.reason) == ("SUSPENDED", State.RUNNING, Reason.SUSPENDED)


def test_why_a_job_waits_is_told_in_words() -> None:
    jobs = recorded()
    assert jobs["too-big"].why == (
        "PartitionConfig: it asks for more than any node of the partition has, and can never start"
    )
    assert jobs["never"].why.startswith("DependencyNeverSatisfied: a job that it depends on")
    assert jobs["drained"].why.startswith("ReqNodeNotAvail, UnavailableNodes:n2: a node that")
    assert jobs["wait"].why == ""


def test_what_a_job_asked_for_is_told() -> None:
    assert recorded()["too-big"].asked == {
        "cores": "99",
        "memory": "6336M",
        "nodes": "1",
        "wall time": "1:00:00",
    }


def test_a_requeued_job_has_its_restarts_and_when_it_may_start_again() -> None:
    job = recorded()["requeued"]
    assert job.restarts == 1
    assert job.expected_start is not None
    assert (job.started, job.ended) == (None, None)


def test_times_are_utc_and_those_of_what_has_happened() -> None:
    jobs = recorded()
    ended = jobs["exit-3"]
    assert ended.submitted == datetime(2026, 11, 22, 11, 56, 59, tzinfo=UTC)
    assert ended.started is not None
    assert ended.ended is not None
    running = jobs["wait"]
    assert running.started is not None
    assert running.ended is None  # squeue's END_TIME is when its limit will end it
    assert jobs["too-much"].started is None  # squeue's START_TIME is when it was refused


def test_where_a_job_runs_and_writes_is_told() -> None:
    job = recorded()["wait"]
    assert (job.host, job.directory) == ("n2", "/home/alice/work")
    assert job.log == "/home/alice/work/wait.out"
    assert (job.owner, job.queue, job.account) == ("alice", "batch", "")


def test_elements_that_wait_have_an_id_each() -> None:
    jobs = recorded()
    waiting = {name for name, job in jobs.items() if job.array and job.state is State.QUEUED}
    assert waiting == {f"array[{index}]" for index in (5, 6, 7, 20)}
    element = jobs["array[20]"]
    assert (element.id, element.array, element.index) == ("14_20", "14", 20)


@pytest.mark.parametrize(
    ("pattern", "logs"),
    [
        ("/l/%A_%a%%", ["/l/12_7%", "/l/12_8%"]),
        ("/l/%3a.%a", ["/l/007.7", "/l/008.8"]),
        ("/l/all", ["/l/all", "/l/all"]),
        ("/l/%x.%j", ["", ""]),  # which id an element will have, nobody knows before it starts
    ],
)
def test_each_element_that_waits_tells_where_it_will_write(pattern: str, logs: list[str]) -> None:
    plain = row(12, ("my comment", "n", "/w", pattern, "Priority"))
    waiting = plain.replace("\x1fN/A\x1f", "\x1f7-8\x1f", 1).replace("\x1fn1\x1f", "\x1f\x1f")
    found = listed([waiting.replace("RUNNING", "PENDING")])
    assert [(job.id, job.log) for job in found] == list(zip(("12_7", "12_8"), logs, strict=True))


def test_an_element_cancelled_while_it_waited_leaves_no_row() -> None:
    jobs = recorded("listing-array-part-cancelled")
    assert "array[6]" not in jobs
    assert jobs["array[5]"].state is State.QUEUED


def test_a_cancelled_array_tells_of_its_elements() -> None:
    jobs = recorded("listing-array-cancelled")
    assert jobs["array[20]"].state is State.CANCELLED
    assert jobs["array[20]"].started is None
    assert jobs["array[0]"].state is State.SUCCEEDED
    assert jobs["array[2]"].signal == 15


def test_no_jobs_is_an_answer_and_nothing_is_none() -> None:
    assert DIALECT.listed(output(RECORDED, "listing-none")) == []
    with pytest.raises(ExecutorUnavailable, match="squeue said nothing"):
        DIALECT.listed(Output())


def test_a_cluster_that_was_named_is_said_before_its_jobs() -> None:
    jobs = DIALECT.listed(output(RECORDED, "listing-cluster"))
    assert "CLUSTER: test" in output(RECORDED, "listing-cluster").text
    assert jobs


def test_a_name_with_separators_and_lines_in_it_is_a_name() -> None:
    job = recorded()["hostile"]
    assert job.name == "line\n7|PENDING\x1f\x1e"
    assert job.id == "16"


def test_a_word_that_is_not_known_is_kept_and_nothing_is_guessed() -> None:
    [job] = listed([row(7).replace("RUNNING", "HIBERNATING")])
    assert (job.state, job.reason, job.word) == (None, None, "HIBERNATING")
    assert (job.exit_code, job.ended) == (None, None)


def test_a_set_of_elements_that_was_shortened_is_no_answer() -> None:
    with pytest.raises(ExecutorUnavailable, match="elements"):
        listed([row(7).replace("N/A", "1,3,5,...", 1)])


def test_a_row_that_has_not_changed_is_not_read_again() -> None:
    dialect = SlurmDialect(fence=SECRET)
    texts = [HEADER + row(1) + row(2), HEADER + row(2).replace("RUNNING", "COMPLETING") + row(1)]
    before, after = (dialect.listed(Output(stdout=text.encode())) for text in texts)
    assert [job.word for job in after] == ["COMPLETING", "RUNNING"]
    assert after[1] is before[0]


def test_numbers_without_end_are_none() -> None:
    with pytest.raises(ExecutorUnavailable, match="job's id"):
        listed([row(int("9" * 400))])
    [job] = listed([row(7).replace("1795000000", "9" * 5000)])
    assert job.submitted is None


@given(st.lists(st.tuples(NO_TEXT, NO_TEXT, NO_TEXT, NO_TEXT, NO_TEXT), min_size=1, max_size=4))
def test_no_text_of_a_user_makes_a_wrong_row(texts: list[Free]) -> None:
    rows = [row(number, free) for number, free in enumerate(texts)]
    jobs = listed(rows)
    assert [job.id for job in jobs] == [str(number) for number in range(len(texts))]
    for job, (comment, name, *_) in zip(jobs, texts, strict=True):
        said = comment.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
        assert job.mark in {said, ""}
        assert job.name == name.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
        assert job.state is State.RUNNING


def test_a_forged_row_in_a_comment_is_a_comment() -> None:
    forged = row(8).replace(FENCE, "\x1eguessed").replace("RUNNING", "FAILED")
    [job] = listed([row(7, (f"x\n{forged}", "n", "/w", "/w/o", "None"))])
    assert (job.id, job.state) == ("7", State.RUNNING)


@given(st.data())
def test_a_listing_that_was_cut_has_no_wrong_row(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["listing-many", "listing-none", "squeue-two"]))
    whole = output(RECORDED, name)
    cut = whole.stdout[: data.draw(st.integers(0, len(whole.stdout)))]
    try:
        jobs = DIALECT.listed(Output(stdout=cut))
    except ExecutorUnavailable:
        return
    assert jobs == DIALECT.listed(whole)[: len(jobs)]
    assert cut.endswith(b"\n")


@given(st.integers(1, 255))
def test_a_listing_of_a_program_that_failed_is_none(exit_code: int) -> None:
    whole = output(RECORDED, "listing-many")
    with pytest.raises(ExecutorUnavailable):
        DIALECT.listed(Output(stdout=whole.stdout, exit_code=exit_code))


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_other_bytes_are_no_listing(stdout: bytes) -> None:
    with pytest.raises(ExecutorUnavailable):
        DIALECT.listed(Output(stdout=stdout))
    with pytest.raises(ExecutorUnavailable):
        DIALECT.listed(Output(stdout=HEADER.encode() + b"x" + stdout))


@given(st.data())
def test_a_listing_with_one_wrong_byte_is_read_or_refused(data: st.DataObject) -> None:
    whole = bytearray(output(RECORDED, "listing-many").stdout)
    whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(ExecutorUnavailable):
        DIALECT.listed(Output(stdout=bytes(whole)))


def test_each_server_has_a_fence_of_its_own() -> None:
    assert SlurmDialect().listing().argv != SlurmDialect().listing().argv
    first = SlurmDialect()
    assert first.listing() == first.listing()
