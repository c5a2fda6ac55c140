"""What a server answered, as typed values; one function for each kind of answer.

Every function here raises the HeadwayError that a refusal names (``headway.sdk.problems``), and ServerUnreachable for an
answer that no Headway server gives.
"""

from collections.abc import Iterable, Iterator
from typing import TypeVar

import msgspec

from headway.core.errors import ServerUnreachable
from headway.sdk import model
from headway.sdk.message import Response
from headway.sdk.problems import check
from headway.sdk.sse import ServerEvent

_T = TypeVar("_T")


class _Tokens(msgspec.Struct):
    tokens: tuple[model.Token, ...]


class _Filters(msgspec.Struct, frozen=True):
    filters: tuple[model.SavedFilter, ...]


class _Clusters(msgspec.Struct):
    clusters: tuple[model.Cluster, ...]


class _Native(msgspec.Struct):
    text: str


class _Counters(msgspec.Struct):
    counters: tuple[model.Counter, ...]


class _Reported(msgspec.Struct):
    next_report_s: float = 1.0


def _read(response: Response, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(check(response).body, type=kind)
    except msgspec.MsgspecError as error:
        raise _not_ours(error) from error


def _not_ours(error: Exception) -> ServerUnreachable:
    return ServerUnreachable(
        f"the answer is not one that a Headway server of this version gives ({error});"
        " is that the server's address?"
    )


class _FunctionKey(msgspec.Struct):
    key: str


class _NewJobs(msgspec.Struct):
    jobs: tuple[model.JobSummary, ...]


def job(response: Response) -> model.JobDocument:
    """Read one job."""
    return _read(response, model.JobDocument)


def why(response: Response) -> model.Why:
    """Read why a job is where it is."""
    return _read(response, model.Why)


def native(response: Response) -> str:
    """Read a scheduler's own text about a job."""
    return _read(response, _Native).text


def jobs(response: Response) -> model.JobPage:
    """Read a page of jobs."""
    return _read(response, model.JobPage)


def bulk(response: Response) -> model.Bulk:
    """Read what was done to many jobs."""
    return _read(response, model.Bulk)


def workers(response: Response) -> model.WorkerPage:
    """Read a page of workers."""
    return _read(response, model.WorkerPage)


def log_lines(response: Response) -> model.LogLines:
    """Read some lines of a log."""
    return _read(response, model.LogLines)


def log_matches(response: Response) -> model.LogMatches:
    """Read what was found in a log."""
    return _read(response, model.LogMatches)


def events(response: Response) -> model.EventPage:
    """Read a page of events."""
    return _read(response, model.EventPage)


def counters(response: Response) -> tuple[model.Counter, ...]:
    """Read all counters of a job."""
    return _read(response, _Counters).counters


def next_report_s(response: Response) -> float:
    """Read after how many seconds the server would like to hear more."""
    return _read(response, _Reported).next_report_s


def tokens(response: Response) -> tuple[model.Token, ...]:
    """Read the list of tokens."""
    return _read(response, _Tokens).tokens


def group(response: Response) -> model.Group:
    """Read a group."""
    return _read(response, model.Group)


def groups(response: Response) -> model.GroupPage:
    """Read a page of groups, or what is at a path."""
    return _read(response, model.GroupPage)


def members(response: Response) -> model.MemberPage:
    """Read a page of what is in a group."""
    return _read(response, model.MemberPage)


def added(response: Response) -> model.Added:
    """Read which places are new."""
    return _read(response, model.Added)


def tree(response: Response) -> model.Tree:
    """Read all below a group."""
    return _read(response, model.Tree)


def filters(response: Response) -> tuple[model.SavedFilter, ...]:
    """Read the list of saved filters."""
    return _read(response, _Filters).filters


def deliveries(response: Response) -> model.DeliveryPage:
    """Read a page of what callbacks were told."""
    return _read(response, model.DeliveryPage)


def delivery(response: Response) -> model.Delivery:
    """Read what came of telling a callback an event."""
    return _read(response, model.Delivery)


def created_token(response: Response) -> model.CreatedToken:
    """Read a new token, with its secret."""
    return _read(response, model.CreatedToken)


def link(response: Response) -> model.Link:
    """Read an address that is good for a while."""
    return _read(response, model.Link)


def clusters(response: Response) -> tuple[model.Cluster, ...]:
    """Read where jobs run."""
    return _read(response, _Clusters).clusters


def identity(response: Response) -> model.Identity:
    """Read who the server takes us for."""
    return _read(response, model.Identity)


def health(response: Response) -> model.Health:
    """Read how the server is."""
    return _read(response, model.Health)


def named_job(response: Response) -> model.NamedJob:
    """Read a new job with a name."""
    return _read(response, model.NamedJob)


def function_key(response: Response) -> str:
    """Read the key that one's own functions are signed with."""
    return _read(response, _FunctionKey).key


def new_jobs(response: Response) -> tuple[model.JobSummary, ...]:
    """Read the jobs that were made at once, in the order in which they were sent."""
    return _read(response, _NewJobs).jobs


def function_ends(event: ServerEvent) -> model.FunctionEnds:
    """Read one server-sent event of functions that ended."""
    try:
        ends = msgspec.json.decode(event.data, type=tuple[model.FunctionEnd, ...])
        return model.FunctionEnds(int(event.id or 0), ends, event.event == "reset")
    except (msgspec.MsgspecError, ValueError) as error:
        raise _not_ours(error) from error


def frames(events: Iterable[ServerEvent]) -> Iterator[model.Frame]:
    """Read the frames of a live stream."""
    return map(frame, events)


def frame(event: ServerEvent) -> model.Frame:
    """Read one server-sent event; changes of a type that is new to us are left out."""
    try:
        changes = msgspec.json.decode(event.data, type=list[msgspec.Raw])
        seq = int(event.id) if event.id else 0
        return model.Frame(seq, tuple(_known(changes)))
    except (msgspec.MsgspecError, ValueError) as error:
        raise _not_ours(error) from error


class _Typed(msgspec.Struct):
    type: str = ""


_KNOWN = frozenset({"job", "worker", "counters", "event", "gone", "reset"})


def _known(changes: Iterable[msgspec.Raw]) -> Iterator[model.Change]:
    for raw in changes:
        if msgspec.json.decode(raw, type=_Typed).type in _KNOWN:
            yield msgspec.json.decode(raw, type=model.Change)
