"""Clusters that are in trouble, in a line each beside a list of jobs."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Final

from headway.cli.output import say
from headway.core.errors import HeadwayError
from headway.core.model.trouble import Ailment
from headway.sdk import answers, requests
from headway.sdk.connection import Connection
from headway.sdk.model import Cluster, JobSummary
from headway.views.words import count

_HEADLINES: Final = {
    Ailment.DOWN: "has not answered since",
    Ailment.SLOW: "has been too slow to answer since",
    Ailment.OTHER: "has been in trouble since",
}


def tell_troubles(connection: Connection, jobs: Sequence[JobSummary], *, at: datetime) -> None:
    """Write to stderr what is amiss with the clusters of jobs that have not ended; nothing where that cannot be asked."""
    names = {job.cluster for job in jobs if job.cluster is not None and not job.state.is_final}
    if not names:
        return
    try:
        found = answers.clusters(connection.send(requests.clusters(in_trouble=True)))
    except HeadwayError:  # an older server, or a token that may not ask: the jobs were told
        return
    for line in trouble_lines(found, names, at=at):
        say(line)


def trouble_lines(
    clusters: Sequence[Cluster], names: Collection[str], *, at: datetime
) -> Iterator[str]:
    """Give a line for each of the named clusters that is in trouble."""
    for one in clusters:
        if one.trouble is None or one.name not in names:
            continue
        kind = Ailment(one.trouble.what) if one.trouble.what in {*Ailment} else Ailment.OTHER
        since = one.trouble.since.astimezone()
        form = "%H:%M" if since.date() == at.astimezone().date() else "%Y-%m-%d %H:%M"
        waits = ""
        if one.accepted:
            waits = (
                f"; {count(one.accepted, 'job')} {'waits' if one.accepted == 1 else 'wait'} for it"
            )
        yield f"cluster {one.name} {_HEADLINES[kind]} {since.strftime(form)}{waits}: {one.detail}"
