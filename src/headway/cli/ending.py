"""Staying with a job until it has ended."""

import sys

from headway.cli.failures import JOB_FAILED
from headway.cli.following import follow, sink_for, unless_interrupted
from headway.cli.output import encode_json, say, write_json
from headway.cli.tables import told_end
from headway.sdk.client import Client
from headway.sdk.model import JobDocument


def follow_to_end(client: Client, job: JobDocument, *, as_json: bool) -> int:
    """Print what a job writes until it has ended; gives the exit status."""
    # With --json, stdout is for the document.
    output = sys.stderr if as_json else sys.stdout
    sinks = {"stdout": sink_for(output), "stderr": sink_for(sys.stderr)}
    with unless_interrupted([str(job.number)]):
        follow(client, job.id, sinks)
        ended = client.wait(job.id)
    return _tell(ended, as_json=as_json, quiet=True)


def wait_to_end(client: Client, job: JobDocument, *, as_json: bool) -> int:
    """Wait until a job has ended; gives the exit status."""
    if not as_json:
        print(job.number, flush=True)
    with unless_interrupted([str(job.number)]):
        ended = client.wait(job.id)
    return _tell(ended, as_json=as_json, quiet=False)


def _tell(ended: JobDocument, *, as_json: bool, quiet: bool) -> int:
    fine = ended.state == "succeeded"
    if as_json:
        write_json(encode_json(ended))
    if not (quiet and fine):
        say(f"job {ended.number} {told_end(ended)}")
    return 0 if fine else JOB_FAILED
