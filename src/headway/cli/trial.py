"""A job that does nothing but show that jobs run: ``headway doctor --test-job``."""

import time
from collections.abc import Iterator
from typing import Final

from headway.cli.checks import BAD, OK, WARNING, Check
from headway.core.errors import HeadwayError, TimedOut
from headway.sdk.client import Client
from headway.sdk.model import JobDocument
from headway.sdk.specs import JobOptions
from headway.views.clean import clean
from headway.views.words import duration, ending

_WORDS: Final = "all is well"
_LONGEST_RUN_S: Final = 60.0


def try_job(client: Client, cluster: str | None, *, timeout_s: float) -> Iterator[Check]:
    """Submit a job, wait for its end and read what it wrote; says each step, and how long it took.

    A job that is still there after ``timeout_s`` is cancelled. One that went well is hidden from lists.
    """
    began_s = time.monotonic()
    options: JobOptions = {"name": "headway doctor", "attributes": {"duration": _LONGEST_RUN_S}}
    if cluster is not None:
        options["cluster"] = cluster
    try:
        job = client.submit(["echo", _WORDS], **options)
    except HeadwayError as error:
        yield Check("test job", BAD, f"it was not accepted: {clean(str(error))}")
        return
    took_s = time.monotonic() - began_s
    yield _step("accepted", took_s, f"job {job.number} on the cluster {clean(job.cluster or '')}")
    try:
        ended = client.wait(job.id, timeout_s=timeout_s)
    except TimedOut:
        yield from _steps(client.job(job.id))
        yield _complaint(client, job, f"it has not ended within {duration(timeout_s)}")
        client.cancel(job.id)
        return
    except KeyboardInterrupt:
        client.cancel(job.id)
        raise
    yield from _steps(ended)
    if ended.state != "succeeded":
        yield _complaint(client, ended, "it did not succeed")
        return
    yield _output(client, ended)
    yield _step("seen", time.monotonic() - began_s, "its end was known here, all in all")
    client.hide(ended.id)


def _steps(job: JobDocument) -> Iterator[Check]:
    """Say the steps that the job has taken so far, by the server's clock."""
    host = next((clean(one.host) for one in job.attempts if one.no == job.attempt and one.host), "")
    how = ending(exit_code=job.exit_code, signal=job.signal) or clean(job.state)
    before = job.created
    for name, at, words in (
        ("queued", job.queued, "the cluster had it"),
        ("running", job.started, f"it began on {host}" if host else "it began"),
        ("ended", job.ended, how),
    ):
        if at is not None:
            yield _step(name, max(0.0, (at - before).total_seconds()), words)
            before = at


def _step(name: str, took_s: float, words: str) -> Check:
    return Check(f"test job {name}", OK, f"after {duration(took_s)}: {words}", round(took_s, 3))


def _complaint(client: Client, job: JobDocument, what: str) -> Check:
    try:
        told = client.why(job.id)
    except HeadwayError:
        return Check("test job", BAD, f"{what}; headway why {job.number} says more")
    words = " ".join((told.headline, *told.words, *told.last_lines))
    return Check("test job", BAD, f"{what}. {clean(words, 2000)}")


def _output(client: Client, job: JobDocument) -> Check:
    try:
        written = client.log(job.id)
    except HeadwayError as error:
        return Check("test job output", BAD, f"it cannot be read: {clean(str(error))}")
    if written.decode("utf-8", "replace").strip() == _WORDS:
        return Check("test job output", OK, "it came back as it was written")
    shown = clean(written.decode("utf-8", "replace")) or "nothing"
    return Check("test job output", WARNING, f"it wrote {_WORDS!r}, and what came back is {shown}")
