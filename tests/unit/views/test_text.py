"""Jobs on a terminal."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.properties import examples
from tests.unit.views.samples import AT, job, tally, worker, workers

from headway.core.model.state import Reason, State
from headway.core.model.worker import NO_TALLY, Tally
from headway.views.cells import cells, fitted, shortened
from headway.views.looks import Condition
from headway.views.text import Terminal, bar, job_line, job_lines

PLAIN = Terminal(width=80, unicode=False)


def without_colour(line: str) -> str:
    return re.sub(r"\x1b\[[0-9]+m", "", line)


@pytest.mark.parametrize(
    ("fraction", "drawn"),
    [(0, "░░░░"), (0.5, "██░░"), (0.54, "██▏░"), (0.9999, "███▉"), (1, "████"), (None, "╌╌╌╌")],
)
def test_a_bar_moves_by_eighths_and_is_full_only_at_the_end(
    fraction: float | None, drawn: str
) -> None:
    assert bar(fraction, 4) == drawn


@pytest.mark.parametrize(
    ("fraction", "drawn"), [(0, "[....]"), (0.5, "[##..]"), (0.99, "[###.]"), (None, "[~~~~]")]
)
def test_a_bar_in_ascii_has_brackets(fraction: float | None, drawn: str) -> None:
    assert bar(fraction, 6, unicode=False) == drawn


def test_trouble_is_told_without_colour_and_at_zero_percent_too() -> None:
    assert bar(0, 4, condition=Condition.PROBLEM) == "▓░░░"
    assert bar(0.5, 4, condition=Condition.STALLED) == "▒▒░░"


def test_a_job_with_its_workers_is_shown_aligned() -> None:
    of = [worker("w1", 50, silent_s=0, desc="reading"), worker("w10", 100), worker("w9", ok=False)]
    assert job_lines(job(), of, tally(of), at=AT, terminal=PLAIN) == [
        "Demo  58 %",
        "running - 1 of 3 workers finished - 1 problem - about 30 min left - running f...",
        "w1   [#################..................]  50 %    5/min - 10 min left  reading",
        "w9   [xxxxxxxx...........................]  25 %  ! problem",
        "w10  [###################################] 100 %  * done",
    ]


def test_colours_are_there_only_when_asked_for() -> None:
    of = workers(5)
    coloured = job_lines(job(), of, tally(of), at=AT, terminal=Terminal(colour=True))
    plain = job_lines(job(), of, tally(of), at=AT, terminal=Terminal())
    assert any("\x1b[" in line for line in coloured)
    assert [without_colour(line) for line in coloured] == plain


def test_a_limit_keeps_those_that_need_a_look_and_counts_the_rest() -> None:
    of = [*workers(10), worker("bad", ok=False)]
    lines = job_lines(job(), of, tally(of), at=AT, limit=2)
    assert any(line.startswith("bad") for line in lines)
    assert lines[-1] == "9 more workers"


def test_one_line_says_what_a_list_needs() -> None:
    line = job_line(job(), Tally(workers=4, progress=0.5), at=AT)
    assert line == "    17  running    █████░░░░░  50 %  Demo  10 min 00 s"


def test_a_job_that_succeeded_is_done_and_its_workers_are_where_they_were() -> None:
    ended = job(state=State.SUCCEEDED, started=AT, ended=AT)
    of = [worker("w1", 50)]
    assert "██████████ 100 %" in job_line(ended, tally(of), at=AT)
    first, *_, last = job_lines(ended, of, tally(of), at=AT, terminal=PLAIN)
    assert first == "Demo  100 %"
    assert " 50 %" in last


def test_one_line_says_why_a_job_failed() -> None:
    failed = job(state=State.FAILED, reason=Reason.NONZERO_EXIT, exit_code=3)
    line = job_line(failed, NO_TALLY, at=AT)
    assert line.split() == ["17", "failed", "Demo", "exit", "code", "3"]


def test_foreign_text_cannot_move_the_cursor() -> None:
    of = [worker("a\x1b[2J", desc="b\r\n\x9bc")]
    shown = "".join(job_lines(job("x\x07"), of, tally(of), at=AT))
    assert not re.search(r"[\x00-\x1f\x7f-\x9f]", shown)


def test_a_terminal_without_unicode_gets_ascii_only() -> None:
    of = [worker("Müller", desc="処理中 …", silent_s=0)]
    assert "".join(job_lines(job("Привет"), of, tally(of), at=AT, terminal=PLAIN)).isascii()


@settings(max_examples=examples(60), deadline=None)
@given(st.text(max_size=60), st.integers(min_value=20, max_value=200), st.booleans())
def test_no_line_is_wider_than_the_terminal(text: str, width: int, unicode: bool) -> None:
    of = [worker(text, desc=text), worker(text + "2", total=None, ok=False), worker("3", 100)]
    terminal = Terminal(width=width, unicode=unicode)
    lines = job_lines(job(text, status_text=text), of, tally(of), at=AT, terminal=terminal)
    lines.append(job_line(job(text), tally(of), at=AT, terminal=terminal))
    assert max(map(cells, lines)) <= width


@pytest.mark.parametrize(
    ("text", "width"), [("abc", 3), ("日本", 4), ("e\u0301", 1), ("", 0), ("🚀", 2)]
)
def test_cells_are_counted_as_terminals_draw_them(text: str, width: int) -> None:
    assert cells(text) == width


@given(st.text(), st.integers(min_value=0, max_value=40))
def test_a_fitted_text_has_exactly_its_cells(text: str, width: int) -> None:
    assert cells(fitted(text, width)) == width
    assert cells(shortened(text, width)) <= width
