"""Watching jobs, on a terminal or as lines."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import Final

from headway.cli.board import Board, News
from headway.cli.failures import JOB_FAILED
from headway.cli.output import encode_json, is_terminal, write_json
from headway.cli.screen import Screen
from headway.cli.times import now
from headway.core.errors import ServerUnreachable
from headway.sdk import answers, model, requests
from headway.sdk.client import Client

_TICK_S: Final = 1.0  # elapsed times go on without news
_RELOAD_S: Final = 30.0  # whether a worker is stalled is no news, and is asked for
_MOST_WORKERS: Final = 2000
_MOST_JOBS: Final = 200
_LIVING: Final = "state:active"

#: Shows the board, and what has just come.
Show = Callable[[Board, Iterable[News]], None]


def watch_jobs(
    client: Client, refs: Sequence[str], *, query: str | None = None, as_json: bool
) -> int:
    """Show jobs until they have ended; gives the exit status.

    Without ``refs`` those that a query finds, else all that go on, without end.

    Raises:
        HeadwayError: no such job, or the server is gone for good.
    """
    ids = [client.job(ref).id for ref in refs]
    board = Board(ids if refs else None, keeps_ended=query is not None)
    if as_json:
        return _run(client, board, ids, query, _print_json)
    if not is_terminal(sys.stdout):
        return _run(client, board, ids, query, _print_lines)
    screen = Screen(sys.stdout)
    with screen.without_cursor():
        return _run(client, board, ids, query, partial(_draw, screen))


def _run(client: Client, board: Board, ids: Sequence[str], query: str | None, show: Show) -> int:
    show(board, _load(client, board, ids, query))
    while not board.all_ended:
        for frame in _frames(client, board, query):
            show(board, [] if frame is None else list(board.take(frame)))
            if _is_over(board):
                break
        # A server that is away is borne by the stream.
        with suppress(ServerUnreachable):
            show(board, _load(client, board, ids, query))
    return 0 if board.all_succeeded else JOB_FAILED


def _is_over(board: Board) -> bool:
    return board.all_ended or board.is_stale


def _frames(client: Client, board: Board, query: str | None) -> Iterator[model.Frame | None]:
    """Give frames until it is time to ask for everything anew."""
    only = board.jobs[0].id if board.has_detail and len(board.jobs) == 1 else None
    until = time.monotonic() + _RELOAD_S
    for frame in client.frames(after=board.after, job=only, q=query, tick_s=_TICK_S):
        yield frame
        if time.monotonic() >= until:
            return


def _load(client: Client, board: Board, ids: Sequence[str], query: str | None) -> list[News]:
    """Ask for everything; gives what is new."""
    changes: list[model.Change] = []
    seq = 0
    if ids:
        for job_id in ids:
            changes.append(model.JobChange(client.job(job_id)))
            workers = islice(client.workers(job_id), _MOST_WORKERS)
            changes += [model.WorkerChange(job_id, worker) for worker in workers]
    else:
        page = answers.jobs(client.send(requests.jobs(q=query or _LIVING, limit=_MOST_JOBS)))
        changes += [model.JobChange(job) for job in page.jobs]
        # Later, what ended meanwhile is in the stream and not in the page.
        seq = page.seq or 0 if board.after is None else 0
    board.is_stale = False
    return list(board.take(model.Frame(seq, tuple(changes))))


def _print_json(_: Board, news: Iterable[News]) -> None:
    for change, _line in news:
        write_json(encode_json(change))


def _print_lines(_: Board, news: Iterable[News]) -> None:
    for _change, line in news:
        if line:
            print(line, flush=True)


def _draw(screen: Screen, board: Board, _: Iterable[News]) -> None:
    screen.draw(board.lines(screen.terminal(), height=screen.height, at=now()))
