"""Links, one-time links and clusters: what is asked, and what is answered; no I/O."""

import json
from datetime import datetime

import msgspec

from headway.sdk.answers import read_answer
from headway.sdk.message import Request, Response, path_of

_JSON = (("content-type", "application/json"),)


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """An address, and until when it is good."""

    url: str
    expires: datetime


class Cluster(msgspec.Struct, frozen=True, kw_only=True):
    """A cluster and how it is."""

    name: str
    kind: str = ""
    health: str = ""
    detail: str = ""
    accepted: int = 0
    queued: int = 0
    running: int = 0
    room: int | None = None


class _Clusters(msgspec.Struct):
    clusters: tuple[Cluster, ...]


def make_link(ref: str, *, what: str, expires_in_s: float | None) -> Request:
    """Ask for a link that shows a job to whoever has it."""
    body = {"what": what} if expires_in_s is None else {"what": what, "expires_in_s": expires_in_s}
    return Request("POST", path_of("jobs", ref, "links"), (), _JSON, json.dumps(body).encode())


def make_login_link(*, to: str) -> Request:
    """Ask for a link that signs a browser in once, and then leads to ``to``."""
    return Request("POST", path_of("login-links"), (), _JSON, json.dumps({"to": to}).encode())


def clusters() -> Request:
    """Ask where jobs run."""
    return Request("GET", path_of("clusters"))


def read_link(response: Response) -> Link:
    """Read a link.

    Raises:
        HeadwayError: the server refused.
    """
    return read_answer(response, Link)


def read_clusters(response: Response) -> tuple[Cluster, ...]:
    """Read all clusters.

    Raises:
        HeadwayError: the server refused.
    """
    return read_answer(response, _Clusters).clusters
