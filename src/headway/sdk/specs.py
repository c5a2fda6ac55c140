"""What callers may say about a job to submit, about jobs to find, and about a job's end."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypedDict

from headway.lib.jsonvalue import JsonObject


class JobOptions(TypedDict, total=False):
    """All that POST /jobs takes beside the command; the words are those of PSI/J and of the DOE IRI facility API."""

    name: str
    labels: Sequence[str]
    directory: str
    environment: Mapping[str, str]
    inherit_environment: bool
    stdin_path: str
    sandbox: JsonObject
    array: JsonObject
    submits: JsonObject
    after: Sequence[str]
    resources: JsonObject
    attributes: JsonObject
    cluster: str
    inputs: JsonObject
    extra: JsonObject
    url: str
    parent: str
    worker_count: int
    max_age_s: float
    callbacks: Sequence[JsonObject]
    groups: Sequence[str]


class Edits(TypedDict, total=False):
    """What a clone may have other than its original; what is None is as if it had never been given."""

    command: Sequence[str]
    arguments: Sequence[str]
    name: str
    labels: Sequence[str]
    directory: str | None
    environment: Mapping[str, str]
    inherit_environment: bool
    stdin_path: str | None
    sandbox: JsonObject | None
    array: JsonObject | None
    submits: JsonObject | None
    after: Sequence[str]
    resources: JsonObject | None
    attributes: JsonObject | None
    cluster: str | None
    inputs: JsonObject
    extra: JsonObject
    url: str | None
    parent: str | None
    worker_count: int | None
    max_age_s: float | None


class Selection(TypedDict, total=False):
    """A filter on jobs; every part that is given must hold.

    ``q`` is a query in the grammar of the page's search box; ``text``: somewhere in name, status text or a label.
    """

    q: str | None
    states: Sequence[str]
    labels: Sequence[str]
    name: str | None
    owner: str | None
    cluster: str | None
    since: datetime | str | None
    text: str | None
    parent: str | None
    group: str | None
    hidden: bool


class Sought(TypedDict, total=False):
    """What to look for in a log: ``text``, with ``regex`` an expression, or ``errors`` for what looks like one.

    Upper and lower case of ASCII letters are alike without ``match_case``. ``until``: up to this line. ``attempt``: else
    the present one.
    """

    text: str | None
    regex: bool
    match_case: bool
    errors: bool
    until: int | None
    attempt: int | None


class Finish(TypedDict, total=False):
    """How a job that only reports has ended."""

    exit_code: int
    signal: int
    message: str
    usage: JsonObject


def command_spec(command: Sequence[str], options: JobOptions) -> JsonObject:
    """Give the body of POST /jobs for a command."""
    return {"command": list(command), **options}


def edits_of(edits: Edits) -> JsonObject:
    """Give the body of POST /jobs/{id}/clone."""
    return {**edits}


def report_spec(options: JobOptions, *, will_finish: bool) -> JsonObject:
    """Give the body of POST /jobs for a job that runs elsewhere and only reports."""
    return {"kind": "report", "will_finish": will_finish, **options}
