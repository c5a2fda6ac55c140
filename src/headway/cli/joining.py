"""A long list as one JSON document, written while its pages come."""

import sys

import msgspec

from headway.sdk import requests
from headway.sdk.connection import Connection
from headway.sdk.pages import Pages
from headway.sdk.problems import check
from headway.sdk.specs import Selection


class _RawPage(msgspec.Struct):
    jobs: list[msgspec.Raw]
    next: str | None = None


def write_joined(connection: Connection, selection: Selection, limit: int | None) -> None:
    """Write all pages to stdout as ``{"jobs": […], "next": …}``, holding one page at a time."""
    out = sys.stdout.buffer
    pages = Pages(limit)
    before = b'{"jobs":['
    while not pages.are_done:
        request = requests.jobs(**selection, limit=pages.size, cursor=pages.cursor)
        page = msgspec.json.decode(check(connection.send(request)).body, type=_RawPage)
        for job in page.jobs[: pages.left]:
            out.write(before + bytes(job))
            before = b","
        pages.turn(len(page.jobs), page.next)
    ending = msgspec.json.encode(pages.cursor)
    out.write((b'{"jobs":[' if before != b"," else b"") + b'],"next":' + ending + b"}\n")
    out.flush()
