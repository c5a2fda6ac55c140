"""``headway logs``."""

import sys

import click

from headway.cli.server import Place, examples, server_options


@click.command(
    epilog=examples(
        "headway logs 42",
        "headway logs -f 42",
        "headway logs --tail 20 --stderr 42",
        "headway logs 42 > out.txt 2> err.txt",
    )
)
@click.argument("job_id", metavar="ID")
@click.option("--follow", "-f", is_flag=True, help="Go on until the job has ended.")
@click.option("--tail", metavar="N", type=click.IntRange(0, 100_000), help="Only the last N lines.")
@click.option("--stdout", "which", flag_value="stdout", help="Only what it wrote to stdout.")
@click.option("--stderr", "which", flag_value="stderr", help="Only stderr; printed to stdout.")
@click.option(
    "--both", "which", flag_value="both", default="both", help="Each to its own. [default]"
)
@click.option("--attempt", type=click.IntRange(1), help="Of an earlier attempt.")
@server_options
def logs(
    *,
    place: Place,
    job_id: str,
    follow: bool,
    tail: int | None,
    which: str,
    attempt: int | None,
) -> int:
    """Print what a job has written.

    The bytes are printed as they are; on a terminal only text and colours pass.
    """
    from headway.cli.clients import client_for
    from headway.cli.ending import say_why_it_is_empty
    from headway.cli.following import follow as follow_streams
    from headway.cli.following import sink_for, unless_interrupted

    outputs = (
        {"stdout": sys.stdout, "stderr": sys.stderr} if which == "both" else {which: sys.stdout}
    )
    lines = None if tail is None else f"{tail}l"
    sinks = {stream: sink_for(output) for stream, output in outputs.items()}
    if follow and attempt is not None:
        raise click.UsageError("only the present attempt can be followed; leave out --attempt")
    with client_for(place) as client:
        if follow:
            with unless_interrupted([job_id]):
                follow_streams(client, job_id, sinks, tail=lines)
            say_why_it_is_empty(client, job_id, attempt)
            return 0
        for stream, sink in sinks.items():
            for part in client.read_log(job_id, stream, tail=lines, attempt=attempt):
                sink(part)
            sink(None)
        say_why_it_is_empty(client, job_id, attempt)
    return 0
