"""The page of /progress/show: one picture that moves, the job's own numbers and the end of its log. Pure."""

import shlex
from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Final
from urllib.parse import urlencode

import msgspec

from headway.core.model.job import Job
from headway.core.model.worker import Counter, Tally
from headway.views.clean import clean
from headway.views.header import title_of
from headway.views.icon import ICON, SIGN
from headway.views.words import percent, state_words

_FRAME: Final = """<!doctype html>
<html lang="en" data-interval="{interval}" data-events="{events}" data-job="{job}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
{icon}
<link rel="stylesheet" href="static/show.css">
<noscript><meta http-equiv="refresh" content="{interval}"></noscript>
<script src="static/show.js" defer></script>
</head>
<body>
<header class="top">
<a class="brand" href="../">{sign}Headway</a>
<nav aria-label="Headway"><a href="../">Jobs</a></nav>
{whole}
</header>
<main>
{body}
</main>
</body>
</html>
"""
_SIGN: Final = SIGN.replace("<svg ", '<svg class="sign" aria-hidden="true" ')
_LOG_TITLES: Final = {"stdout": "Standard output", "stderr": "Standard error"}
_COMMAND_LIMIT: Final = 2000  # characters
_PHONE_WIDTH: Final = (
    400  # a picture whose text can be read where the usual one would be made too small
)


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What the page shows of a job.

    Attributes:
        tails: the ends of its outputs by stream.
        may_ask: whoever looks may ask the native protocol too; who only has a key, or is nobody known, may not.
    """

    job: Job
    tally: Tally
    counters: Sequence[Counter]
    tails: Sequence[tuple[str, str]]
    at: datetime
    may_ask: bool


def job_page(shown: Shown, *, query: dict[str, str], interval_s: int) -> str:
    """Give the page of a job; ``query`` holds the parameters that name it and how it is drawn."""
    job = shown.job
    progress = shown.tally.progress_in(job.state)
    done = "" if progress is None else f"{percent(progress)} "
    title = title_of(job)
    # The picture says both; these are for people who hear the page and for search.
    parts = [
        f'<h1 class="unseen">{escape(title)}</h1>',
        f'<p class="unseen">{escape(state_words(job))}</p>',
        _picture(query, version=f"{shown.at.timestamp():.3f}", words=f"{done}{title}"),
        _command(job),
        _counters(shown.counters),
        *(_log(shown, stream, text) for stream, text in shown.tails),
        _footer(shown, query),
    ]
    return _page(
        f"{done}{title}",
        parts,
        query=query,
        interval_s=interval_s,
        job_id=job.id,
        whole=_whole(job, query),
    )


def missing_page(words: str, *, query: dict[str, str], interval_s: int, at: datetime) -> str:
    """Give the page of a name that no job has (yet); it goes on looking."""
    parts = [
        '<h1 class="unseen">No such job yet</h1>',
        f'<p class="unseen">{escape(clean(words))}. This page keeps looking.</p>',
        _picture(query, version=f"{at.timestamp():.3f}", words="No such job yet"),
    ]
    return _page("No such job yet", parts, query=query, interval_s=interval_s)


def _page(
    title: str,
    parts: Sequence[str],
    *,
    query: dict[str, str],
    interval_s: int,
    job_id: str = "",
    whole: str = "",
) -> str:
    return _FRAME.format(
        title=escape(title),
        icon=ICON,
        sign=_SIGN,
        whole=whole,
        interval=interval_s,
        events=escape(f"events?{urlencode(query)}"),
        job=job_id,
        body="\n".join(part for part in parts if part),
    )


def _whole(job: Job, query: dict[str, str]) -> str:
    """Lead to the page with everything; not those who were given a key for this one only."""
    if "k" in query:
        return ""
    link = f"?{escape(urlencode({'link': query['link']}))}" if "link" in query else ""
    return f'<a class="whole" href="../j/{job.number}{link}">Full page</a>'


def _picture(query: dict[str, str], *, version: str, words: str) -> str:
    address = escape(f"render.svg?{urlencode({**query, 'theme': 'auto', 'v': version})}")
    return (
        f'<picture><source media="(max-width: 640px)" srcset="{address}&amp;width={_PHONE_WIDTH}">'
        f'<img class="picture" src="{address}" alt="{escape(words)}"></picture>'
    )


def _command(job: Job) -> str:
    words = clean(shlex.join(job.spec.command), _COMMAND_LIMIT)
    box = '<pre class="command" tabindex="0" role="region" aria-label="Command">'
    return f"{box}{escape(words)}</pre>" if words else ""


def _counters(counters: Sequence[Counter]) -> str:
    rows = "".join(
        f"<tr><th>{escape(clean(counter.key))}</th><td>{escape(clean(str(counter.value)))}</td></tr>"
        for counter in counters
    )
    return f"<h2>Counters</h2>\n<table>{rows}</table>" if rows else ""


def _log(shown: Shown, stream: str, text: str) -> str:
    if not text:
        return ""
    address = f"../api/v1/jobs/{shown.job.id}/log/{stream}"
    whole = f' <a href="{address}">all of it</a>' if shown.may_ask else ""
    title = _LOG_TITLES[stream]
    # What may scroll has to be reached by those who have only keys.
    box = f'<pre tabindex="0" role="region" aria-label="{title}">{escape(text)}</pre>'
    return f"<h2>{title}{whole}</h2>\n{box}"


def _footer(shown: Shown, query: dict[str, str]) -> str:
    job = shown.job
    address = escape(urlencode(query))
    document = f'<a href="../api/v1/jobs/{job.id}">JSON</a>' if shown.may_ask else ""
    return (
        f'<footer><a href="render?{address}">PNG</a>'
        f'<a href="render.svg?{address}">SVG</a>{document}'
        f"<span>job {job.number} &middot; {job.id}</span></footer>"
    )
