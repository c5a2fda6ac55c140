"""Bars read out of what a command writes to stderr."""

import io
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tqdm.std import tqdm

from headway.sdk.worker import BarReader, Number

Seen = tuple[int, Number, Number | None, str]


def read(*pieces: bytes) -> list[Seen]:
    seen: list[Seen] = []
    reader = BarReader(lambda *bar: seen.append(bar))
    for piece in pieces:
        reader.feed(piece)
    return seen


@pytest.mark.parametrize(
    ("text", "bar"),
    [
        (b"\r 45%|####5     | 45/100 [00:10<00:12,  4.50it/s]", (0, 45, 100, "")),
        (b"\rtrain:  45%|####5     | 45/100 [00:10<00:12,  4.50it/s]", (0, 45, 100, "train")),
        ("\r 45%|████▌     | 45/100 [00:10<00:12,  4.50it/s]".encode(), (0, 45, 100, "")),
        (b"\rget:   5%|#  | 1.20k/3.00M [00:10<00:12, 5kB/s]", (0, 1200.0, 3e6, "get")),
        (b"\ra | b:  50%|#  | 0.5/1.0 [00:10<00:12, 1it/s, loss=0.1]", (0, 0.5, 1.0, "a | b")),
        (b"\r  5%|#         | 5/? [00:10<00:12, 4.50it/s]", (0, 5, None, "")),
        (b"\r 45%|####5     |", (0, 45, 100, "")),
        (b"\r45it [00:10, 4.50it/s]", (0, 45, None, "")),
        (b"\rrows: 1.50Mrows [00:10, 4.50rows/s]", (0, 1.5e6, None, "rows")),
        (b"\n\rin:  50%|#  | 1/2 [00:00<00:00, 1it/s]\x1b[A", (1, 1, 2, "in")),
        (b"\n\n\r 50%|#  | 1/2 [00:00<00:00, 1it/s]\x1b[A\x1b[A", (2, 1, 2, "")),
        (b"\r\x1b[32m 50%|#  | 1/2 [00:00<00:00, 1it/s]\x1b[0m", (0, 1, 2, "")),
        (b"\r######## 72.9%", (0, 72.9, 100, "")),
        (b"\r 200%", None),
        (b"\r 45%|####5     | 45/10", None),
        (b"CPU at 95%\n", None),
        (b"[info] 10% done\n", None),
    ],
)
def test_a_bar_is_understood(text: bytes, bar: Seen | None) -> None:
    assert read(text) == ([] if bar is None else [bar])


def test_what_tqdm_writes_is_read_to_its_end() -> None:
    out = io.StringIO()
    for _ in tqdm(range(7), file=out, desc="real", mininterval=0):
        pass
    assert read(out.getvalue().encode())[-1] == (0, 7, 7, "real")


def test_what_nested_bars_write_is_told_apart() -> None:
    out = io.StringIO()
    for _ in tqdm(range(2), file=out, desc="out", mininterval=0):
        for _ in tqdm(range(3), file=out, desc="in", mininterval=0):
            pass
    seen = read(out.getvalue().encode())
    assert (0, 2, 2, "out") in seen
    assert (1, 3, 3, "in") in seen


def test_a_bar_among_other_lines_is_found() -> None:
    text = b"log line\nanother\r 10%|#| 1/10 [00:01<00:09, 1it/s]\nWARNING: x [y]\nend"
    assert read(text) == [(0, 1, 10, "")]


def test_a_line_without_an_end_is_let_go() -> None:
    assert read(b"x" * 100_000, b"% " * 100_000, b"\r 10%|#| 1/10 [00:01<00:09, 1it/s]") == [
        (0, 1, 10, "")
    ]


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_no_bytes_whatever_make_it_raise(pieces: list[bytes]) -> None:
    def tell(*_bar: object) -> None:
        raise RuntimeError

    reader = BarReader(tell)
    for piece in pieces:
        reader.feed(piece)


ALPHABET = st.sampled_from(
    [
        b"\r",
        b"\n",
        b" ",
        b"4",
        b"%",
        b"|",
        b"#",
        b"45/100",
        b" [00:10",
        b"<",
        b"it/s]",
        b"\x1b[A",
        b"x",
        b"k",
        b".",
        b"\xff",
    ]
)


@given(st.lists(ALPHABET, max_size=60), st.lists(st.integers(0, 60), max_size=8))
def test_where_the_pieces_are_cut_does_not_change_the_last_bars(
    words: list[bytes], cuts: list[int]
) -> None:
    whole = b"".join(words) + b"\n"
    edges = sorted({0, len(whole), *(cut for cut in cuts if cut < len(whole))})
    pieces = [whole[a:b] for a, b in pairwise(edges)]
    assert set(read(whole)) <= set(read(*pieces))


@given(st.integers(0, 10**9), st.integers(1, 10**9), st.text(max_size=30))
def test_any_tqdm_line_is_read_back(current: int, total: int, desc: str) -> None:
    line = tqdm.format_meter(current, total, 10.0, ncols=200, prefix=desc + ": ")
    text = ("\r" + line).encode("utf-8", "replace")
    if current <= total and not set(desc) & set("\r\n\x1b"):
        assert read(text)[-1][:3] == (0, current, total)
