"""The options that say which server is meant, and the way to it."""

import functools
from collections.abc import Callable
from typing import NamedTuple

import click

from headway.sdk.address import read_address
from headway.sdk.connection import Connection
from headway.sdk.dialling import dial_for
from headway.sdk.discovery import Server, find_server
from headway.sdk.environment import environment


class Place(NamedTuple):
    """What the user said about the server."""

    url: str | None = None
    token_file: str | None = None

    def find(self) -> Server:
        """Find the server that is meant.

        Raises:
            HeadwayError: none is known, or what tells of it cannot be trusted.
        """
        return find_server(url=self.url, token_file=self.token_file, environment=environment())

    def connection(self) -> Connection:
        """Give a connection that opens with the first request."""
        found = self.find()
        address = read_address(found.url)
        return Connection(address, token=found.token, dial=dial_for(address))


def server_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add ``--url`` and ``--token-file``; the command takes them as ``place``."""

    @click.option(
        "--url",
        metavar="URL",
        help="The server. Else HEADWAY_URL, else your own server on this machine.",
    )
    @click.option(
        "--token-file",
        metavar="FILE",
        type=click.Path(dir_okay=False),
        help="A file with a token, of mode 0600. Else HEADWAY_TOKEN or HEADWAY_TOKEN_FILE.",
    )
    @functools.wraps(command)
    def taking_place(*, url: str | None, token_file: str | None, **rest: object) -> int:
        return command(place=Place(url, token_file), **rest)

    return taking_place


def examples(*lines: str) -> str:
    """Give a help text's end: lines that can be typed just so."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
json_lines_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON, one document a line."
)
