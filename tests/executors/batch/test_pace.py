"""When a scheduler is asked: soon when it matters, and never as a burden."""

from hypothesis import given
from hypothesis import strategies as st

from headway.executors.batch.pace import SHARE, Pace

HOUR_S = 3600.0


def test_a_scheduler_that_nobody_looks_at_is_listed_four_times_a_minute() -> None:
    times = listings(Pace(), until_s=60.0, took_s=0.05)
    assert len(times) <= 4


def test_somebody_who_looks_has_it_listed_every_second_for_some_seconds() -> None:
    pace = Pace()
    pace.listed(at_s=100.0, took_s=0.01)
    pace.watched(at_s=101.0)
    assert pace.next_s(at_s=101.0) == 101.0
    pace.listed(at_s=101.0, took_s=0.01)
    assert pace.next_s(at_s=101.0) == 102.0
    assert pace.next_s(at_s=107.0) == 116.0


def test_what_is_wanted_comes_in_time_and_once() -> None:
    pace = Pace()
    pace.listed(at_s=100.0, took_s=0.01)
    pace.want(at_s=101.0, in_s=1.0)
    pace.want(at_s=101.0, in_s=9.0)
    assert pace.next_s(at_s=101.0) == 102.0
    pace.listed(at_s=102.0, took_s=0.01)
    assert pace.next_s(at_s=102.0) == 117.0


def test_a_listing_before_it_is_wanted_does_not_stand_for_it() -> None:
    pace = Pace()
    pace.want(at_s=101.0, in_s=4.0)
    pace.listed(at_s=102.0, took_s=0.01)
    assert pace.next_s(at_s=102.0) == 105.0


def test_a_clock_that_was_set_back_stops_nothing() -> None:
    pace = Pace()
    pace.listed(at_s=HOUR_S, took_s=0.01)
    assert pace.next_s(at_s=10.0) <= 10.0


@given(
    st.lists(st.tuples(st.floats(0, HOUR_S), st.sampled_from(["watched", "want"])), max_size=200),
    st.floats(0.001, 4.9),
    st.sampled_from([0.02, SHARE, 0.5, 1.0]),
)
def test_listing_takes_no_more_than_its_share_of_the_time_whoever_asks(
    wishes: list[tuple[float, str]], took_s: float, share: float
) -> None:
    times = listings(Pace(share=share), until_s=HOUR_S, took_s=took_s, wishes=sorted(wishes))
    assert len(times) * took_s <= HOUR_S * share + took_s
    assert len(times) <= HOUR_S


@given(st.floats(1.0, 600.0))
def test_without_wishes_it_is_listed_as_often_as_set(idle_s: float) -> None:
    times = listings(Pace(idle_s=idle_s), until_s=HOUR_S, took_s=0.01)
    assert len(times) <= HOUR_S / idle_s + 1


def listings(
    pace: Pace,
    *,
    until_s: float,
    took_s: float,
    wishes: list[tuple[float, str]] | None = None,
) -> list[float]:
    """Give the times of all listings, as one who asks only this pace makes them."""
    left = list(wishes or [])
    now_s = 0.0
    times: list[float] = []
    pace.listed(at_s=0.0, took_s=took_s)
    while now_s < until_s:
        next_s = max(pace.next_s(at_s=now_s), now_s)
        if left and left[0][0] < next_s:
            now_s = max(now_s, left[0][0])
            _, wish = left.pop(0)
            pace.watched(at_s=now_s) if wish == "watched" else pace.want(at_s=now_s)
            continue
        now_s = next_s + took_s
        if now_s < until_s:
            times.append(next_s)
        pace.listed(at_s=now_s, took_s=took_s)
    return times
