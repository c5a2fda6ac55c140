from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.cli.escapes import TerminalText


def shown(data: bytes, *, has_colour: bool = True) -> str:
    text = TerminalText(has_colour=has_colour)
    return text.feed(data) + text.end()


def test_colours_pass_and_are_ended() -> None:
    assert shown(b"\x1b[1;31mred") == "\x1b[1;31mred\x1b[0m"


def test_without_colour_they_are_left_out() -> None:
    assert shown(b"\x1b[1;31mred\x1b[0m", has_colour=False) == "red"


@pytest.mark.parametrize(
    "data",
    [
        b"a\x1b[2Jb",  # clears the screen
        b"a\x1b[10;10Hb",  # moves the cursor
        b"a\x1b]0;title\x07b",  # sets the title
        b"a\x1b]52;c;ZXZpbA==\x1b\\b",  # writes the clipboard
        b"a\x1bP+q544e\x1b\\b",  # asks the terminal to answer
        b"a\x1b_payload\x1b\\b",
        b"a\x1bcb",  # resets the terminal
        b"a\x1b(0b",  # changes the letters
        b"a\x1b[?1049hb",  # goes to the other screen
        b"a\x1b[31;1$}b",
    ],
)
def test_what_steers_a_terminal_is_left_out(data: bytes) -> None:
    assert shown(data) == "ab"


@pytest.mark.parametrize("data", [b"\x00", b"\x07", b"\x08", b"\x7f", "\x9b".encode(), b"\x0e"])
def test_other_control_characters_are_seen_and_do_nothing(data: bytes) -> None:
    assert shown(data) == "\ufffd"


def test_text_lines_and_tabs_pass() -> None:
    assert shown("a\tb\r\nc é 漢\n".encode()) == "a\tb\r\nc é 漢\n"


def test_text_cannot_be_turned_around() -> None:
    assert shown("a\u202egpj.exe".encode()) == "a\ufffdgpj.exe"


def test_bytes_that_are_no_text_are_seen() -> None:
    assert shown(b"a\xff\xfeb") == "a\ufffd\ufffdb"


@given(st.binary(), st.lists(st.integers(min_value=0, max_value=200)))
def test_however_it_comes_nothing_but_colours_gets_through(data: bytes, cuts: list[int]) -> None:
    text = TerminalText(has_colour=False)
    places = [0, *sorted(cuts), len(data)]
    parts = [data[a:b] for a, b in pairwise(places)]
    seen = "".join(text.feed(part) for part in parts) + text.end()
    assert all(char in "\t\n\r" or char.isprintable() or ord(char) > 0xA0 for char in seen)


@given(
    st.lists(
        st.sampled_from([b"\x1b[31m", b"\x1b[2J", b"\x1b]0;t\x07", b"abc", "é".encode(), b"\n"])
    ),
    st.lists(st.integers(min_value=0, max_value=100)),
)
def test_a_sequence_may_come_in_pieces(pieces: list[bytes], cuts: list[int]) -> None:
    data = b"".join(pieces)
    text = TerminalText(has_colour=True)
    places = sorted({0, len(data), *(min(cut, len(data)) for cut in cuts)})
    parts = [data[a:b] for a, b in pairwise(places)]
    assert "".join(text.feed(part) for part in parts) + text.end() == shown(data)


def test_an_escape_that_never_ends_does_not_hold_everything_back() -> None:
    text = TerminalText(has_colour=True)
    seen = text.feed(b"\x1b]0;") + text.feed(b"x" * 5000) + text.feed(b" shown\n")
    assert seen.endswith("shown\n")
