"""An answer is what is between its marks, and whole or none."""

from hypothesis import given
from hypothesis import strategies as st

from headway.executors.batch.ssh_frame import Answer, Frame, Marks

MARKS = Marks("0123abcd")
BEGIN = f"{MARKS.begin}\n".encode()


def end(code: int) -> bytes:
    return f"\n{MARKS.end} {code}\n".encode()


def heard(stdout: bytes, stderr: bytes, *, cuts: list[int]) -> tuple[Frame, Answer | None]:
    """Hear both outputs in pieces that end at ``cuts``."""
    frame = Frame(MARKS, begin_limit_s=1.0, answer_limit_s=2.0)
    for cut in [*sorted(cuts), max(len(stdout), len(stderr))]:
        frame.heard(bytearray(stdout[:cut]), bytearray(stderr[:cut]), 0.5)
    return frame, frame.answer(stdout, stderr)


#: Bytes of which many look like the beginnings of marks.
NEARLY = st.lists(
    st.sampled_from([b"\n", BEGIN[:-2], MARKS.end.encode()[:-1], b"headway-", b" 0\n", b"\0", b"x"])
    | st.binary(max_size=5),
    max_size=8,
).map(b"".join)
CUTS = st.lists(st.integers(min_value=0, max_value=300), max_size=8)


@given(NEARLY, NEARLY, NEARLY, NEARLY, st.integers(0, 255), CUTS)
def test_an_answer_is_found_whatever_is_round_it_and_in_whatever_pieces_it_comes(
    before: bytes, out: bytes, err: bytes, after: bytes, code: int, cuts: list[int]
) -> None:
    stdout = before + BEGIN + out + end(code) + after
    stderr = after + BEGIN + err + end(code) + before
    frame, answer = heard(stdout, stderr, cuts=cuts)
    assert frame.has_all
    assert answer == Answer(stdout=out, stderr=err, exit_code=code)


@given(NEARLY, NEARLY, st.integers(0, 255), st.data())
def test_an_answer_that_was_cut_anywhere_is_none(
    before: bytes, out: bytes, code: int, data: st.DataObject
) -> None:
    whole = before + BEGIN + out + end(code)
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    for stdout, stderr in ((cut, whole), (whole, cut), (cut, cut)):
        frame, answer = heard(stdout, stderr, cuts=[])
        assert answer is None
        assert not frame.has_all


@given(NEARLY, NEARLY)
def test_what_is_said_outside_of_an_answer_is_told_apart(before: bytes, inside: bytes) -> None:
    frame, _ = heard(b"", before + BEGIN + inside + end(0), cuts=[])
    assert frame.outside(before + BEGIN + inside + end(0)) == before
    frame, _ = heard(b"", before + BEGIN + inside, cuts=[])
    assert frame.outside(before + BEGIN + inside) == before + inside


def test_an_answers_time_begins_when_it_begins() -> None:
    frame = Frame(MARKS, begin_limit_s=10.0, answer_limit_s=2.0)
    assert frame.limit_s == 10.0
    frame.heard(bytearray(BEGIN), bytearray(), 3.0)
    frame.heard(bytearray(BEGIN), bytearray(), 4.0)
    assert frame.limit_s == 5.0


def test_the_codes_that_ksh_gives_for_signals_are_those_of_other_shells() -> None:
    _, answer = heard(BEGIN + end(256 + 9), BEGIN + end(256 + 9), cuts=[])
    assert answer is not None
    assert answer.exit_code == 128 + 9
