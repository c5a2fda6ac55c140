"""``headway doctor``."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from headway.cli.failures import JOB_FAILED
from headway.cli.output import encode_json, painted, write_json
from headway.cli.server import Place, examples, json_option, server_options

if TYPE_CHECKING:
    from headway.cli.checks import Check

_COLOURS = {"ok": "\x1b[32m", "warning": "\x1b[33m", "bad": "\x1b[31m"}


@click.command(
    epilog=examples(
        "headway doctor",
        "headway doctor --test-job --cluster slurm",
        "headway doctor --json | jq '.checks[].status'",
    )
)
@click.option("--test-job", is_flag=True, help="Run a job too, and say how long each step takes.")
@click.option("--cluster", metavar="NAME", help="Where to run it; else the default cluster.")
@click.option(
    "--timeout", metavar="TIME", help="Cancel it when it has not ended after so long. [default: 2m]"
)
@json_option
@server_options
def doctor(
    *, place: Place, test_job: bool, cluster: str | None, timeout: str | None, as_json: bool
) -> int:
    """Check that everything is as it should be.

    Looks for schedulers on this machine, and asks which ones they are; looks at the server, who it
    takes you for, its clusters and clock, and at the directory where jobs are kept. Nothing is
    submitted without --test-job. The status is 0 when nothing is bad, else 1.
    """
    if not test_job and (cluster is not None or timeout is not None):
        raise click.UsageError("--cluster and --timeout go with --test-job")
    checks: list[Check] = []
    for check in _checks(place, test_job=test_job, cluster=cluster, timeout=timeout or "2m"):
        checks.append(check)
        if not as_json:
            word = painted(f"{check.status:<8}", _COLOURS[check.status])
            print(word, f"{check.name}: {check.detail}", flush=True)
    if as_json:
        write_json(encode_json({"checks": [check._asdict() for check in checks]}))
    return JOB_FAILED if any(check.status == "bad" for check in checks) else 0


def _checks(
    place: Place, *, test_job: bool, cluster: str | None, timeout: str
) -> Iterator["Check"]:
    from headway.cli.checks import BAD, Check, all_checks
    from headway.cli.clients import client_for
    from headway.cli.schedulers import scheduler_checks
    from headway.cli.times import read_span_s
    from headway.cli.trial import try_job
    from headway.core.errors import HeadwayError

    timeout_s = read_span_s(timeout, field="timeout")
    yield from all_checks(place)
    yield from scheduler_checks()
    if not test_job:
        return
    try:
        with client_for(place) as client:
            yield from try_job(client, cluster, timeout_s=timeout_s)
    except HeadwayError as error:
        yield Check("test job", BAD, str(error))
