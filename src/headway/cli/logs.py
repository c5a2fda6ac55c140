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
        "headway logs --errors 42",
        "headway logs --search 'loss=(nan|inf)' --regex 42",
        "headway logs --stdout --lines 100:120 42",
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
@click.option("--lines", metavar="A:B", help="Only lines A to B; from the end with -20:.")
@click.option("--search", metavar="TEXT", help="Only lines with this text, each with its number.")
@click.option("--regex", is_flag=True, help="The text is a regular expression.")
@click.option("--case", is_flag=True, help="Upper and lower case differ.")
@click.option("--errors", is_flag=True, help="Only lines that look like errors.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON lines.")
@server_options
def logs(
    *,
    place: Place,
    job_id: str,
    follow: bool,
    tail: int | None,
    which: str,
    attempt: int | None,
    lines: str | None,
    search: str | None,
    regex: bool,
    case: bool,
    errors: bool,
    as_json: bool,
) -> int:
    """Print what a job has written.

    The bytes are printed as they are; on a terminal only text and colours pass. With --search
    or --errors the exit status is 3 when nothing is found.
    """
    from headway.cli.clients import client_for
    from headway.cli.ending import say_why_it_is_empty
    from headway.cli.following import follow as follow_streams
    from headway.cli.following import sink_for, unless_interrupted

    outputs = (
        {"stdout": sys.stdout, "stderr": sys.stderr} if which == "both" else {which: sys.stdout}
    )
    wanted = [follow, tail is not None, lines is not None, search is not None, errors]
    if sum(wanted) > 1 + (follow and tail is not None):
        raise click.UsageError("--lines, --search, --errors and --tail are each on their own")
    if (regex or case) and search is None:
        raise click.UsageError("--regex and --case say how to --search")
    if as_json and not (errors or search is not None):
        raise click.UsageError("--json is for --search and --errors")
    sinks = {stream: sink_for(output) for stream, output in outputs.items()}
    if lines is not None:
        from headway.cli.log_lines import print_lines

        with place.connection() as connection:
            return print_lines(connection, job_id, sinks, lines, attempt)
    if errors or search is not None:
        from headway.cli.log_lines import print_matches
        from headway.sdk.specs import Sought

        sought = Sought(text=search, regex=regex, match_case=case, errors=errors, attempt=attempt)
        with place.connection() as connection:
            return print_matches(connection, job_id, sinks, sought, as_json=as_json)
    last = None if tail is None else f"{tail}l"
    if follow and attempt is not None:
        raise click.UsageError("only the present attempt can be followed; leave out --attempt")
    with client_for(place) as client:
        if follow:
            with unless_interrupted([job_id]):
                follow_streams(client, job_id, sinks, tail=last)
            say_why_it_is_empty(client, job_id, attempt)
            return 0
        for stream, sink in sinks.items():
            for part in client.read_log(job_id, stream, tail=last, attempt=attempt):
                sink(part)
            sink(None)
        say_why_it_is_empty(client, job_id, attempt)
    return 0
