"""The numbers on the page of limits are those of the code."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from headway.app import connection_limits
from headway.callbacks import exchange, sender
from headway.core.core import Settings
from headway.core.model import callback, change, group
from headway.core.model.change import Retention
from headway.core.operations import filters, group_paths, retry
from headway.core.passes import lanes
from headway.core.query import syntax
from headway.protocols.http import body, query
from headway.protocols.http.context import OpenQuota
from headway.protocols.http.live import hub, sse, subscriber
from headway.protocols.moi import socket as moi_socket
from headway.protocols.progress import limits, pictures, wire
from headway.protocols.rest import idempotency, logs
from headway.protocols.rest.routes import access
from headway.protocols.rest.wire import bodies, groups, queries, ranges, words

PAGE: Final = (Path(__file__).parents[2] / "docs/reference/limits.md").read_text("utf-8")
ROW: Final = re.compile(r"^\| ([^|]+) \| ([0-9][0-9,.]*)([^|]*) \|$", re.MULTILINE)
SECONDS: Final = {"s": 1, "min": 60, "h": 3600}
LIMITS: Final = connection_limits.DEFAULT_LIMITS
LIVE: Final = hub.DEFAULT_LIMITS


def most(struct: type[msgspec.Struct], key: str) -> int:
    """Give the largest that a body or query allows of a key; the lists' own when its texts have one too."""
    found = msgspec.json.schema(struct)["$defs"][struct.__name__]["properties"][key]
    return next(_bounds(found, "maxItems"), None) or next(_bounds(found, "max"))


def _bounds(schema: Mapping[str, Any], name: str) -> Iterator[int]:
    for key, value in schema.items():
        if key.startswith(name):
            yield int(value)
    for part in schema.get("anyOf", ()):
        yield from _bounds(part, name)


def _idempotency_key_characters() -> int:
    return max(size for size in range(1000) if idempotency._KEY.fullmatch(b"k" * size))


