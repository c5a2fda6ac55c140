"""``headway open``."""

import sys

import click

from headway.cli.output import encode_json, is_terminal, say, write_json
from headway.cli.server import Place, examples, json_option, server_options


@click.command(
    "open", epilog=examples("headway open", "headway open 42", "headway open 42 --print")
)
@click.argument("job_id", metavar="[ID]", required=False)
@click.option("--print", "only_print", is_flag=True, help="Print the address, open nothing.")
@json_option
@server_options
def open_page(*, place: Place, job_id: str | None, only_print: bool, as_json: bool) -> int:
    """Open a job's page in the browser, or the server's own.

    The address is printed too. Off a terminal it is only printed.
    """
    url = _page_of(place, job_id) if job_id else place.find().url.rstrip("/") + "/"
    if as_json:
        write_json(encode_json({"url": url}))
        return 0
    print(url, flush=True)
    if not only_print and is_terminal(sys.stdout):
        import webbrowser

        if not webbrowser.open(url):
            say("no browser was found; open the address yourself")
    return 0


def _page_of(place: Place, job_id: str) -> str:
    from headway.sdk import answers, requests

    with place.connection() as connection:
        job = answers.job(connection.send(requests.job(job_id)))
    return job.links.get("page") or f"{place.find().url.rstrip('/')}/progress/show?id={job.id}"
