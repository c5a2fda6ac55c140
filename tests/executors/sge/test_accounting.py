"""How jobs ended, as Grid Engine 8.1.9's accounting tells it."""

from datetime import UTC
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rigs.recorded import Recording, each_recording, output, recording

from headway.core.errors import ExecutorRejected, ExecutorUnavailable, InvalidRequest
from headway.core.model.names import NativeId
from headway.core.model.state import REASONS, Reason, State
from headway.executors.batch.command import Output
from headway.executors.batch.native import NativeJob
from headway.executors.sge.accounting import Accounting
from headway.executors.sge.ends import read_end, read_size

RECORDED = Path(__file__).parent / "recorded"
ANSWERS = "qacct-[!n]*"

qacct = Accounting()


def read(name: str) -> list[NativeJob]:
    return list(qacct.read(output(RECORDED, name)))


def test_one_job_is_asked_for_by_its_id_and_an_array_by_its_own() -> None:
    assert qacct.ask([NativeId("12")]).argv == ("qacct", "-j", "12")
    assert qacct.ask([NativeId("12.3"), NativeId("12.1")]).argv == ("qacct", "-j", "12")


def test_several_are_asked_for_by_the_marks_of_all_for_qacct_takes_one_id() -> None:
    asked = recording(RECORDED, "qacct-marked").command
    command = qacct.ask([NativeId("12"), NativeId("13.1")])
    assert (command.argv, command.environment) == (asked.argv, asked.environment)


@pytest.mark.parametrize("bad", ["", "*", "-1", "12,13", "x", "12.", "1 2", "²"])
def test_what_is_no_id_is_not_asked_for(bad: str) -> None:
    with pytest.raises(InvalidRequest):
        qacct.ask([NativeId(bad)])


@pytest.mark.parametrize(
    ("name", "state", "reason", "code", "number"),
    [
        ("qacct-ok", State.SUCCEEDED, None, 0, None),
        ("qacct-bad", State.FAILED, Reason.NONZERO_EXIT, 3, None),
        ("qacct-segv", State.FAILED, Reason.SIGNAL, None, 11),
        ("qacct-deleted", State.FAILED, Reason.SIGNAL, None, 9),
        ("qacct-limit", State.FAILED, Reason.TIMEOUT, None, 9),
        ("qacct-not-started", State.FAILED, Reason.NOT_STARTED, None, None),
        ("qacct-later", State.SUCCEEDED, None, 0, None),
    ],
)
def test_an_end_is_told(
    name: str, state: State, reason: Reason | None, code: int | None, number: int | None
) -> None:
    [job] = read(name)
    assert (job.state, job.reason, job.exit_code, job.signal) == (state, reason, code, number)


def test_a_job_that_was_put_back_has_not_succeeded_though_its_exit_status_is_0() -> None:
    [job] = read("qacct-put-back")
    assert (job.state, job.exit_code, job.started, job.ended) == (None, None, None, None)
    assert job.word == "failed 25, exit status 0"
    assert job.why == "rescheduling"


def test_the_record_of_an_end_has_all_that_is_known() -> None:
    [job] = read("qacct-bad")
    assert (job.mark, job.name) == ("hw.0199a1b2-c3d4-7e5f-8a9b-000000000002.1", job.name)
    assert (job.queue, job.host, job.owner, job.account) == ("all.q", "login", "alice", "")
    assert job.submitted is not None
    assert job.started is not None
    assert job.ended is not None
    assert job.submitted <= job.started <= job.ended
    assert job.ended.tzinfo is UTC
    assert job.usage is not None
    assert job.usage.cpu_s is not None
    assert job.usage.wall_s == (job.ended - job.started).total_seconds()


def test_tasks_of_an_array_have_records_of_their_own() -> None:
    jobs = read("qacct-array")
    assert sorted(str(job.index) for job in jobs) == ["0", "1", "2"]
    assert {job.id for job in jobs} == {f"{jobs[0].array}.{n}" for n in (1, 2, 3)}


@pytest.mark.parametrize("name", ["qacct-never", "qacct-no-mark"])
def test_a_job_that_is_not_in_the_accounting_is_left_out(name: str) -> None:
    assert read(name) == []


def test_a_site_without_an_accounting_file_has_no_such_source() -> None:
    with pytest.raises(ExecutorRejected):
        read("qacct-no-file")


def test_an_id_that_was_given_out_again_hides_no_job_that_carries_a_mark() -> None:
    ours, strangers = output(RECORDED, "qacct-bad").stdout, output(RECORDED, "qacct-ok").stdout
    number = read("qacct-bad")[0].id.encode()
    strangers = strangers.replace(read("qacct-ok")[0].id.encode() + b" ", number + b" ")
    strangers = strangers.replace(read("qacct-ok")[0].name.encode(), b"theirs")
    jobs = qacct.read(Output(stdout=ours + strangers))
    assert [job.mark for job in jobs] == ["", "hw.0199a1b2-c3d4-7e5f-8a9b-000000000002.1"]
    assert {job.id for job in jobs} == {read("qacct-bad")[0].id}


