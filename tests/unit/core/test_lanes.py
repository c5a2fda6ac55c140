"""Whose turn it is to be called."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from headway.core.passes.lanes import Caller, Lanes
from headway.testing.fakes import NOON
from headway.testing.samples import job_id

GOOD, OTHER = "http://good.example:80", "http://other.example:80"
LATER = NOON + timedelta(seconds=5)


def caller(number: int, place: int = 0) -> Caller:
    return Caller(job_id(number), place)


def called(lanes: Lanes, origin: str, *answers: bool, now: datetime = NOON) -> None:
    """Have an origin answer so, one call after the other."""
    for answered in answers:
        lanes.add(caller(999), origin, now)
        assert caller(999) in lanes.take(now)
        lanes.done(caller(999), now=now, due=None, answered=answered)


def filled(lanes: Lanes, origin: str, count: int, *, first: int = 1) -> Sequence[Caller]:
    callers = [caller(first + n) for n in range(count)]
    for one in callers:
        lanes.add(one, origin, NOON)
    return callers


def test_a_callback_is_taken_when_it_is_due_and_once() -> None:
    lanes = Lanes()
    lanes.add(caller(1), GOOD, LATER)
    assert lanes.take(NOON) == []
    assert lanes.next_due() == LATER
    assert lanes.take(LATER) == [caller(1)]
    assert lanes.take(LATER) == []
    assert lanes.next_due() is None


def test_a_receiver_that_is_not_known_yet_gets_one_call_at_a_time() -> None:
    lanes = Lanes()
    first, second = filled(lanes, GOOD, 2)
    assert lanes.take(NOON) == [first]
    lanes.done(first, now=NOON, due=None, answered=True)
    assert lanes.take(NOON) == [second]


def test_a_receiver_that_answers_gets_four_and_one_that_fails_a_single_one_again() -> None:
    lanes = Lanes()
    called(lanes, GOOD, True)
    callers = filled(lanes, GOOD, 6)
    assert lanes.take(NOON) == callers[:4]
    lanes.done(callers[0], now=NOON, due=None, answered=False)
    for one in callers[1:4]:
        lanes.done(one, now=NOON, due=None)
    assert lanes.take(NOON) == callers[4:5]


def test_receivers_take_turns() -> None:
    lanes = Lanes()
    called(lanes, GOOD, True)
    called(lanes, OTHER, True)
    filled(lanes, GOOD, 3)
    others = filled(lanes, OTHER, 3, first=10)
    assert others[0] in lanes.take(NOON)[:2]


def test_a_hundred_dead_receivers_leave_a_healthy_one_its_calls() -> None:
    lanes = Lanes()
    called(lanes, GOOD, True)
    for number in range(100):
        called(lanes, f"http://dead{number}.example:80", False, False, False)
    for number in range(100):
        filled(lanes, f"http://dead{number}.example:80", 5, first=1000 * (number + 1))
    dead = lanes.take(NOON)
    assert len(dead) == 32
    one = caller(1)
    lanes.add(one, GOOD, NOON)
    assert lanes.take(NOON) == [one]


def test_receivers_that_nobody_knows_yet_leave_a_healthy_one_its_calls() -> None:
    lanes = Lanes()
    called(lanes, GOOD, True)
    for number in range(500):
        filled(lanes, f"http://new{number}.example:80", 1, first=number + 10)
    assert len(lanes.take(NOON)) == 128
    lanes.add(caller(1), GOOD, NOON)
    assert lanes.take(NOON) == [caller(1)]


def test_a_receiver_that_failed_once_does_not_wait_for_the_dead() -> None:
    lanes = Lanes()
    called(lanes, GOOD, True, False)
    for number in range(40):
        called(lanes, f"http://dead{number}.example:80", False, False, False)
    for number in range(40):
        filled(lanes, f"http://dead{number}.example:80", 1, first=number + 10)
    lanes.take(NOON)
    lanes.add(caller(1), GOOD, NOON)
    assert lanes.take(NOON) == [caller(1)]


def test_what_comes_while_a_callback_is_called_is_looked_at_afterwards() -> None:
    lanes = Lanes()
    lanes.add(caller(1), GOOD, NOON)
    lanes.take(NOON)
    lanes.add(caller(1), GOOD, NOON)
    lanes.done(caller(1), now=NOON, due=None, answered=True)
    assert lanes.take(NOON) == [caller(1)]
    lanes.done(caller(1), now=NOON, due=None, answered=True)
    assert lanes.take(NOON) == []


def test_what_comes_behind_a_failure_waits_for_it() -> None:
    lanes = Lanes()
    lanes.add(caller(1), GOOD, NOON)
    lanes.take(NOON)
    lanes.add(caller(1), GOOD, NOON)
    lanes.done(caller(1), now=NOON, due=LATER, answered=False)
    lanes.add(caller(1), GOOD, NOON)
    assert lanes.take(NOON) == []
    assert lanes.take(LATER) == [caller(1)]


def test_what_somebody_changes_is_looked_at_at_once() -> None:
    lanes = Lanes()
    lanes.add(caller(1), GOOD, LATER)
    lanes.hasten(caller(1), GOOD, NOON)
    lanes.hasten(caller(2), OTHER, NOON)
    assert set(lanes.take(NOON)) == {caller(1), caller(2)}
    lanes.hasten(caller(1), GOOD, NOON)
    lanes.done(caller(1), now=NOON, due=LATER, answered=False)
    assert lanes.take(NOON) == [caller(1)]


def test_how_receivers_fared_is_forgotten_when_there_are_thousands() -> None:
    lanes = Lanes()
    called(lanes, GOOD, True)
    for number in range(5000):
        called(lanes, f"http://new{number}.example:80", True)
    first, _ = filled(lanes, GOOD, 2)
    assert lanes.take(NOON) == [first]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "hasten", "take", "done", "fail", "later"]),
        st.integers(0, 5),
        st.integers(0, 2),
    ),
    max_size=60,
)


@given(STEPS)
def test_whatever_happens_nobody_is_called_twice_at_once_and_nobody_is_forgotten(
    steps: list[tuple[str, int, int]],
) -> None:
    lanes, now = Lanes(), NOON
    waiting: set[Caller] = set()
    busy: list[Caller] = []
    for step, number, origin in steps:
        one = caller(number, origin)
        name = f"http://{origin}.example:80"
        if step in {"add", "hasten"}:
            getattr(lanes, step)(one, name, now)
            waiting.add(one)
        elif step == "take":
            taken = lanes.take(now)
            assert not set(taken) & set(busy)
            assert set(taken) <= waiting
            waiting -= set(taken)
            busy += taken
        elif step == "later":
            now += timedelta(seconds=number)
        elif busy:
            one = busy.pop(0)
            failed = step == "fail"
            due = now + timedelta(seconds=3) if failed else None
            lanes.done(one, now=now, due=due, answered=not failed)
            if failed:
                waiting.add(one)
    while busy or waiting:
        now += timedelta(seconds=5)
        for one in busy:
            lanes.done(one, now=now, due=None, answered=True)
        busy = list(lanes.take(now))
        assert busy or not waiting
        waiting -= set(busy)
    assert lanes.take(now + timedelta(days=1)) == []
