"""The layout of a job's bars."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.properties import examples
from tests.unit.views.samples import AT, job, tally, worker, workers

from headway.core.model.spec import Spec
from headway.core.model.state import Reason, State
from headway.core.model.worker import NO_TALLY, Tally, Worker
from headway.views.bars import picture_of
from headway.views.font import width_of
from headway.views.looks import Style
from headway.views.marks import MarkKind
from headway.views.message import message_picture, unknown_picture
from headway.views.palette import Family
from headway.views.picture import Anchor, Bar, Pattern, Picture


def picture(of: list[Worker], **options: object) -> Picture:
    return picture_of(job(), of, tally(of), at=AT, **options)  # type: ignore[arg-type]  # any option


def texts(of: Picture) -> list[str]:
    return [text.text for text in of.texts]


def worker_bars(of: Picture) -> list[Bar]:
    """Leave out the bar of the whole job, which is the first."""
    return list(of.bars[1:])


@pytest.mark.parametrize(
    ("count", "columns"), [(1, 1), (40, 1), (41, 2), (100, 2), (101, 4), (400, 4)]
)
def test_bars_stand_in_as_many_columns_as_they_need(count: int, columns: int) -> None:
    bars = worker_bars(picture(workers(count)))
    assert len(bars) == count
    assert len({bar.x for bar in bars}) == columns


def test_a_job_that_succeeded_is_done_and_its_workers_are_where_they_were() -> None:
    of = [worker("w1", 50)]
    ended = job(state=State.SUCCEEDED, started=AT, ended=AT)
    drawn = picture_of(ended, of, tally(of), at=AT)
    whole, half = drawn.bars
    assert (whole.filled, 2 * half.filled) == (whole.w, half.w)
    assert "100 %" in drawn.alt


@pytest.mark.parametrize("count", [100, 400])
def test_bars_stand_in_one_column_where_a_picture_is_narrow(count: int) -> None:
    assert len({bar.x for bar in worker_bars(picture(workers(count), width=400))}) == 1


def test_more_than_four_hundred_workers_are_a_heat_strip_and_those_that_need_a_look() -> None:
    drawn = picture(workers(401))
    cells = [box for box in drawn.boxes if box.w == box.h > 1]
    assert len(cells) == 401
    assert 1 <= len(worker_bars(drawn)) <= 8
    assert any("Worth a look" in text for text in texts(drawn))


def test_a_very_large_job_stays_a_picture_of_bounded_height() -> None:
    drawn = picture(workers(50_000))
    assert drawn.height < 2_000
    assert any("each cell stands for 5 workers" in text for text in texts(drawn))


def test_labels_and_bars_follow_the_natural_order() -> None:
    drawn = picture([worker("w10"), worker("w2"), worker("w1")])
    labels = [text for text in drawn.texts if text.text in ("w1", "w2", "w10")]
    assert [text.text for text in labels] == ["w1", "w2", "w10"]
    assert all(above.y < below.y for above, below in pairwise(labels))


@pytest.mark.parametrize(
    ("style", "families"),
    [
        (Style.HEALTH, [Family.OK, Family.OK, Family.PROBLEM, Family.STALLED]),
        (Style.STATUS, [Family.RUNNING, Family.OK, Family.WARNING, Family.STALLED]),
    ],
)
def test_colours_tell_what_the_style_says(style: Style, families: list[Family]) -> None:
    of = [worker("1"), worker("2", 100), worker("3", ok=False), worker("4", silent_s=99)]
    assert [bar.role for bar in worker_bars(picture(of, style=style))] == families


def test_a_problem_is_told_by_colour_hatch_sign_and_word() -> None:
    drawn = picture([worker(ok=False)])
    (bar,) = worker_bars(drawn)
    assert (bar.role, bar.pattern) == (Family.PROBLEM, Pattern.HATCH)
    assert MarkKind.ALERT in {mark.kind for mark in drawn.marks}
    assert "problem" in texts(drawn)


def test_a_stalled_worker_is_told_by_colour_comb_sign_and_word() -> None:
    drawn = picture([worker(silent_s=180)])
    (bar,) = worker_bars(drawn)
    assert (bar.role, bar.pattern) == (Family.STALLED, Pattern.COMB)
    assert MarkKind.CLOCK in {mark.kind for mark in drawn.marks}
    assert "stalled 3 min" in texts(drawn)


def test_a_problem_is_seen_at_zero_percent_too() -> None:
    (bar,) = worker_bars(picture([worker(current=0, ok=False)]))
    assert bar.filled > 0


@pytest.mark.parametrize(("current", "share"), [(0, 0), (50, 0.5), (100, 1), (250, 1), (-5, 0)])
def test_a_bar_is_filled_as_far_as_its_worker_is(current: float, share: float) -> None:
    (bar,) = worker_bars(picture([worker(current=current)]))
    assert bar.filled == round(bar.w * share)


def test_a_bar_without_a_total_is_open_and_has_the_number_and_no_percentage() -> None:
    drawn = picture([worker(current=1234, total=None)])
    (bar,) = drawn.bars  # without any percentage there is no bar of the whole job either
    assert bar.pattern is Pattern.OPEN
    assert "1,234" in texts(drawn)
    assert [text for text in texts(drawn) if text.endswith(" %")] == ["0 %", "100 %"]  # the axis


def test_a_text_stands_inside_its_bar_or_else_beside_it() -> None:
    drawn = picture([worker("1", 90, desc="inside"), worker("2", 2, desc="beside")])
    inside, beside = (
        next(text for text in drawn.texts if text.text == word) for word in ("inside", "beside")
    )
    assert (inside.role, inside.on) == (Family.OK.on, Family.OK)
    assert (beside.role, beside.on) == ("ink", "track")


def test_a_long_text_ends_with_an_ellipsis() -> None:
    drawn = picture([worker("w" * 500, desc="d" * 500)])
    assert len([text for text in texts(drawn) if text.endswith("…")]) == 2


def test_the_head_says_what_the_job_as_a_whole_does() -> None:
    said = texts(picture([worker("1", 100), worker("2", 50, silent_s=0)]))
    facts = "1 of 2 workers finished · about 10 min left · running for 10 min 00 s"
    assert ["75 %", "Demo", "running", facts, "2026-03-01 12:00:05 UTC"] == said[:5]


def test_no_time_left_is_said_while_announced_workers_are_missing() -> None:
    of = [worker()]
    drawn = picture_of(job(worker_count=5), of, tally(of), at=AT)
    assert any("0 of 5 workers finished" in text for text in texts(drawn))
    assert not any("about" in text for text in texts(drawn))


def test_a_failed_job_says_why() -> None:
    failed = job(state=State.FAILED, reason=Reason.SIGNAL, signal=11, ended=AT)
    drawn = picture_of(failed, [], NO_TALLY, at=AT + timedelta(days=1))
    assert "failed: killed by signal 11 (SIGSEGV)" in texts(drawn)
    assert "took 10 min 00 s" in texts(drawn)


def test_the_jobs_own_words_are_shown() -> None:
    drawn = picture_of(job(status_text="fitting beams"), [], NO_TALLY, at=AT)
    assert "fitting beams" in texts(drawn)


def test_a_job_without_workers_says_so() -> None:
    assert "No worker has reported yet." in texts(picture([]))


def test_an_ended_job_without_workers_does_not_wait() -> None:
    ended = job(state=State.SUCCEEDED, ended=AT)
    assert "It ended without a report from any worker." in texts(
        picture_of(ended, [], NO_TALLY, at=AT)
    )


def test_of_a_command_no_report_is_missing() -> None:
    command = job(spec=Spec(command=("true",)), state=State.SUCCEEDED, ended=AT)
    assert not any("report" in text for text in texts(picture_of(command, [], NO_TALLY, at=AT)))


def test_a_job_nobody_knows_has_a_picture() -> None:
    assert texts(unknown_picture("demo1"))[0] == "No job called demo1"


def test_a_message_may_be_foreign_text() -> None:
    assert texts(message_picture("a\x00b", "c\u202ed"))[0] == "a\ufffdb"


@pytest.mark.parametrize(("asked", "given"), [(10, 320), (777, 777), (10**9, 4000)])
def test_the_width_is_kept_within_reason(asked: int, given: int) -> None:
    assert picture(workers(3), width=asked).width == given


def test_the_alternative_text_names_those_that_need_a_look() -> None:
    drawn = picture([worker("a", ok=False), worker("b")])
    assert "a problem" in drawn.alt
    assert "Demo" in drawn.alt


def test_a_list_cut_short_keeps_the_numbers_of_all() -> None:
    drawn = picture_of(job(), workers(3), Tally(workers=9000, finished=42, progress=0.5), at=AT)
    assert any("42 of 9,000 workers finished" in text for text in texts(drawn))


@settings(max_examples=examples(60), deadline=None)
@given(
    st.integers(min_value=0, max_value=450),
    st.integers(min_value=320, max_value=2000),
    st.sampled_from(Style),
    st.text(max_size=30),
)
def test_nothing_ever_stands_outside_the_picture(
    count: int, width: int, style: Style, name: str
) -> None:
    of = [*workers(count), worker(name, desc=name * 9)]
    drawn = picture(of, width=width, style=style)
    for text in drawn.texts:
        left = text.x - text.w if text.anchor is Anchor.END else text.x
        assert left >= -0.5
        assert left + text.w <= drawn.width + 0.5
        assert width_of(text.text, text.face) == text.w
    areas = [(box.x, box.y, box.w, box.h) for box in (*drawn.boxes, *drawn.plates)]
    areas += [(bar.x, bar.y, bar.w, bar.h) for bar in drawn.bars]
    for x, y, w, h in areas:
        assert 0 <= x <= x + w <= drawn.width
        assert 0 <= y <= y + h <= drawn.height