#: Beside the code's own name of each limit stands the page's.
IN_CODE: Final[Mapping[str, float]] = {
    "a request's address": LIMITS.url_bytes,
    "a request's line and headers": LIMITS.head_bytes,
    "headers of a request": LIMITS.header_count,
    "time for a request's line and headers": LIMITS.head_s,
    "a body": body.LIMITS.size_bytes,
    "a body that signs a browser in": access._SESSION.limits.size_bytes,
    "arrays and objects within each other": body.LIMITS.depth,
    "time for a body": body.LIMITS.time_s,
    "parameters of a native request": query.MOST_PARAMETERS,
    "connections at once": LIMITS.connections,
    "of these for one local user or one address (IPv6: one /64), not the server's own user nor behind a proxy": LIMITS.connections_each,
    "of these for the server's own user alone": LIMITS.connections_kept,
    "a connection without a request is closed after": LIMITS.idle_s,
    "requests under way when the server stops have": LIMITS.grace_s,
    "requests a second from one local user or one address (IPv6: one /64) without a token or key (progress)": limits.PER_S,
    "of these at once": limits.BURST,
    "argv in all, and the environment in all": words.ARGV_BYTES,
    "one word of these": words.ARGUMENT_BYTES,
    "arguments": most(bodies.JobBody, "arguments"),
    "variables of the environment": most(bodies.JobBody, "environment"),
    "a name": most(bodies.JobBody, "name"),
    "labels of a job": most(bodies.JobBody, "labels"),
    "attempts of a job, from which on it is not retried": retry.MOST_ATTEMPTS,
    "callbacks of a job": callback.MOST_CALLBACKS,
    "a call to a callback has in all": sender._LIMIT_S,
    "of its answer are read": exchange._BODY_BYTES,
    "calls to one receiver at once": lanes._EACH[lanes.Lane.GOOD],
    "a path": most(bodies.JobBody, "directory"),
    "an address (`url`)": most(bodies.JobBody, "url"),
    "a status text, a worker's `desc`, a counter's text, a `finish` message": most(
        bodies.StatusTextBody, "text"
    ),
    "counters in one request": most(bodies.ReportBody, "counters"),
    "counters of a job": change.MOST_COUNTERS,
    "characters of a job's counters, keys and texts together": change.MOST_COUNTERS_TEXT,
    "a worker's id (native)": most(bodies.NamedWorkerBody, "id"),
    "workers in one report": most(bodies.ReportBody, "workers"),
    "an idempotency key": _idempotency_key_characters(),
    "it is remembered for": Retention().request_keys.total_seconds(),
    "a token of a job works after the job's end for": Settings().token_grace.total_seconds(),
    "a query (`q`)": syntax.LONGEST,
    "words and values in it": syntax.MOST_VALUES,
    "saved filters of one user": filters.MOST_FILTERS,
    "a group's id": group.LONGEST_ID,
    "a group's name": group.LONGEST_NAME,
    "levels of groups in one another": group.DEEPEST,
    "places of groups above a group and below what is put into it, looked at in one call": group.MOST_LINKS,
    "jobs and groups that one call puts into a group": group.MOST_MEMBERS,
    "places of a tree in one answer": most(groups.TreeQuery, "limit"),
    "steps of a path of groups": group_paths.MOST_STEPS,
    "`jobid`": wire._LIMITS["jobid"],
    "`workid`": wire._LIMITS["workid"],
    "`desc`": wire._LIMITS["desc"],
    "`workers`": wire._MOST_WORKERS,
    "jobs an hour from one caller nobody knows": OpenQuota().jobs_per_hour,
    "workers of a job that nobody owns": OpenQuota().workers_per_job,
    "jobs that nobody owns and their workers, in all": OpenQuota().rows,
    "`maxage` by default": wire.DEFAULT_MAX_AGE_S,
    "`interval`": wire._LONGEST_INTERVAL_S,
    "workers in a picture": pictures._MOST_WORKERS,
    "a picture is drawn again after": pictures._KEPT_FOR.total_seconds(),
    "jobs, workers or events of a page": most(queries.JobsQuery, "limit"),
    "by default": queries.JobsQuery().limit,
    "`tail` in lines": ranges.TAIL_LINES,
    "these are looked for in the last": logs.TAIL_WINDOW_BYTES,
    "a log that is followed is looked at every": logs.POLL_S,
    "a frame at most every": LIVE.batch_s,
    "changes in a frame, else a reset": LIVE.changes,
    "changes missed, else a reset": LIVE.missed_changes,
    "bytes that wait for a client, else a reset": subscriber._QUEUE_BYTES,
    "a client that reads nothing is dropped after": sse._CLOGGED_S,
    "server-sent events without news have a comment every": sse._HEARTBEAT_S,
    "a message from a websocket's client": connection_limits._MESSAGE_BYTES,
    "websockets of moi (`/moi-ws/`) of one user": moi_socket.MOST_EACH,
}

#: Limits that stand in the code without a name of their own.
UNNAMED: Final = {
    "parameters of a progress request",
    "a label",
    "a counter's key",
}


def shown() -> Mapping[str, float]:
    """Give the page's numbers; times in seconds."""
    return {
        label: float(number.replace(",", "")) * SECONDS.get(unit.strip(), 1)
        for label, number, unit in ROW.findall(PAGE)
    }


@pytest.mark.parametrize("label", IN_CODE)
def test_a_limit_is_what_the_page_says(label: str) -> None:
    assert shown()[label] == IN_CODE[label]


def test_each_limit_on_the_page_is_held_against_the_code() -> None:
    assert shown().keys() - IN_CODE.keys() == UNNAMED


def test_websockets_and_events_drop_silent_clients_alike() -> None:
    assert LIMITS.clogged_s == sse._CLOGGED_S
    assert LIMITS.unsent_bytes == subscriber._QUEUE_BYTES