def test_of_several_records_of_one_job_the_last_counts() -> None:
    jobs = read("qacct-marked")
    assert len({(job.id, job.mark) for job in jobs}) == len(jobs)
    later = [job for job in jobs if job.id == read("qacct-later")[0].id]
    assert [job.state for job in later] == [State.SUCCEEDED]


@each_recording(RECORDED, ANSWERS)
def test_a_part_of_a_record_is_never_an_answer(recorded: Recording) -> None:
    whole = recorded.output.stdout
    all_jobs = list(qacct.read(Output(stdout=whole)))
    step = max(1, len(whole) // 400)
    for length in range(0, len(whole) - 1, step):
        try:
            jobs = qacct.read(Output(stdout=whole[:length]))
        except ExecutorUnavailable:
            continue
        known = {(job.id, job.mark, job.exit_code, job.signal) for job in all_jobs}
        found = {(j.id, j.mark, j.exit_code, j.signal) for j in jobs if j.state is not None}
        assert found <= known


@given(st.binary(max_size=300), st.sampled_from([0, 1, 2, 127, 137]))
def test_other_bytes_are_never_an_answer(raw: bytes, code: int) -> None:
    with pytest.raises(ExecutorUnavailable):
        qacct.read(Output(stdout=raw, exit_code=code))


@pytest.mark.parametrize(
    ("line", "other"),
    [
        (b"failed       0    \n", b"failed       new words\n"),
        (b"exit_status  3 ", b"exit_status  - "),
        (b"jobnumber    ", b"jobnumber    x"),
    ],
)
def test_a_record_that_cannot_be_read_is_none(line: bytes, other: bytes) -> None:
    raw = output(RECORDED, "qacct-bad").stdout
    assert line in raw
    with pytest.raises(ExecutorUnavailable):
        qacct.read(Output(stdout=raw.replace(line, other)))


def test_numbers_without_units_are_read_as_older_grid_engines_write_them() -> None:
    raw = output(RECORDED, "qacct-limit").stdout
    raw = raw.replace(b"ru_wallclock 2s", b"ru_wallclock 2 ").replace(
        b"ru_wallclock 3s", b"ru_wallclock 3 "
    )
    [job] = qacct.read(Output(stdout=raw))
    assert job.reason is Reason.TIMEOUT


def end(failed: int, status: int, **more: object) -> tuple[object, ...]:
    given = {"wall_s": 10.0, "memory_bytes": 0.0, "asked": "", **more}
    return tuple(read_end(failed=failed, status=status, **given))  # type: ignore[arg-type]


def test_a_killed_job_that_ran_as_long_as_it_may_was_out_of_time() -> None:
    assert end(100, 137, asked="-l h_rt=10") == (State.FAILED, Reason.TIMEOUT, None, 9)
    assert end(100, 137, asked="-l h_rt=0:0:10,h_vmem=1G")[1] is Reason.TIMEOUT
    assert end(100, 137, asked="-l h_rt=12")[1] is Reason.SIGNAL


def test_a_job_that_was_enforced_a_limit_on_and_had_its_memory_was_out_of_memory() -> None:
    asked = "-l h_rt=3600,h_vmem=1G"
    assert end(37, 137, asked=asked, memory_bytes=2.0**30)[1] is Reason.OUT_OF_MEMORY
    assert end(37, 137, asked=asked, memory_bytes=2.0**29)[1] is Reason.SIGNAL


def test_an_exit_code_that_only_looks_like_a_signal_is_one() -> None:
    assert end(0, 137) == (State.FAILED, Reason.NONZERO_EXIT, 137, None)


def test_a_job_whose_epilog_failed_has_its_own_end() -> None:
    assert end(15, 0) == (State.SUCCEEDED, None, 0, None)
    assert end(15, 4) == (State.FAILED, Reason.NONZERO_EXIT, 4, None)


def test_a_lost_host_is_told() -> None:
    assert end(19, 0) == (State.FAILED, Reason.NODE_FAIL, None, None)


@given(st.integers(0, 200), st.integers(-10, 300))
def test_no_code_makes_a_success_of_another_exit_status_nor_a_pair_that_is_not_allowed(
    failed: int, status: int
) -> None:
    state, reason, code, number = end(failed, status)
    assert code is None or number is None
    if isinstance(state, State):
        assert reason in REASONS[state]
        assert state is not State.SUCCEEDED or (status, code) == (0, 0)


@pytest.mark.parametrize("failed", [24, 25, 20, 23, 39, 99, 101])
def test_nothing_is_made_of_codes_that_are_no_end_or_not_known(failed: int) -> None:
    assert end(failed, 0) == (None, None, None, None)


@pytest.mark.parametrize(
    ("text", "size"),
    [("3.5MB", 3.5 * 1024**2), ("1048576", 1048576), ("1G", 1024**3), ("2k", 2000), ("x", None)],
)
def test_sizes_are_read(text: str, size: float | None) -> None:
    assert read_size(text) == size
