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

    The address is printed too. Off a terminal it is only printed. Where the server would not
    know your browser, the address is good once and for a minute, and signs the browser in.
    """
    url = _address(place, job_id)
    if as_json:
        write_json(encode_json({"url": url}))
        return 0
    print(url, flush=True)
    if not only_print and is_terminal(sys.stdout):
        import webbrowser

        if not webbrowser.open(url):
            say("no browser was found; open the address yourself")
    return 0


def _address(place: Place, job_id: str | None) -> str:
    """Give the address of a job's page or of the server's, by way of a one-time link where that is needed."""
    from headway.sdk import answers, requests

    root = place.find().url.rstrip("/")
    with place.connection() as connection:
        url = root + "/"
        if job_id:
            job = answers.job(connection.send(requests.job(job_id)))
            url = job.links.get("page") or f"{root}/j/{job.number}"
        if answers.identity(connection.send(requests.whoami())).via == "own-user":
            return url
        # The page's own address may begin otherwise, as a proxy shows it; what is below it is the same.
        return answers.link(connection.send(requests.make_login_link(to=_below(root, url)))).url


def _below(root: str, url: str) -> str:
    return url.removeprefix(root) if url.startswith(root + "/") else "/"
