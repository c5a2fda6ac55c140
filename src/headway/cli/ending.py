"""Staying with a job until it has ended."""

import sys
from typing import Final

from headway.cli.failures import JOB_FAILED
from headway.cli.following import follow, sink_for, unless_interrupted
from headway.cli.output import encode_json, say, write_json
from headway.cli.tables import told_end
from headway.cli.waits import waits_told
from headway.sdk.client import Client
from headway.sdk.model import JobDocument
from headway.views.clean import clean

_NEVER_RAN: Final = frozenset({"not_started", "staging_failed"})


def follow_to_end(client: Client, job: JobDocument, *, as_json: bool) -> int:
    """Print what a job writes until it has ended, and how it ended if not well; gives the exit status."""
    return tell_end(follow_job(client, job, as_json=as_json), as_json=as_json, quiet=True)


def follow_job(
    client: Client, job: JobDocument, *, as_json: bool, quiet: bool = False
) -> JobDocument:
    """Print what a job writes until it has ended, and unless ``quiet`` why it waits when that takes long."""
    # With --json, stdout is for the document.
    output = sys.stderr if as_json else sys.stdout
    sinks = {"stdout": sink_for(output), "stderr": sink_for(sys.stderr)}
    told = waits_told(client, job.id, quiet=quiet or as_json)
    with unless_interrupted([str(job.number)]), told:
        follow(client, job.id, sinks)
        return client.wait(job.id)


def wait_to_end(client: Client, job: JobDocument, *, as_json: bool) -> int:
    """Wait until a job has ended, and say why it waits when that takes long; gives the exit status."""
    if not as_json:
        print(job.number, flush=True)
    with unless_interrupted([str(job.number)]), waits_told(client, job.id, quiet=as_json):
        ended = client.wait(job.id)
    return tell_end(ended, as_json=as_json, quiet=False)


def say_why_it_is_empty(client: Client, ref: str, attempt: int | None) -> None:
    """Say of a job that never ran why it has written nothing."""
    job = client.job(ref)
    if job.state == "cancelled" and job.started is None and attempt in {None, job.attempt}:
        say(f"job {job.number} wrote nothing: it was cancelled before it began")
    tried = [one for one in job.attempts if one.no == (attempt or job.attempt)]
    if any(one.reason in _NEVER_RAN and one.message for one in tried):
        say(f"job {job.number} wrote nothing: {clean(tried[0].message)}")


def tell_end(ended: JobDocument, *, as_json: bool, quiet: bool) -> int:
    """Say how a job ended; ``quiet`` says nothing of one that has succeeded. Gives the exit status."""
    fine = ended.state == "succeeded"
    if as_json:
        write_json(encode_json(ended))
    if not (quiet and fine):
        say(f"job {ended.number} {told_end(ended)}")
    return 0 if fine else JOB_FAILED
