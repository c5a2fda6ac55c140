"""The journal's slots and the frames on the socket: what goes in comes out, and nothing else is taken for it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.executors.local import journal, record, wire
from headway.executors.local.record import Cause, Damaged, End, Phase, Record

WORDS = st.binary(max_size=40).map(lambda raw: raw.replace(b"\0", b"x"))
TIMES = st.floats(min_value=0, max_value=1e10)
COUNTS = st.integers(min_value=0, max_value=2**63 - 1)


@st.composite
def entries(draw: st.DrawFn) -> Record:
    entry = Record(
        serial=draw(COUNTS),
        brand=draw(COUNTS),
        tag=draw(st.binary(max_size=record.TAG_BYTES)),
        reserved=draw(TIMES),
        limit_s=draw(TIMES),
    )
    entry.phase = draw(st.sampled_from(Phase))
    entry.end, entry.cause = draw(st.sampled_from(End)), draw(st.sampled_from(Cause))
    entry.caught = draw(st.booleans())
    entry.value, entry.pid = draw(st.integers(0, 255)), draw(st.integers(0, 2**31))
    entry.start_ticks, entry.max_memory_bytes = draw(COUNTS), draw(COUNTS)
    entry.started, entry.ended, entry.cut_mono = draw(TIMES), draw(TIMES), draw(TIMES)
    entry.started_mono, entry.wall_s, entry.cpu_s = draw(TIMES), draw(TIMES), draw(TIMES)
    return entry


def fields(entry: Record) -> list[object]:
    return [getattr(entry, name) for name in Record.__slots__]


@given(entries())
def test_a_record_comes_back_as_it_was(entry: Record) -> None:
    raw = entry.pack()
    assert len(raw) == record.SIZE
    back = record.unpack(raw)
    assert back is not None
    assert fields(back) == fields(entry)


@given(entries(), st.integers(0, record.SIZE - 1), st.integers(1, 255))
def test_a_record_with_any_byte_changed_is_damaged(entry: Record, at: int, change: int) -> None:
    raw = bytearray(entry.pack())
    raw[at] ^= change
    with pytest.raises(Damaged):
        record.unpack(bytes(raw))


def test_an_empty_slot_is_free() -> None:
    assert record.unpack(bytes(record.SIZE)) is None


@st.composite
def launches(draw: st.DrawFn) -> wire.Launch:
    return wire.Launch(
        tag=draw(WORDS),
        argv=draw(st.lists(WORDS, max_size=5)),
        environment=draw(st.lists(WORDS, max_size=5)),
        inherit=draw(st.booleans()),
        directory=draw(WORDS),
        stdin_path=draw(WORDS),
        place=draw(WORDS),
        limit_s=draw(TIMES),
    )


def launch_fields(launch: wire.Launch) -> list[object]:
    return [getattr(launch, name) for name in wire.Launch.__slots__]


@given(st.lists(launches(), max_size=4))
def test_launches_come_back_as_they_were(sent: list[wire.Launch]) -> None:
    ((kind, body),) = wire.split(bytearray(wire.launch(sent)))
    assert kind == wire.Kind.LAUNCH
    assert [launch_fields(each) for each in wire.read_launch(body)] == [
        launch_fields(each) for each in sent
    ]


@given(st.lists(st.tuples(WORDS, st.text(), st.booleans()), max_size=4))
def test_refusals_come_back_as_they_were(sent: list[tuple[bytes, str, bool]]) -> None:
    refused = [wire.Refused(tag=tag, message=words, later=later) for tag, words, later in sent]
    ((_, body),) = wire.split(bytearray(wire.refused(refused)))
    assert [(each.tag, each.message, each.later) for each in wire.read_refused(body)] == sent


@given(st.lists(st.binary(max_size=50), max_size=6), st.integers(1, 20))
def test_frames_arrive_whole_however_the_stream_is_cut(bodies: list[bytes], step: int) -> None:
    stream = b"".join(wire.frame(wire.Kind.RECORDS, body) for body in bodies)
    buffer, found = bytearray(), []
    for at in range(0, len(stream), step):
        buffer += stream[at : at + step]
        found += [body for _, body in wire.split(buffer)]
    assert (found, bytes(buffer)) == (bodies, b"")


def test_a_frame_that_says_it_is_huge_is_not_waited_for() -> None:
    with pytest.raises(wire.BadFrame):
        wire.split(bytearray(b"\xff\xff\xff\xff\x01"))


@given(st.integers(0, 2**64 - 1), st.lists(WORDS, max_size=4))
def test_a_cancel_comes_back_as_it_was(number: int, tags: list[bytes]) -> None:
    ((_, body),) = wire.split(bytearray(wire.cancel(number, tags)))
    assert wire.read_cancel(body) == (number, tags)


def test_a_journal_is_read_back_with_its_boot_and_without_damaged_slots(tmp_path: Path) -> None:
    made = journal.create(bytes(tmp_path / "journal"), boot_id="a-boot")
    for slot in (1, 2, 300):
        while slot > made.slots:
            made.grow()
        made.write(slot, Record(serial=slot, brand=0, tag=b"t", reserved=1.0))
    made.close()
    raw = bytearray((tmp_path / "journal").read_bytes())
    raw[2 * record.SIZE] ^= 1
    (tmp_path / "journal").write_bytes(raw)
    read = journal.open_journal(bytes(tmp_path / "journal"))
    assert [slot for slot, _ in read.read()] == [1, 300]
    assert (read.boot_id, read.damaged) == ("a-boot", 1)
    read.close()


def test_a_file_that_was_never_finished_is_no_journal(tmp_path: Path) -> None:
    (tmp_path / "journal").write_bytes(bytes(4096))
    with pytest.raises(journal.NotAJournal):
        journal.open_journal(bytes(tmp_path / "journal"))
