"""How a job looks in a notebook, and in a terminal.

No widgets, and no script: a notebook that is opened again shows the last card as it was.
"""

import importlib
import sys
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final, Protocol

from typing_extensions import override

from headway.core.model.state import State
from headway.functions.service import Service
from headway.sdk import model

_COLOURS: Final[Mapping[State, str]] = {
    State.ACCEPTED: "#8a8f98",
    State.QUEUED: "#8a8f98",
    State.RUNNING: "#2f6fde",
    State.SUCCEEDED: "#2e8b57",
    State.FAILED: "#c0392b",
    State.CANCELLED: "#8a8f98",
}
_FRAME: Final = "border:1px solid #8884;border-radius:4px;padding:.5em .8em;max-width:44em;font-family:sans-serif"
_WHOLE: Final = 100


class _Shown(Protocol):
    """What IPython gives for something that may be shown again in its place."""

    def update(self, shown: object) -> None:
        """Show this instead."""
        ...


class Card:
    """A card's HTML and its text, as IPython asks for them."""

    def __init__(self, html: str, text: str) -> None:
        self._html = html
        self._text = text

    def _repr_html_(self) -> str:
        return self._html

    @override
    def __repr__(self) -> str:
        return self._text


def card_of(job: model.JobDocument, service: Service) -> str:
    """Give a job's card as HTML: name, state, how far it is, a link to its page, and its picture if it has one."""
    page = escape(job.links.get("page", f"{service.url}/progress/show?id={job.id}"), quote=True)
    colour = _COLOURS[job.state]
    parts = [
        f'<div style="{_FRAME};border-left:4px solid {colour}">',
        f'<a href="{page}" target="_blank" rel="noopener">job {job.number}</a> <b>{escape(job.name)}</b> ',
        f'<span style="color:{colour}">{escape(_words(job))}</span>',
    ]
    if job.progress is not None:
        parts.append(_bar(job.progress, colour))
    if job.status_text:
        parts.append(f"<div>{escape(job.status_text)}</div>")
    if job.workers.count > 1:
        picture = escape(service.picture(job.id), quote=True)
        parts.append(f'<img src="{picture}" alt="Progress of job {job.number}">')
    if job.error is not None:
        parts.append(f"<pre>{escape(job.error.traceback or job.error.message)}</pre>")
    return "".join((*parts, "</div>"))


def line_of(job: model.JobSummary) -> str:
    """Give a job as one line of text."""
    parts = [f"job {job.number}", job.name, _words(job), job.status_text]
    return "  ".join(part for part in parts if part)


def show(service: Service, job: str) -> None:
    """Show a job until it has ended: a card that changes in a notebook, else a line for each change."""
    display = _display()
    if display is None:
        said = ""
        for now in _course(service, job):
            if (line := line_of(now)) != said:
                print(line, file=sys.stderr, flush=True)  # noqa: T201 -- what it is for
                said = line
        return
    shown: _Shown | None = None
    for now in _course(service, job):
        card = Card(card_of(now, service), line_of(now))
        if shown is None:
            shown = display(card, display_id=True)
        else:
            shown.update(card)


def _course(service: Service, job: str) -> Iterator[model.JobDocument]:
    """Give a job as it is now, and again after each change, until it has ended."""
    now = service.document(job)
    yield now
    if now.state.is_final:
        return
    for frame in service.frames(job, after=now.seq):
        if frame is None or not frame.changes:
            continue
        now = service.document(job)
        yield now
        if now.state.is_final:
            return


def _bar(progress: float, colour: str) -> str:
    share = round(_WHOLE * min(max(progress, 0.0), 1.0))
    return (
        '<div style="background:#8883;height:.6em;border-radius:.3em;margin:.3em 0">'
        f'<div style="width:{share}%;background:{colour};height:100%;border-radius:.3em"></div></div>'
    )


def _words(job: model.JobSummary) -> str:
    words = [job.state.value]
    if job.reason:
        words.append(job.reason.replace("_", " "))
    if job.progress is not None:
        words.append(f"{job.progress:.0%}")
    return ", ".join(words)


def _display() -> Any:  # noqa: ANN401 -- IPython's own, which has no types
    """Give IPython's way to show things, where this runs in a notebook of it."""
    if "IPython" not in sys.modules:
        return None
    ipython = importlib.import_module("IPython")
    shell = ipython.get_ipython()
    if shell is None or type(shell).__name__ == "TerminalInteractiveShell":
        return None
    return importlib.import_module("IPython.display").display
