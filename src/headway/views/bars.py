"""The picture of a job's workers: one bar each, or a heat strip when there are too many."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from headway.core.model.job import Job
from headway.core.model.worker import STALLED_FLOOR_S, Tally, Worker
from headway.views import words
from headway.views.clean import clean
from headway.views.font import BODY
from headway.views.header import GAP, MARGIN, facts_of, lay_header, title_of
from headway.views.heat import lay_heat
from headway.views.looks import Look, Style, looks_of
from headway.views.palette import Theme
from headway.views.picture import Draft, Picture
from headway.views.rows import FOUR_COLUMNS, ONE_COLUMN, TWO_COLUMNS, Density, lay_rows

#: The most workers that are shown so, and how wide the picture then is unless told.
_DENSITIES: Final[Sequence[tuple[int, Density, int]]] = (
    (40, ONE_COLUMN, 900),
    (100, TWO_COLUMNS, 1_080),
    (400, FOUR_COLUMNS, 1_560),
)
_HEAT_WIDTH: Final = 1_080
_BOTTOM: Final = 14


def picture_of(
    job: Job,
    workers: Sequence[Worker],
    tally: Tally,
    *,
    at: datetime,
    style: Style = Style.HEALTH,
    theme: Theme = Theme.LIGHT,
    width: int | None = None,
    stalled_floor_s: float = STALLED_FLOOR_S,
) -> Picture:
    """Lay out the job with all its workers, as they are at ``at``.

    Up to 40 workers stand in one column, up to 100 in two, up to 400 in four; more become a heat strip.

    Args:
        tally: counts of all the job's workers; the header's numbers are its.
        width: pixels, kept between 320 and 4,000; None for one that suits the number of workers.
        stalled_floor_s: a worker is never called stalled that reported so many seconds ago or less.
    """
    looks = looks_of(workers, job=job, at=at, floor_s=stalled_floor_s)
    density, usual = _density(len(looks))
    draft = Draft(usual if width is None else width)
    lay_header(draft, job, looks, tally, at=at, style=style)
    if not looks:
        _lay_empty(draft, job)
    elif density is None:
        lay_heat(draft, looks, style=style)
    else:
        lay_rows(draft, looks, density=density, style=style)
    title = title_of(job)
    alt = _alt(job, looks, [title, *facts_of(job, looks, tally, at=at)], tally)
    return draft.picture(theme=theme, title=title, alt=alt, bottom=_BOTTOM)


def _density(workers: int) -> tuple[Density | None, int]:
    for most, density, width in _DENSITIES:
        if workers <= most:
            return density, width
    return None, _HEAT_WIDTH


def _lay_empty(draft: Draft, job: Job) -> None:
    if job.spec.command:
        draft.y -= GAP
        return  # most commands report nothing, and none is missing
    told = "No worker has reported yet."
    if job.state.is_final:
        told = "It ended without a report from any worker."
    draft.write(MARGIN, draft.y + 12, told, BODY, "muted", room=draft.width - 2 * MARGIN)
    draft.y += 24


def _alt(job: Job, looks: Sequence[Look], facts: Sequence[str], tally: Tally) -> str:
    told = [facts[0], clean(words.state_words(job))]
    progress = tally.progress_in(job.state)
    if progress is not None:
        told.append(words.percent(progress))
    told.extend(facts[1:])
    worth = [f"{look.label} {look.remark}" for look in looks if look.condition.needs_a_look]
    return "; ".join([*told, *worth[:10]])
