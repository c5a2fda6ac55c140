from datetime import UTC, datetime

import pytest

from headway.core.errors import ServerUnreachable
from headway.core.model.state import State
from headway.sdk import model
from headway.sdk.logs import LogPosition
from headway.sdk.pages import MOST_A_PAGE, Pages
from headway.sdk.waiting import Patience, Waiting

AT = datetime(2026, 3, 1, tzinfo=UTC)
AWAY = ServerUnreachable("away")


def job(name: str, state: State = State.RUNNING, *, seq: int = 10) -> model.JobSummary:
    return model.JobSummary(
        id=name, number=1, kind="command", state=state, created=AT, updated=AT, seq=seq
    )


def frame(seq: int, *changes: model.Change) -> model.Frame:
    return model.Frame(seq, changes)


def test_jobs_that_have_ended_are_not_waited_for() -> None:
    waiting = Waiting([job("a", State.FAILED), job("b")])
    assert set(waiting.pending) == {"b"}


def test_the_stream_begins_where_the_oldest_answer_was_given() -> None:
    waiting = Waiting([job("a", seq=7), job("b", seq=5)])
    assert waiting.request().query == (("after", "5"),)


def test_the_last_job_is_listened_to_alone() -> None:
    waiting = Waiting([job("a")])
    assert waiting.request().query == (("after", "10"), ("job", "a"))


def test_a_job_that_ends_is_told_once() -> None:
    waiting = Waiting([job("a"), job("b")])
    ended = model.JobChange(job("a", State.SUCCEEDED))
    assert [known.id for known in waiting.take(frame(11, ended, ended))] == ["a"]
    assert not list(waiting.take(frame(12, ended)))
    assert set(waiting.pending) == {"b"}


def test_jobs_of_others_and_other_changes_do_not_matter() -> None:
    waiting = Waiting([job("a")])
    other = model.JobChange(job("z", State.FAILED))
    step = model.WorkerChange("a", model.Worker(id="w", current=1))
    assert not list(waiting.take(frame(12, other, step, model.JobChange(job("a")))))
    assert waiting.request().query[0] == ("after", "12")


def test_after_a_reset_what_is_known_is_stale() -> None:
    waiting = Waiting([job("a")])
    assert not list(waiting.take(frame(99, model.Reset())))
    assert waiting.is_stale


def test_pauses_grow_and_begin_anew_when_the_server_is_heard() -> None:
    patience = Patience()
    pauses = [patience.pause_s(AWAY, now=0, deadline=100) for _ in range(7)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == 2.0
    patience.renew()
    assert patience.pause_s(AWAY, now=50, deadline=100) == pauses[0]


def test_no_pause_goes_beyond_the_deadline() -> None:
    assert Patience().pause_s(AWAY, now=9.95, deadline=10) == pytest.approx(0.05)
    assert Patience().pause_s(AWAY, now=11, deadline=10) == 0


def test_patience_ends() -> None:
    patience = Patience(60)
    patience.pause_s(AWAY, now=0, deadline=1000)
    with pytest.raises(ServerUnreachable):
        patience.pause_s(AWAY, now=60, deadline=1000)


def test_pages_are_as_large_as_the_server_allows() -> None:
    pages = Pages(1500)
    assert pages.size == MOST_A_PAGE
    pages.turn(1000, "c1")
    assert (pages.size, pages.cursor, pages.are_done) == (500, "c1", False)
    pages.turn(500, "c2")
    assert pages.are_done


def test_the_last_page_is_the_one_without_a_cursor() -> None:
    pages = Pages()
    pages.turn(3, None)
    assert pages.are_done


def test_of_nothing_there_are_no_pages() -> None:
    assert Pages(0).are_done


def test_a_log_goes_on_after_the_last_byte_that_came() -> None:
    position = LogPosition("1", "stdout")
    position.begin({})
    assert position.take(b"hello") == b"hello"
    assert position.follow().headers == (("range", "bytes=5-"),)
    position.begin({"content-range": "bytes 5-9/10"})
    assert position.take(b" you") == b" you"


def test_a_server_that_begins_anew_is_not_printed_anew() -> None:
    position = LogPosition("1", "stdout")
    position.begin({})
    position.take(b"hello")
    position.begin({})
    assert position.take(b"hel") == b""
    assert position.take(b"lo you") == b" you"


def test_after_a_break_a_tail_goes_on_from_now() -> None:
    position = LogPosition("1", "stdout", tail="5l")
    position.begin({})
    position.take(b"x\n")
    assert dict(position.follow().query) == {"tail": "0", "follow": "1"}
    assert position.rest() is None


def test_a_tail_whose_place_is_told_goes_on_from_there() -> None:
    position = LogPosition("1", "stdout", tail="5l")
    position.begin({"content-range": "bytes 100-109/*"})
    assert position.take(b"ab") == b"ab"
    assert position.follow().headers == (("range", "bytes=102-"),)
