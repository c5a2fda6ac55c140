"""Where lines begin in a text that grows."""

from hypothesis import given
from hypothesis import strategies as st

from headway.lib import line_index
from headway.lib.line_index import Indexes, LineIndex, Place
from headway.lib.whole_lines import LONGEST_LINE_BYTES, WholeLines, readable, shown, trimmed

PIECES = st.lists(st.text("a\n", max_size=12).map(str.encode), max_size=40)


def _fed(pieces: list[bytes]) -> LineIndex:
    index = LineIndex()
    for piece in pieces:
        index.feed(index.scanned, piece)
    return index


@given(PIECES)
def test_lines_are_counted_however_the_text_comes(pieces: list[bytes]) -> None:
    text = b"".join(pieces)
    index = _fed(pieces)
    assert index.scanned == len(text)
    assert index.lines == len(text.splitlines())
    assert index.last.offset == text.rfind(b"\n") + 1
    assert (index.head, index.tail) == (text[:64], text[-64:])


@given(PIECES, st.integers(0, 60))
def test_a_known_place_is_the_beginning_of_its_line(pieces: list[bytes], line: int) -> None:
    text = b"".join(pieces)
    place = _fed(pieces).before(line)
    assert place.line <= line
    assert text[: place.offset].count(b"\n") == place.line
    assert place.offset == 0 or text[place.offset - 1] == ord("\n")


def test_a_piece_that_was_counted_before_counts_once() -> None:
    index = LineIndex()
    index.feed(0, b"a\n")
    index.feed(0, b"a\n")
    index.feed(9, b"b\n")
    assert index.lines == 1


def test_of_many_places_few_are_remembered() -> None:
    index = LineIndex()
    for _ in range(5 * line_index.MOST_PLACES):
        index.feed(index.scanned, b"x\n")
    assert index.lines == 5 * line_index.MOST_PLACES
    place = index.before(4 * line_index.MOST_PLACES)
    assert 0 <= 4 * line_index.MOST_PLACES - place.line <= 8
    assert len(index._lines) <= line_index.MOST_PLACES


def test_before_anything_was_counted_the_beginning_is_known() -> None:
    assert LineIndex().before(5) == Place(0, 0)
    assert LineIndex().past(0, 0) == 0


def test_a_long_line_is_known_to_go_on_to_its_end_or_as_far_as_was_counted() -> None:
    index = _fed([b"a\n", b"x" * 100, b"x" * 100 + b"\n", b"b\n", b"y" * 50])
    assert index.past(1, 30) == 202
    assert index.past(3, 206) == 255
    assert index.past(0, 0) == 1
    assert index.past(7, 10) == 10


def test_the_texts_that_were_not_asked_for_longest_are_forgotten() -> None:
    indexes = Indexes[str](most=2)
    first = indexes.of("a")
    second = indexes.of("b")
    assert indexes.of("a") is first
    indexes.of("c")
    assert indexes.of("a") is first
    assert indexes.of("b") is not second
    indexes.drop("a")
    assert indexes.of("a") is not first


@given(PIECES)
def test_whole_lines_are_all_of_the_text(pieces: list[bytes]) -> None:
    held = WholeLines()
    parts = [held.feed(piece) for piece in pieces]
    assert all(part.endswith(b"\n") for part in parts if part)
    text = b"".join(pieces)
    given = b"".join(parts) + held.end()
    assert given == (text if not text or text.endswith(b"\n") else text + b"\n")


def test_of_a_long_line_little_is_kept() -> None:
    held = WholeLines()
    for _ in range(1000):
        assert held.feed(b"x" * 1000) == b""
    assert held.is_long
    assert len(held.end()) == 2 * LONGEST_LINE_BYTES + 2


@given(st.lists(st.integers(1, 3 * LONGEST_LINE_BYTES), min_size=1, max_size=6), st.integers(0, 99))
def test_of_a_long_line_the_same_is_shown_whatever_pieces_it_comes_in(
    sizes: list[int], bars: int
) -> None:
    line = b"begin " + b"x" * 500 + b"".join(b"\r%d%% %s" % (n, b"=" * 200) for n in range(bars))
    held = WholeLines()
    at = 0
    for size in sizes:
        assert held.feed(line[at : at + size]) == b""
        at += size
    assert shown((held.feed(line[at:]) + held.end())[:-1]) == shown(line)


def test_a_cut_divides_no_character() -> None:
    line = shown(b"x" + "é".encode() * LONGEST_LINE_BYTES)
    assert line.is_cut
    assert set(line.text) == {"x", "é"}
    assert shown(b"\x80" * 10_000).is_cut


@given(
    st.lists(
        st.tuples(
            st.sampled_from([b"x", b"ab\r", "ü".encode(), b"\xff", b"\r"]), st.integers(0, 12_000)
        ),
        max_size=6,
    )
)
def test_of_lines_that_are_trimmed_all_that_is_shown_is_left(
    parts: list[tuple[bytes, int]],
) -> None:
    lines = [word * count for word, count in parts]
    text = b"".join(line + b"\n" for line in lines)
    left = trimmed(text).split(b"\n")[:-1]
    assert [line.decode("utf-8", "replace") for line in left] == [
        shown(line).text for line in lines
    ]


def test_what_is_searched_is_what_is_shown() -> None:
    assert readable(b"a\xff\n") == "a\ufffd\n".encode()
    assert readable("é\n".encode()) == "é\n".encode()
