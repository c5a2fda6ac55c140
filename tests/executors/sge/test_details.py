"""``qstat -j``: why jobs wait, and what kept them from starting."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rigs.recorded import output

from headway.core.errors import ExecutorUnavailable
from headway.core.model.names import NativeId
from headway.core.model.state import Reason, State
from headway.executors.batch.command import Output
from headway.executors.batch.native import NativeJob
from headway.executors.sge.details import Details

RECORDED = Path(__file__).parent / "recorded"
SOME = output(RECORDED, "qstat-j-some")

details = Details()


def by_name(name: str) -> list[NativeJob]:
    return [job for job in details.read(SOME) if job.name.partition(".")[0] == name]


def test_all_are_asked_for_at_once() -> None:
    ids = [NativeId("12"), NativeId("9.3"), NativeId("9.1")]
    assert details.ask(ids).argv == ("qstat", "-xml", "-j", "9,12")


def test_a_job_in_error_says_what_went_wrong() -> None:
    [job] = by_name("nodir")
    assert (job.state, job.reason) == (State.QUEUED, Reason.HELD)
    assert "can't chdir to /nonexistent: No such file or directory" in job.why
    assert job.mark == "hw.0199a1b2-c3d4-7e5f-8a9b-000000000005.1"


def test_a_waiting_job_says_what_the_scheduler_says() -> None:
    [job] = by_name("next")
    assert (job.state, job.why) == (State.QUEUED, "job dropped because of job dependencies")


def test_what_holds_for_the_job_as_such_comes_before_what_keeps_it_from_one_queue() -> None:
    last = "job dropped because of job dependencies"
    queues = (
        'queue instance "a@n" dropped because it is full',
        'cannot run in queue "b" because it offers only 1',
        'has no permission for cluster queue "c"',
        'queue instance "a@n" dropped because it is full',
    )
    message = "</MES_message></element><element><MES_job_number_list><ulong_sublist><ULNG_value>133</ULNG_value></ulong_sublist></MES_job_number_list><MES_message>"
    text = SOME.text.replace(last, message.join((*queues, last)))
    told = {
        job.name.partition(".")[0]: job.why for job in details.read(Output(stdout=text.encode()))
    }
    assert told["next"] == f"{last}; {queues[0]}; {queues[1]}"


def test_a_running_job_says_since_when_and_where_its_output_goes() -> None:
    [job] = by_name("align")
    assert (job.state, job.why, job.log) == (State.RUNNING, "", "/dev/null")
    assert job.started is not None
    assert job.directory.startswith("/")


def test_of_an_array_those_tasks_are_told_that_have_begun() -> None:
    [task] = by_name("many")
    assert (task.id, task.index, task.state) == (f"{task.array}.1", 0, State.RUNNING)


def test_a_job_that_is_not_there_is_left_out() -> None:
    assert details.read(output(RECORDED, "qstat-j-unknown")) == []
    assert "99999" not in {job.id for job in details.read(SOME)}


def test_a_qmaster_that_is_away_knows_nothing_though_the_exit_code_is_0() -> None:
    with pytest.raises(ExecutorUnavailable, match="qmaster"):
        details.read(output(RECORDED, "qstat-j-unreachable"))


@given(st.data())
def test_a_part_of_an_answer_is_none(data: st.DataObject) -> None:
    whole = SOME.stdout.rstrip()
    length = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(ExecutorUnavailable):
        details.read(Output(stdout=whole[:length]))


@pytest.mark.parametrize(
    "text",
    [
        "<detailed_job_info></detailed_job_info>",
        "<detailed_job_info><djob_info><element/></djob_info></detailed_job_info>",
        "<x><unknown_jobs/></x>",
        "<unknown_jobs",
    ],
)
def test_what_is_no_answer_is_none(text: str) -> None:
    with pytest.raises(ExecutorUnavailable):
        details.read(Output(stdout=text.encode()))


def test_a_status_that_is_not_known_is_kept_raw() -> None:
    raw = SOME.stdout.replace(b"<JAT_status>128<", b"<JAT_status>9<")
    [job] = [job for job in details.read(Output(stdout=raw)) if job.name.startswith("align.")]
    assert (job.state, job.word) == (None, "status 9")
