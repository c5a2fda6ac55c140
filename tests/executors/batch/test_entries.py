"""The attempts that are followed, by tag and by mark."""

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from headway.core.model.names import NativeId, tag_of
from headway.core.model.state import State
from headway.executors.batch import observing
from headway.executors.batch.entries import Entries, Entry
from headway.executors.batch.native import NativeJob
from headway.testing.fakes import NOON
from headway.testing.samples import job_id

ONE, OTHER = tag_of(job_id(1), 1), tag_of(job_id(2), 1)


def entries_of(*entries: Entry) -> Entries:
    made = Entries(lambda tag: f"mark:{tag}")
    for each in entries:
        made.add(each)
    return made


def test_an_entry_is_found_by_its_tag_and_by_the_mark_of_its_home() -> None:
    entry = Entry(ONE, base=ONE, since=NOON)
    entries = entries_of(entry)
    assert entries.get(ONE) is entry
    assert entries.marked(f"mark:{ONE}") is entry
    assert entries.marked(f"mark:{ONE}", 0) is None
    assert entries.get(OTHER) is None


def test_elements_of_an_array_share_a_mark_and_are_told_apart_by_their_places() -> None:
    first = Entry(ONE, base=ONE, since=NOON, home=ONE, element=0)
    second = Entry(OTHER, base=OTHER, since=NOON, home=ONE, element=1)
    entries = entries_of(first, second)
    assert entries.marked(f"mark:{ONE}", 0) is first
    assert entries.marked(f"mark:{ONE}", 1) is second
    assert entries.marked(f"mark:{ONE}") is None
    assert entries.marked(f"mark:{OTHER}") is None


def test_an_attempt_that_was_put_back_keeps_its_mark_under_its_next_tag() -> None:
    entry = Entry(ONE, base=ONE, since=NOON)
    entries = entries_of(entry)
    following = tag_of(job_id(1), 2)
    entries.rename(entry, following)
    assert entries.get(ONE) is None
    assert entries.get(following) is entry
    assert entries.marked(f"mark:{ONE}") is entry
    entries.drop(entry)
    assert entries.marked(f"mark:{ONE}") is None
    assert len(entries) == 0


def test_what_is_dropped_takes_no_others_mark_with_it() -> None:
    entry, newer = Entry(ONE, base=ONE, since=NOON), Entry(ONE, base=ONE, since=NOON)
    entries = entries_of(entry, newer)
    entries.drop(entry)
    assert entries.marked(f"mark:{ONE}") is newer


def test_an_attempt_that_is_followed_takes_less_than_a_kilobyte() -> None:
    tags = [tag_of(job_id(number), 1) for number in range(1, 1001)]
    rows = [NativeJob(id=NativeId(str(n)), state=State.QUEUED, word="PENDING") for n in range(1000)]
    entries = entries_of()
    tracemalloc.start()
    for tag, row in zip(tags, rows, strict=True):
        entry = entries.add(Entry(tag, base=tag, since=NOON))
        entry.native_id = row.id
        observing.alive(entry, row, NOON)
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken / len(entries) < 1000


@given(st.lists(st.tuples(st.integers(1, 5), st.booleans())))
def test_both_ways_always_lead_to_the_same_entries(steps: list[tuple[int, bool]]) -> None:
    entries = entries_of()
    for number, is_added in steps:
        tag = tag_of(job_id(number), 1)
        known = entries.get(tag)
        if is_added and known is None:
            entries.add(Entry(tag, base=tag, since=NOON))
        elif not is_added and known is not None:
            entries.drop(known)
    assert len(entries) == len(list(entries))
    for number in range(1, 6):
        tag = tag_of(job_id(number), 1)
        assert entries.get(tag) is entries.marked(f"mark:{tag}")
