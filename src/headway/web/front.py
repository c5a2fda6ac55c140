"""The front page: the newest jobs, and how to make one. Pure."""

from datetime import datetime
from html import escape
from typing import Final

from headway.core.model.job import Job
from headway.core.model.state import FINAL, State
from headway.core.model.worker import NO_TALLY, Tally
from headway.core.operations.find import Page
from headway.views.clean import clean
from headway.views.header import title_of
from headway.views.words import duration, elapsed_s, percent, state_words
from headway.web.frame import framed

REFRESH_S: Final = 5

_BODY: Final = """{table}
<h2>{heading}</h2>
<pre>headway submit --follow -- sleep 10</pre>
<pre>curl &quot;{url}/progress/update?jobid=my-job&amp;workid=1&amp;current=5&amp;total=22&quot;</pre>
<pre>curl -H &#x27;Content-Type: application/json&#x27; -d &#x27;{{&quot;command&quot;: [&quot;sleep&quot;, &quot;10&quot;]}}&#x27; {url}/api/v1/jobs</pre>"""
_HEAD: Final = (
    "<tr><th class='tight number'>no.</th><th>name</th><th class='tight'>state</th>"
    "<th class='tight'>progress</th><th class='tight'>owner</th><th class='tight number'>time</th></tr>"
)


def front_page(page: Page, *, url: str, at: datetime) -> str:
    """Give the front page over a page of jobs; it loads itself again every few seconds."""
    rows = "".join(_row(job, page.tallies.get(job.id, NO_TALLY), at) for job in page.jobs)
    body = _BODY.format(
        table=f"<table>{_HEAD}{rows}</table>" if rows else "",
        heading="Start another" if rows else "Start one",
        url=escape(url),
    )
    return framed(
        body,
        title="Headway",
        heading="Headway",
        summary=f'{_summary(page)} · <a href="groups/plain">groups</a>',
        root="",
        refresh_s=REFRESH_S,
    )


def _summary(page: Page) -> str:
    if not page.jobs:
        return "no jobs yet"
    running = sum(not job.state.is_final for job in page.jobs)
    which = f" of the newest {len(page.jobs)}" if page.next is not None else ""
    return f"{running or 'none'}{which} under way"


def _row(job: Job, tally: Tally, at: datetime) -> str:
    return (
        f"<tr class='{job.state}'><td class='tight number'>{job.number}</td>"
        f"<td class='name'><a href='progress/show?id={job.number}'>{escape(title_of(job))}</a></td>"
        f"<td class='state'>{escape(state_words(job))}</td>"
        f"<td class='tight bar'>{_progress(tally, job.state)}</td>"
        f"<td class='tight owner'>{escape(clean(job.owner))}</td>"
        f"<td class='tight number'>{duration(elapsed_s(job, at=at))}</td></tr>"
    )


def _progress(tally: Tally, state: State) -> str:
    """Give a bar; of a job with parts, of how many of them have ended."""
    if all_of_them := sum(tally.children.values()):
        ended = sum(n for each, n in tally.children.items() if each in FINAL)
        return _bar(ended / all_of_them, f"{ended}/{all_of_them}")
    progress = tally.progress_in(state)
    return "" if progress is None else _bar(progress, percent(progress))


def _bar(progress: float, words: str) -> str:
    return (
        f"<progress max='100' value='{100 * progress:.1f}'></progress>"
        f"<span class='percent'>{words}</span>"
    )
