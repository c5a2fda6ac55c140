"""How far a program is, from the end of what it writes for people. Pure, and quick whatever it is given.

Recognised are the bars of tqdm and of those who draw alike, counts after a word that says what is counted (``step 120/500``,
``Epoch 3 of 10``), and percentages in a line that speaks of progress. What could as well be something else (a date, a path, how full
a disk is) is not taken for progress.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

TAIL_BYTES: Final = 8192  #: so much of a log's end is enough
_LONGEST_LINE: Final = 1000
_MOST_LINES: Final = 100
_LONGEST_WORDS: Final = 80

_ESCAPES: Final = re.compile(
    r"\x1b\[[0-9;:?]{0,32}[ -/]{0,4}[@-~]|\x1b.|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
)
_BREAKS: Final = re.compile(r"[\r\n]+")
_NUMBER: Final = r"(\d{1,15}(?:\.\d{1,6})?)"
_END: Final = r"(\d{1,15}(?:\.\d{1,6})?)(?![\w/]|[.,:]\d)"
#: ``name:  45%|####      | 450/1000 [00:10<00:12, 45.2it/s, loss=0.1]``; counts may be scaled, ``1.2M/3.4G``.
_BAR: Final = re.compile(
    r"(?<![\w.])\d{1,3}%\|[^|]{0,400}\|\s{0,4}(?P<done>\d{1,15}(?:\.\d{1,6})?)(?P<done_unit>[kMGTP]?)"
    r"/(?P<all>\d{1,15}(?:\.\d{1,6})?)(?P<all_unit>[kMGTP]?)\s{0,4}\["
)
#: ``120/500 [====>......]`` and ``120/500 ━━━━━━━``.
_DRAWN: Final = re.compile(
    rf"(?<![\w.,/:+-]){_NUMBER}/(\d{{1,15}})\s{{0,4}}(?:\[[=>.#\-*~ ]{{3}}|[━─╸╺█▏▎▍▌▋▊▉]{{3}})"
)
_ROUNDS: Final = re.compile(
    rf"\bepochs?[ \t:=#\[(]{{0,4}}{_NUMBER}(?:/| / | of ){_END}", re.IGNORECASE
)
_COUNTED: Final = re.compile(
    r"\b(?P<what>steps?|iter(?:ation)?s?|batch(?:es)?|events?|frames?|files?|images?|items?|tasks?|jobs?|runs?|chunks?|blocks?"
    r"|records?|rows?|samples?|shots?|cycles?|rounds?|trials?|generations?|parts?|timesteps?|progress|processed|processing|done"
    rf"|completed?|finished)[ \t:=#\[(]{{0,4}}{_NUMBER}(?:/| / | of ){_END}",
    re.IGNORECASE,
)
_PERCENT: Final = re.compile(r"(?<![\w.,+-])(\d{1,3}(?:\.\d{1,6})?) ?%(?!\w)")
_SPEAKS_OF_IT: Final = re.compile(
    r"\b(?:progress|complete[d]?|done|finished|processed|remaining|eta)\b", re.IGNORECASE
)
_ALONE: Final = re.compile(
    r"[\s\[\](){}<>|=#.\-*~>:━█]*\d{1,3}(?:\.\d{1,6})? ?%[\s\[\](){}<>|=#.\-*~>:━█]*"
)
_UNITS: Final = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15}


class Progress(NamedTuple):
    """How far: ``current`` of ``total``, which is above 0 and not exceeded."""

    current: float
    total: float
    words: str = ""


def progress_in(tail: bytes, *, is_cut: bool) -> Progress | None:
    """Find the last word on progress in the end of a log.

    Args:
        tail: at most the last ``TAIL_BYTES``; more before that is not looked at.
        is_cut: there is more of the log before it, so that its first line is not whole.
    """
    lines = _lines(tail, is_cut=is_cut)
    inner = epoch = None
    is_before = False  # a bar or count was found after the epoch's line, or in it
    for line in lines:
        if epoch is None and (epoch := _pair(_ROUNDS.search(line))) is not None:
            is_before = inner is not None or _inner(line) is not None
        inner = inner or _inner(line)
        if epoch is not None and inner is not None:
            break
    if epoch is None:
        return inner
    return _within(epoch, inner, is_before=is_before)


def _within(epoch: Progress, inner: Progress | None, *, is_before: bool) -> Progress:
    """Give an epoch's number as so much of all: the present one is not over while something is counted in it."""
    if inner is None:
        return epoch._replace(words="epochs")
    part = inner.current / inner.total if is_before else 0.0
    done = max(0.0, epoch.current - 1) + part
    words = f"epoch {epoch.current:g}"
    return Progress(min(done, epoch.total), epoch.total, words)


def _inner(line: str) -> Progress | None:
    """Find what one line says, epochs aside."""
    bar = _last(_BAR, line)
    if bar is not None:
        done = float(bar["done"]) * _UNITS[bar["done_unit"]]
        return _checked(done, float(bar["all"]) * _UNITS[bar["all_unit"]], line[: bar.start()])
    drawn = _pair(_DRAWN.search(line))
    if drawn is not None:
        return drawn
    counted = _last(_COUNTED, line)
    if counted is not None:
        return _checked(float(counted[2]), float(counted[3]), counted["what"])
    if _SPEAKS_OF_IT.search(line) or _ALONE.fullmatch(line):
        percents = _PERCENT.findall(line)
        if len(percents) == 1:
            return _checked(float(percents[0]), 100.0, "")
    return None


def _last(pattern: re.Pattern[str], line: str) -> re.Match[str] | None:
    last = None
    for found in pattern.finditer(line):
        last = found
    return last


def _pair(found: re.Match[str] | None) -> Progress | None:
    return None if found is None else _checked(float(found[1]), float(found[2]), "")


def _checked(current: float, total: float, words: str) -> Progress | None:
    if total <= 0 or current > total:
        return None
    plain = " ".join("".join(c if c.isprintable() else " " for c in words).split())
    return Progress(current, total, plain.rstrip(" :=-|")[:_LONGEST_WORDS])


def _lines(tail: bytes, *, is_cut: bool) -> Iterator[str]:
    """Give whole lines, the last one first. What a program drew over ends with a carriage return, and is a line too."""
    text = tail[-TAIL_BYTES:].decode("utf-8", "replace")
    lines = _BREAKS.split(text)
    if is_cut or len(tail) > TAIL_BYTES:
        lines = lines[1:]
    if lines and lines[-1] and not lines[-1].rstrip().endswith(("]", "%", ")")):
        lines[-1] = _without_last_number(lines[-1])
    for line in reversed(lines[-_MOST_LINES:]):
        plain = _ESCAPES.sub("", line[-_LONGEST_LINE:]).strip()
        if plain:
            yield plain


def _without_last_number(line: str) -> str:
    """Give a line that is still being written without a number that may lack its last digits."""
    return line.rstrip("0123456789.,")
