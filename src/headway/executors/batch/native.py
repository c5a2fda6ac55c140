"""What a scheduler says of one of its jobs."""

from datetime import datetime

import msgspec

from headway.core.model.job import Usage
from headway.core.model.names import NativeId
from headway.core.model.state import Reason, State


class NativeJob(msgspec.Struct, frozen=True, kw_only=True):
    """One job, or one element of an array, as its scheduler tells of it. What it does not tell is empty or None.

    Attributes:
        id: the scheduler's own id: ``1234``, ``1234_5`` (Slurm), ``1234[5]`` (LSF, PBS), ``1234.5`` (Grid Engine).
        mark: what ``Dialect.mark`` had put on it; whatever is in that place on a job that is not ours.
        state: the word in ours; None for a word that is not known: it is kept in ``word``, and nothing is guessed.
        word: the scheduler's own word, raw.
        why: why it waits or how it failed, in the scheduler's own words.
        exit_code: the batch script's exit code; ``signal`` what ended it; never both.
        restarts: how often the scheduler has put it back into the queue; None where it does not tell.
        array: the id of the array that it is an element of, and ``index`` its place there.
        expected_start: the scheduler's own estimate.
        position: its place in the queue, 1 and up.
        log: where its output goes, with the scheduler's own patterns filled in where they are known.
        asked: what it asked for: ``{"cores": "4", "memory": "2G", "wall time": "01:00:00"}``, for people.
    """

    id: NativeId
    mark: str = ""
    state: State | None = None
    reason: Reason | None = None
    word: str = ""
    why: str = ""
    exit_code: int | None = None
    signal: int | None = None
    restarts: int | None = None
    array: NativeId | None = None
    index: int | None = None
    name: str = ""
    owner: str = ""
    queue: str = ""
    account: str = ""
    host: str = ""
    directory: str = ""
    log: str = ""
    submitted: datetime | None = None
    started: datetime | None = None
    ended: datetime | None = None
    expected_start: datetime | None = None
    position: int | None = None
    usage: Usage | None = None
    asked: dict[str, str] = msgspec.field(default_factory=dict)
