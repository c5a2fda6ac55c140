"""The listing, as Grid Engine 8.1.9 gave it and as nobody should."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rigs.recorded import output, recording

from headway.core.errors import ExecutorUnavailable
from headway.core.model.state import Reason, State
from headway.executors.batch.command import Output
from headway.executors.batch.native import NativeJob
from headway.executors.sge.dialect import SgeDialect

RECORDED = Path(__file__).parent / "recorded"
MANY = output(RECORDED, "qstat-many")
NONE = output(RECORDED, "qstat-none")
ROW = """<job_list state="pending"><JB_job_number>7</JB_job_number><JB_name>x</JB_name><JB_owner>alice</JB_owner>\
<state>qw</state><queue_name></queue_name><slots>1</slots>%s</job_list>"""

dialect = SgeDialect()


def listing(rows: str) -> Output:
    text = f"<?xml version='1.0'?><job_info><queue_info></queue_info><job_info>{rows}</job_info></job_info>"
    return Output(stdout=text.encode("utf-8", "surrogateescape"))


def by_name(name: str) -> NativeJob:
    [found] = [job for job in dialect.listed(MANY) if job.name.partition(".")[0] == name]
    return found


def test_what_was_recorded_is_what_is_asked() -> None:
    asked, command = recording(RECORDED, "qstat-many").command, dialect.listing()
    assert (asked.argv, asked.environment) == (command.argv, command.environment)


def test_no_jobs_is_an_answer() -> None:
    assert dialect.listed(NONE) == []


def test_a_running_job_tells_where_since_when_and_what_it_asked_for() -> None:
    job = by_name("align")
    assert (job.state, job.reason, job.word) == (State.RUNNING, None, "r")
    assert (job.queue, job.host, job.owner) == ("all.q", "login", "alice")
    assert job.started is not None
    assert job.started.tzinfo is UTC
    assert job.submitted is None
    assert job.asked == {
        "cores": "2",
        "parallel environment": "smp",
        "memory": "1M",
        "wall time": "1:00:00",
    }
    assert job.mark == "hw.0199a1b2-c3d4-7e5f-8a9b-000000000001.1"


def test_a_waiting_job_tells_when_it_came_and_where_it_wants_to_go() -> None:
    job = by_name("big")
    assert (job.state, job.reason, job.queue, job.host) == (State.QUEUED, None, "all.q", "")
    assert job.submitted is not None
    assert job.started is None


def test_tasks_of_an_array_are_told_one_by_one_with_our_indices() -> None:
    tasks = [job for job in dialect.listed(MANY) if job.name.startswith("many.")]
    array = tasks[0].array
    assert [job.id for job in tasks] == [f"{array}.{n}" for n in (1, 3, 5, 7, 9)]
    assert [job.index for job in tasks] == [0, 2, 4, 6, 8]
    assert [job.state for job in tasks] == [State.RUNNING] + [State.QUEUED] * 4
    assert {job.mark for job in tasks} == {"hw.0199a1b2-c3d4-7e5f-8a9b-000000000002.1"}


@pytest.mark.parametrize(
    ("name", "state", "reason", "why"),
    [
        ("stop", State.RUNNING, Reason.SUSPENDED, ""),
        ("again", State.QUEUED, None, ""),
        ("held", State.QUEUED, Reason.HELD, "it is held until somebody releases it"),
        ("nodir", State.QUEUED, Reason.HELD, "Grid Engine could not start it"),
        ("hundred", State.QUEUED, Reason.HELD, "Grid Engine could not start it"),
        ("next", State.QUEUED, Reason.DEPENDENCY, "it waits for job "),
    ],
)
def test_every_other_state_is_told_with_what_it_means(
    name: str, state: State, reason: Reason | None, why: str
) -> None:
    job = by_name(name)
    assert (job.state, job.reason) == (state, reason)
    assert job.why.startswith(why)


def test_a_job_that_was_put_back_says_so() -> None:
    assert (by_name("again").word, by_name("again").restarts) == ("Rq", 1)


def test_a_strangers_job_with_an_odd_name_is_listed_without_a_mark() -> None:
    [job] = [job for job in dialect.listed(MANY) if job.name.startswith("odd")]
    assert (job.name, job.mark) == ("odd&%lt;b>\"'|(x)", "")


@given(st.data())
def test_a_part_of_a_listing_is_never_an_answer(data: st.DataObject) -> None:
    whole = MANY.stdout.rstrip()
    length = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(ExecutorUnavailable):
        dialect.listed(Output(stdout=whole[:length]))


@given(st.binary(max_size=200))
def test_other_bytes_are_never_an_answer(raw: bytes) -> None:
    with pytest.raises(ExecutorUnavailable):
        dialect.listed(Output(stdout=raw))


@pytest.mark.parametrize("code", [1, 25, 127, 137, 255])
def test_a_listing_with_an_exit_code_is_no_answer(code: int) -> None:
    with pytest.raises(ExecutorUnavailable):
        dialect.listed(Output(stdout=MANY.stdout, exit_code=code))


def test_a_qmaster_that_is_away_is_no_empty_listing() -> None:
    with pytest.raises(ExecutorUnavailable, match="qmaster"):
        dialect.listed(output(RECORDED, "qstat-unreachable"))
    away = output(RECORDED, "qstat-j-unreachable")
    assert away.exit_code == 0
    with pytest.raises(ExecutorUnavailable, match="qmaster"):
        dialect.listed(away)


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><job_info>&b;</job_info>',
        '<!DOCTYPE x SYSTEM "file:///etc/passwd"><job_info><queue_info/><job_info/></job_info>',
        "<job_info><queue_info/><job_info/><!-- <job_list/> --></job_info>",
        "<job_info><queue_info/><job_info><![CDATA[x]]></job_info></job_info>",
        "<job_info><queue_info/></job_info>",
        "<other><queue_info/><job_info/></other>",
    ],
)
def test_a_document_that_grid_engine_never_writes_is_refused(text: str) -> None:
    with pytest.raises(ExecutorUnavailable):
        dialect.listed(Output(stdout=text.encode()))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-7", "latin-1"])
def test_a_declared_encoding_smuggles_nothing_in(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x []><job_info><queue_info/><job_info/></job_info>'
    with pytest.raises(ExecutorUnavailable):
        dialect.listed(Output(stdout=text.encode(encoding)))


def test_characters_that_xml_does_not_have_harm_nobody_elses_job() -> None:
    rows = ROW % "<full_job_name>a\x01\udcffb\x7f</full_job_name>"
    [job] = dialect.listed(listing(rows))
    assert job.name == "a\ufffd\ufffdb\x7f"


def test_a_state_that_is_not_known_is_kept_raw() -> None:
    [job] = dialect.listed(listing((ROW % "").replace("qw", "qwN")))
    assert (job.state, job.word) == (None, "qwN")


@pytest.mark.parametrize(
    "row",
    [
        "<job_list><JB_job_number>x</JB_job_number><state>r</state></job_list>",
        "<job_list><JB_job_number>²</JB_job_number><state>r</state></job_list>",
        "<job_list><state>r</state></job_list>",
        "<job_list><JB_job_number>7</JB_job_number></job_list>",
        ROW % "<tasks>1-</tasks>",
        ROW % "<tasks>1-999999999:1</tasks>",
        ROW % "<tasks>1-3:0</tasks>",
    ],
)
def test_a_row_that_cannot_be_read_makes_the_listing_none(row: str) -> None:
    with pytest.raises(ExecutorUnavailable):
        dialect.listed(listing(row))


def test_the_hosts_of_one_parallel_job_are_one_job() -> None:
    assert len(dialect.listed(listing(ROW % "" + ROW % ""))) == 1


@pytest.mark.parametrize(
    ("text", "indices"), [("1", [0]), ("1,3", [0, 2]), ("2,4-6:2,9-10", [1, 3, 5, 8, 9])]
)
def test_tasks_are_told_in_all_the_ways_that_qstat_has(text: str, indices: list[int]) -> None:
    jobs = dialect.listed(listing(ROW % f"<tasks>{text}</tasks>"))
    assert [job.index for job in jobs] == indices


def test_jobs_that_stand_below_their_queues_are_found_too() -> None:
    text = "<job_info><queue_info><Queue-List>%s</Queue-List></queue_info><job_info/></job_info>"
    [job] = dialect.listed(Output(stdout=(text % (ROW % "")).encode()))
    assert job.id == "7"


@pytest.mark.parametrize(
    ("written", "when"),
    [
        ("2026-11-22T11:14:39", datetime(2026, 11, 22, 11, 14, 39, tzinfo=UTC)),
        ("2026-11-22T11:14:39.250", datetime(2026, 11, 22, 11, 14, 39, 250000, tzinfo=UTC)),
        ("1795346177", datetime(2026, 11, 22, 11, 16, 17, tzinfo=UTC)),
        ("1795346177000", datetime(2026, 11, 22, 11, 16, 17, tzinfo=UTC)),
        ("11/22/2026 11:14:39", datetime(2026, 11, 22, 11, 14, 39, tzinfo=UTC)),
        ("", None),
        ("-/-", None),
        ("0", None),
        ("1970-01-01T00:00:00", None),
        ("9" * 20, None),
    ],
)
def test_times_are_utc_and_the_epoch_is_none(written: str, when: datetime | None) -> None:
    row = ROW % f"<JB_submission_time>{written}</JB_submission_time>"
    [job] = dialect.listed(listing(row))
    assert job.submitted == when


def test_many_predecessors_are_told_in_few_words() -> None:
    waits = "".join(f"<predecessor_jobs>{n}</predecessor_jobs>" for n in range(1, 9))
    [job] = dialect.listed(listing((ROW % waits).replace("qw", "hqw")))
    assert job.why == "it waits for jobs 1, 2, 3, 4, 5 and 3 more to end"


WORDS = st.sampled_from(["qw", "hqw", "r", "Eqw", "dr", "z"])
ROWS = st.builds(
    lambda number, word, tasks: (
        (ROW % (f"<tasks>1-{tasks}:1</tasks>" if tasks else ""))
        .replace(">7<", f">{number}<")
        .replace("qw", word)
    ),
    st.integers(1, 5),
    WORDS,
    st.integers(0, 3),
)


@given(st.lists(st.lists(ROWS, max_size=5), min_size=2, max_size=4))
def test_what_was_read_before_changes_no_answer(listings: list[list[str]]) -> None:
    warm = SgeDialect()
    for rows in listings:
        answer = listing("\n".join(rows))
        assert warm.listed(answer) == SgeDialect().listed(answer)


@given(st.data())
def test_a_listing_with_a_hole_is_no_answer_either_when_its_rows_are_known(
    data: st.DataObject,
) -> None:
    warm = SgeDialect()
    warm.listed(MANY)
    whole = MANY.stdout.rstrip()
    first = data.draw(st.integers(0, len(whole) - 1))
    last = data.draw(st.integers(first + 1, len(whole)))
    part = Output(stdout=whole[:first] + whole[last:])
    try:
        jobs = SgeDialect().listed(part)
    except ExecutorUnavailable:
        with pytest.raises(ExecutorUnavailable):
            warm.listed(part)
    else:
        assert warm.listed(part) == jobs
