"""The top of every picture: the job's name, where it is, and the few numbers that sum it up."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from headway.core.model.job import Job
from headway.core.model.state import State
from headway.core.model.worker import Tally
from headway.views import words
from headway.views.clean import clean
from headway.views.font import BODY, SMALL, STRONG, TITLE, width_of
from headway.views.looks import Look, Style
from headway.views.marks import MARK_SIZE, MarkKind
from headway.views.palette import Family
from headway.views.picture import Anchor, Bar, Draft, Mark, Pattern

MARGIN: Final = 24
GAP: Final = 16

_OVERALL_HEIGHT: Final = 6

_MARKS: Final[Mapping[State, MarkKind]] = {
    State.ACCEPTED: MarkKind.CLOCK,
    State.QUEUED: MarkKind.CLOCK,
    State.RUNNING: MarkKind.DOT,
    State.SUCCEEDED: MarkKind.CHECK,
    State.FAILED: MarkKind.ALERT,
    State.CANCELLED: MarkKind.CROSS,
}


def title_of(job: Job) -> str:
    """Give the job's name, clean; a job without a name is called by its command or its number."""
    name = clean(job.name) or clean(" ".join(job.spec.command))
    return name or (f"Job {job.number}" if job.number else "Job")


def facts_of(job: Job, looks: Sequence[Look], tally: Tally, *, at: datetime) -> list[str]:
    """Say how many workers have finished, how long it takes and how long it has taken, the weightiest first."""
    facts: list[str] = []
    if tally.workers:
        facts.append(
            f"{tally.finished:,} of {words.count(_expected(job, tally), 'worker')} finished"
        )
        if tally.not_ok:
            facts.append(words.count(tally.not_ok, "problem"))
        if _expected(job, tally) > tally.workers:
            facts.append(f"{tally.workers:,} reporting")
    left_s = eta_s(job, looks, tally)
    if left_s is not None:
        facts.append(f"about {words.rough(left_s)} left")
    spent = words.duration(words.elapsed_s(job, at=at))
    facts.append(_SPENT[job.state].format(spent))
    return facts


def eta_s(job: Job, looks: Sequence[Look], tally: Tally) -> float | None:
    """Give the seconds until the last of the workers that are heard of is done; None when nobody can know.

    Nobody can while announced workers are missing, or for a job that is not running.
    """
    if job.state is not State.RUNNING or _expected(job, tally) > tally.workers:
        return None
    if len(looks) < tally.workers:
        return None
    waits = [look.left_s for look in looks if look.fraction != 1.0]
    known = [wait for wait in waits if wait is not None]
    return max(known) if known and len(known) == len(waits) else None


def lay_header(
    draft: Draft,
    job: Job,
    looks: Sequence[Look],
    tally: Tally,
    *,
    at: datetime,
    style: Style,
) -> None:
    """Put down title, state, facts and the overall bar; ``draft.y`` is then below them."""
    right = draft.width - MARGIN
    progress = tally.progress_in(job.state)
    overall = "" if progress is None else words.percent(progress)
    taken = draft.write(right, 40, overall, TITLE, "ink", room=draft.width / 4, anchor=Anchor.END)
    draft.write(MARGIN, 40, title_of(job), TITLE, "ink", room=right - MARGIN - taken - GAP)
    family = family_of_state(job.state, style)
    _lay_facts(draft, job, facts_of(job, looks, tally, at=at), family, at)
    draft.y = 76
    said = clean(job.status_text)
    if said:
        draft.write(MARGIN, 84, said, BODY, "ink", room=right - MARGIN)
        draft.y = 98
    if progress is not None:
        length = draft.width - 2 * MARGIN
        filled = round(length * progress)
        draft.bars.append(
            Bar(MARGIN, draft.y, length, _OVERALL_HEIGHT, filled, family, Pattern.PLAIN)
        )
        draft.y += _OVERALL_HEIGHT
    draft.y += GAP


def family_of_state(state: State, style: Style) -> Family:
    """Give the colour of a job as a whole."""
    trouble = Family.WARNING if style is Style.STATUS else Family.PROBLEM
    if state is State.FAILED:
        return trouble
    if state is State.SUCCEEDED:
        return Family.OK
    if state is State.RUNNING:
        return Family.RUNNING if style is Style.STATUS else Family.OK
    return Family.STALLED


def _lay_facts(draft: Draft, job: Job, facts: Sequence[str], family: Family, at: datetime) -> None:
    right = draft.width - MARGIN
    draft.marks.append(Mark(MARGIN, 53, MARK_SIZE, _MARKS[job.state], family.ink, "paper"))
    stamp = words.moment(at)
    x = MARGIN + 16
    said = clean(words.state_words(job))
    x += round(draft.write(x, 62, said, STRONG, family.ink, room=right - x))
    # The time stamp first gives way, then the facts, the last ones first.
    x += 10
    room = right - x - width_of(stamp, SMALL) - GAP
    kept = list(facts)
    while kept and width_of(_joined(kept), BODY) > room:
        kept.pop()
    if not kept and facts:
        kept = [facts[0]]
        stamp = ""
        room = right - x
    draft.write(x, 62, _joined(kept), BODY, "muted", room=room)
    if room >= 0:
        draft.write(right, 62, stamp, SMALL, "muted", room=right, anchor=Anchor.END)


def _joined(facts: Sequence[str]) -> str:
    return " · ".join(facts)


def _expected(job: Job, tally: Tally) -> int:
    return max(tally.workers, job.worker_count or 0)


_SPENT: Final[Mapping[State, str]] = {
    State.ACCEPTED: "waiting for {}",
    State.QUEUED: "waiting for {}",
    State.RUNNING: "running for {}",
    State.SUCCEEDED: "took {}",
    State.FAILED: "took {}",
    State.CANCELLED: "took {}",
}
