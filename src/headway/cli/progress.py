"""``headway progress``."""

import sys
from typing import Final

import click

from headway.cli.output import encode_json, has_colour, is_terminal, say, write_json
from headway.cli.server import Place, examples, json_option, server_options

_MOST_WORKERS: Final = 400
_WIDTH_OF_FILES: Final = 100


@click.group(
    epilog=examples(
        "headway progress create night1 --desc 'Night 1' --workers 20",
        "headway progress update night1 w3 40 100 --desc flagging",
        "headway progress show night1",
    )
)
def progress() -> None:
    """Report progress from a shell, under a name, and show it."""


@progress.command(epilog=examples("headway progress create night1 --desc 'Night 1' --workers 20"))
@click.argument("name")
@click.option("--desc", help="What people see; else the name.")
@click.option("--workers", type=click.IntRange(1), help="How many will report.")
@click.option("--max-age", metavar="TIME", help="Silent for so long, it has failed. [default: 7d]")
@json_option
@server_options
def create(
    *,
    place: Place,
    name: str,
    desc: str | None,
    workers: int | None,
    max_age: str | None,
    as_json: bool,
) -> int:
    """Make a job called NAME, and print the address of its page.

    If the name is taken already, the older job ends as superseded and stays to be seen.
    """
    from headway.cli.times import read_span_s
    from headway.sdk import answers, requests
    from headway.sdk.problems import check

    max_age_s = None if max_age is None else read_span_s(max_age, field="max-age")
    request = requests.create_named(name, desc=desc, max_age_s=max_age_s, workers=workers)
    with place.connection() as connection:
        response = check(connection.send(request))
    if as_json:
        write_json(response.body)
        return 0
    made = answers.named_job(response)
    print(made.view_url)
    if made.superseded is not None:
        say(f"an older job of that name is superseded: {made.superseded}")
    return 0


@progress.command(
    epilog=examples(
        "headway progress update night1 w3 40 100",
        "headway progress update night1 w3 41 100 --ok 0 --desc 'no calibrator'",
    )
)
@click.argument("name")
@click.argument("worker")
@click.argument("current", type=float)
@click.argument("total", type=float, required=False)
@click.option("--ok", type=click.IntRange(0, 1), help="0: it has a problem; 1: no longer.")
@click.option("--desc", help="What it is doing.")
@click.option("--key", help="The k of the update address, to report from another machine.")
@json_option
@server_options
def update(
    *,
    place: Place,
    name: str,
    worker: str,
    current: float,
    total: float | None,
    ok: int | None,
    desc: str | None,
    key: str | None,
    as_json: bool,
) -> int:
    """Tell that WORKER of the job called NAME is at CURRENT of TOTAL."""
    from headway.sdk import requests
    from headway.sdk.problems import check

    request = requests.report_named(
        name,
        worker,
        current=current,
        total=total,
        ok=None if ok is None else bool(ok),
        desc=desc,
        key=key,
    )
    with place.connection() as connection:
        response = check(connection.send(request))
    if as_json:
        write_json(response.body)
    return 0


@progress.command(epilog=examples("headway progress show night1"))
@click.argument("name")
@json_option
@server_options
def show(*, place: Place, name: str, as_json: bool) -> int:
    """Print the bars of the job called NAME, as they are now."""
    from itertools import islice

    from headway.cli.clients import client_for
    from headway.cli.reading import STALLED_FLOOR_S, core_job, core_worker, tally_of
    from headway.cli.screen import Screen
    from headway.cli.times import now
    from headway.core.errors import NotFound
    from headway.sdk import requests
    from headway.views.text import Terminal, job_lines

    with client_for(place) as client:
        try:
            job_id = client.send(requests.show_named(name)).headers["headway-job"]
        except (NotFound, KeyError):
            by_number = f": a job's number is for `headway watch {name}`" if name.isdigit() else ""
            raise NotFound(f"no job is called {name!r}{by_number}") from None
        job = client.job(job_id)
        workers = list(islice(client.workers(job_id), _MOST_WORKERS))
    if as_json:
        write_json(encode_json({"job": job, "workers": workers}))
        return 0
    terminal = Screen(sys.stdout).terminal()
    if not is_terminal(sys.stdout):
        terminal = Terminal(width=_WIDTH_OF_FILES, colour=has_colour(sys.stdout))
    at = now()
    for line in job_lines(
        core_job(job),
        [core_worker(worker, job.id, at=at) for worker in workers],
        tally_of(job),
        at=at,
        terminal=terminal,
        stalled_floor_s=STALLED_FLOOR_S,
    ):
        print(line)
    return 0
