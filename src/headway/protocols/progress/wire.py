"""The progress protocol's query parameters read into values, and its states' words.

Source: "Web Services / progress" of the MWA telescope, and what was decided where it is silent (docs/reference/progress.md).
"""

import math
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote_plus

import msgspec

from headway.core.errors import InvalidRequest, TooLarge
from headway.core.model.state import Reason, State, pairs

NAMESPACE: Final = "mwa"
DEFAULT_MAX_AGE_S: Final = 604_800.0
LONGEST_MAX_AGE_S: Final = 1e9  #: 31 years; more is taken as this
DEFAULT_INTERVAL_S: Final = 30
IMPLICIT: Final = "implicit"  #: label of a job that an update made

#: What a call cannot do without, and what would be right.
_NEEDED: Final = {
    "jobid": "the job's name, as in jobid=myjob123",
    "workid": "the worker's name, as in workid=node32",
    "current": "how far the worker is, as in current=5",
}
_LIMITS: Final = {"jobid": 500, "workid": 200, "desc": 2000, "k": 200, "id": 40}
_DEFAULT_LIMIT: Final = 100
_MOST_FIELDS: Final = 50
_MOST_WORKERS: Final = 1_000_000
_LONGEST_INTERVAL_S: Final = 86_400
_FEW_DIGITS: Final = 16  # of a number that is one at a glance
_NARROWEST: Final = 320
_WIDEST: Final = 4000
_NUMBER: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?", re.ASCII)


