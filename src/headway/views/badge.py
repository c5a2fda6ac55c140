"""A job as a flat badge of one line: its name, and beside it how it is. Pure SVG, without references to anything outside."""

from html import escape
from typing import Final

from headway.core.model.job import Job
from headway.core.model.state import State
from headway.core.model.worker import Tally
from headway.views.clean import clean
from headway.views.font import SMALL, elided
from headway.views.header import family_of_state, title_of
from headway.views.looks import Style
from headway.views.palette import Family, Theme, colours
from headway.views.words import percent

_HEIGHT: Final = 20
_PAD: Final = 7
_BASELINE: Final = 14
_WIDEST: Final = 260.0  # of each half, unscaled pixels
_FONTS: Final = "Roboto, 'Helvetica Neue', Helvetica, Arial, 'DejaVu Sans', sans-serif"


def badge(job: Job, tally: Tally, *, label: str | None = None, theme: Theme = Theme.LIGHT) -> str:
    """Draw the badge of a job; ``label`` stands in its name's place."""
    # Seen among many others a running job must not look like one that has ended well.
    family = family_of_state(job.state, Style.STATUS)
    return _drawn(
        title_of(job) if label is None else label, badge_words(job, tally), family, theme=theme
    )


def unknown_badge(label: str, *, theme: Theme = Theme.LIGHT) -> str:
    """Draw the badge of a job that is not there."""
    return _drawn(label, "unknown", Family.STALLED, theme=theme)


def badge_words(job: Job, tally: Tally) -> str:
    """Say in a word or two how a job is: its state, and while it runs its progress."""
    if job.cancel is not None and not job.state.is_final:
        return f"{job.state.value}, being cancelled"
    if job.state is State.RUNNING and tally.progress is not None:
        return f"{job.state.value} {percent(tally.progress)}"
    return job.state.value


def _drawn(label: str, words: str, family: Family, *, theme: Theme) -> str:
    inks = colours(theme)
    left, left_px = elided(clean(label), SMALL, _WIDEST)
    right, right_px = elided(clean(words), SMALL, _WIDEST)
    split = round(left_px) + 2 * _PAD if left else 0
    width = split + round(right_px) + 2 * _PAD
    said = escape(f"{left}: {right}" if left else right)
    # The two texts are held to their widths, so that they fit whatever font the reader has.
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{_HEIGHT}" '
        f'viewBox="0 0 {width} {_HEIGHT}" role="img" aria-label="{said}">'
        f"<title>{said}</title>"
        f'<clipPath id="r"><rect width="{width}" height="{_HEIGHT}" rx="3"/></clipPath>'
        f'<g clip-path="url(#r)"><path fill="{inks["muted"]}" d="M0 0h{split}v{_HEIGHT}H0z"/>'
        f'<path fill="{inks[family.value]}" d="M{split} 0h{width - split}v{_HEIGHT}H{split}z"/></g>'
        f'<g font-family="{_FONTS}" font-size="{SMALL.size}">'
        f"{_text(left, _PAD, left_px, inks['paper'])}"
        f"{_text(right, split + _PAD, right_px, inks[family.on])}"
        "</g></svg>\n"
    )


def _text(text: str, x: int, width: float, ink: str) -> str:
    if not text:
        return ""
    return (
        f'<text x="{x}" y="{_BASELINE}" fill="{ink}" textLength="{width:.1f}" '
        f'lengthAdjust="spacingAndGlyphs">{escape(text)}</text>'
    )
