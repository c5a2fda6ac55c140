"""A client for commands that do more than ask once."""

from headway.cli.server import Place
from headway.sdk.client import Client


def client_for(place: Place) -> Client:
    """Give a client of the server that the user means.

    Raises:
        HeadwayError: none is known, or what tells of it cannot be trusted.
    """
    found = place.find()
    return Client(found.url, token=found.token)