class Create(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of /progress/create; ``workers`` is ours: how many will report."""

    jobid: str
    desc: str
    maxage_s: float
    workers: int | None


class Update(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of /progress/update. None is what was not sent."""

    jobid: str
    workid: str
    current: float
    total: float | None
    ok: bool | None
    desc: str | None
    key: str | None


class Show(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of /progress/show and /progress/render; one of ``jobid`` and ``ref`` is set. ``label`` is the badge's."""

    jobid: str | None
    ref: str | None
    interval_s: int
    style: str
    theme: str
    scale: int
    width: int | None
    key: str | None
    link: str | None
    label: str | None


def read_query(raw: bytes) -> Mapping[str, str]:
    """Read a query string; bytes that are no UTF-8 become replacement characters.

    Raises:
        InvalidRequest: a parameter is given twice.
        TooLarge: a value is longer than its limit.
    """
    fields = raw.decode("ascii", "replace").split("&")
    if len(fields) > _MOST_FIELDS:
        raise TooLarge(f"the query has more than {_MOST_FIELDS} parameters")
    query: dict[str, str] = {}
    for field in fields:
        if not field:
            continue
        name, _, value = field.partition("=")
        if "%" in field or "+" in field:
            name, value = unquote_plus(name), unquote_plus(value)
        if name in query:
            raise InvalidRequest(f"{name} is given twice; give it once", field=name)
        limit = _LIMITS.get(name, _DEFAULT_LIMIT)
        if len(value) > limit:
            raise TooLarge(f"{name} has {len(value)} characters; at most {limit}", field=name)
        query[name] = value
    return query


def lookup_key(jobid: str) -> str:
    """Give the key by which a jobid is found: a blank and ``+`` are one character.

    A shell puts a ``+`` raw into the query, where it means a blank; a library encodes it.
    """
    return jobid.replace("+", " ")


def read_create(query: Mapping[str, str]) -> Create:
    """Read the parameters of /progress/create.

    Raises:
        InvalidRequest: jobid is missing or empty, or maxage or workers is no number above 0.
    """
    maxage_s = _optional_number(query, "maxage")
    if maxage_s is not None and maxage_s <= 0:
        raise InvalidRequest(
            f"maxage must be seconds above 0, not {query['maxage']!r}", field="maxage"
        )
    workers = _optional_number(query, "workers")
    if workers is not None and not (1 <= workers <= _MOST_WORKERS and workers.is_integer()):
        raise InvalidRequest(
            f"workers must be a whole number from 1 to 1000000, not {query['workers']!r}",
            field="workers",
        )
    return Create(
        jobid=_text(query, "jobid"),
        desc=query.get("desc", ""),
        maxage_s=DEFAULT_MAX_AGE_S if maxage_s is None else min(maxage_s, LONGEST_MAX_AGE_S),
        workers=None if workers is None else int(workers),
    )


def read_update(query: Mapping[str, str]) -> Update:
    """Read the parameters of /progress/update.

    Raises:
        InvalidRequest: jobid, workid or current is missing or empty, or a number is none.
    """
    ok = _optional_number(query, "ok")
    return Update(
        jobid=_text(query, "jobid"),
        workid=_text(query, "workid"),
        current=_number("current", _text(query, "current")),
        total=_optional_number(query, "total"),
        ok=None if ok is None else ok != 0,
        desc=query.get("desc"),
        key=query.get("k") or None,
    )


def read_show(query: Mapping[str, str]) -> Show:
    """Read the parameters of /progress/show and /progress/render.

    Raises:
        InvalidRequest: neither jobid nor id, an interval that is no number from 1 to 86400, an unknown style, or a
            width that is none.
    """
    interval_s = _optional_number(query, "interval")
    if interval_s is not None and not 1 <= interval_s <= _LONGEST_INTERVAL_S:
        raise InvalidRequest(
            f"interval must be seconds from 1 to 86400, not {query['interval']!r}", field="interval"
        )
    ref = query.get("id") or None
    return Show(
        jobid=None if ref else _text(query, "jobid"),
        ref=ref,
        interval_s=DEFAULT_INTERVAL_S if interval_s is None else max(1, round(interval_s)),
        style=_one_of(query, "style", ("health", "status")),
        theme=_one_of(query, "theme", ("light", "dark", "auto")),
        scale=int(_one_of(query, "scale", ("1", "2", "3"))),
        width=_width(query),
        key=query.get("k") or None,
        link=query.get("link") or None,
        label=query.get("label"),
    )


def _width(query: Mapping[str, str]) -> int | None:
    width = _optional_number(query, "width")
    if width is None:
        return None
    if not _NARROWEST <= width <= _WIDEST:
        raise InvalidRequest(
            f"width must be pixels from {_NARROWEST} to {_WIDEST}, not {query['width']!r}",
            field="width",
        )
    return round(width)


def _one_of(query: Mapping[str, str], name: str, words: tuple[str, ...]) -> str:
    word = query.get(name) or words[0]
    if word not in words:
        raise InvalidRequest(f"{name} must be one of {', '.join(words)}, not {word!r}", field=name)
    return word


def _text(query: Mapping[str, str], name: str) -> str:
    if name not in query:
        raise InvalidRequest(f"{name} is missing; give {_NEEDED[name]}", field=name)
    if not query[name].strip():
        raise InvalidRequest(f"{name} is empty; give {_NEEDED[name]}", field=name)
    return query[name]


def _optional_number(query: Mapping[str, str], name: str) -> float | None:
    word = query.get(name, "").strip()
    return _number(name, word) if word else None


def _number(name: str, word: str) -> float:
    if word.isdecimal() and word.isascii() and len(word) < _FEW_DIGITS:
        return float(word)
    # A raw 1e+5 arrives with a blank where the plus was.
    plain = word.strip().replace(" ", "+")
    value = float(plain) if _NUMBER.fullmatch(plain) else math.nan
    if not math.isfinite(value):
        raise InvalidRequest(f"{name} must be a number such as 7 or 0.5, not {word!r}", field=name)
    return value


#: The seed has no words for states; these stand above the bars.
_STATES: Final[Mapping[State, str]] = {
    State.ACCEPTED: "created",
    State.QUEUED: "created",
    State.RUNNING: "running",
    State.SUCCEEDED: "done",
    State.FAILED: "problem",
    State.CANCELLED: "ended",
}
WORDS: Final[Mapping[tuple[State, Reason | None], str]] = {
    pair: _STATES[pair[0]] for pair in pairs()
} | {(State.FAILED, Reason.EXPIRED): "silent", (State.CANCELLED, Reason.SUPERSEDED): "replaced"}
