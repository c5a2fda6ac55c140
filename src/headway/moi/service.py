"""The server's part of moi, /moi-ws/, as calls."""

import json
import os
from typing import Any, Final, TypeAlias

from headway.core.errors import NotFound
from headway.moi.configuration import read_configuration
from headway.sdk.client import Client
from headway.sdk.discovery import Server, find_server
from headway.sdk.environment import environment
from headway.sdk.message import Request

PREFIX: Final = "/moi-ws"
#: An info object: see the protocol's reference.
Info: TypeAlias = dict[str, Any]

_made: dict[int, "Service"] = {}


class Service:
    """One server. Usable from several threads, which take turns."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @property
    def url(self) -> str:
        """The server's address."""
        return self._client.url

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def info(self, name: str) -> Info | None:
        """Ask for a job or group; None where there is none."""
        try:
            found: Info = self._get("/info", ("id", name))
        except NotFound:
            return None
        return found

    def nodes(self, group: str) -> list[Info] | None:
        """Ask for all below a group; None where there is no such group."""
        try:
            found: list[Info] = self._get("/nodes", ("id", group))
        except NotFound:
            return None
        return found

    def users(self) -> dict[str, str]:
        """Ask for the users' names and their groups' ids."""
        found: dict[str, str] = self._get("/users")
        return found

    def user(self, name: str) -> str:
        """Give the id of a user's group; it is made, where there is none."""
        made: dict[str, str] = self._post("/users", {"user": name})
        return made["id"]

    def contexts(self) -> dict[str, str]:
        """Ask for contexts' names and the clusters that they stand for."""
        found: dict[str, str] = self._get("/contexts")
        return found

    def group(self, **said: str | None) -> Info:
        """Make a group, or give the one of that id that is there."""
        made: Info = self._post("/groups", {key: value for key, value in said.items() if value})
        return made

    def _get(self, path: str, *query: tuple[str, str]) -> Any:  # noqa: ANN401 -- whatever the path answers
        return json.loads(self._client.send(Request("GET", PREFIX + path, query)).body)

    def _post(self, path: str, body: object) -> Any:  # noqa: ANN401
        headers = (("content-type", "application/json"),)
        data = json.dumps(body).encode()
        return json.loads(self._client.send(Request("POST", PREFIX + path, (), headers, data)).body)


def server() -> Server:
    """Find the server that programs of this process mean.

    Raises:
        ServerUnreachable: none is known.
        InvalidRequest: $MOI_CONFIG_FP cannot be read.
    """
    return find_server(url=read_configuration().url or None, environment=environment())


def service() -> Service:
    """Give the process's own connection to its server, made when it is first asked for; a fork makes another."""
    process = os.getpid()
    if process not in _made:
        found = server()
        _made.clear()
        _made[process] = Service(Client(found.url, token=found.token or ""))
    return _made[process]
