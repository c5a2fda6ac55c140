"""A server whose process dies, or whose disk breaks, at an instant that has a name.

    python -m headway.testing.faults --port 0 --data DIR --fault final-written-before:3

It is ``headway serve`` in all but this: when it comes to the named point for the so-many-th time, it notes the point's name in
the file ``--hits`` and kills its own process with SIGKILL, as a crash at just that instant would. ``disk-error`` does not kill:
from then on the store's file gives SQLite's disk I/O error for each commit.
"""

import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import click
import msgspec

from headway.app.data_dir import DataDir
from headway.app.options import ClusterOptions, ServeOptions
from headway.app.serve import run_beside
from headway.app.wiring import make_core
from headway.core.core import Core
from headway.core.errors import HeadwayError
from headway.core.model.change import Change, Written
from headway.core.model.event import EventType
from headway.core.model.names import Cluster
from headway.core.ports.executor import Executor
from headway.core.ports.store import Store
from headway.stores.sql.database import connect
from headway.testing.fault import Fault, Point
from headway.testing.faulty import FaultyDatabase, FaultyExecutor, FaultyFiles, FaultySender

_WRITTEN: Final = {
    EventType.ACCEPTED: (Point.ACCEPTED_BEFORE, Point.ACCEPTED_AFTER),
    EventType.RUNNING: (Point.RUNNING_BEFORE, Point.RUNNING_AFTER),
    EventType.SUCCEEDED: (Point.FINAL_BEFORE, Point.FINAL_AFTER),
    EventType.FAILED: (Point.FINAL_BEFORE, Point.FINAL_AFTER),
    EventType.CANCELLED: (Point.FINAL_BEFORE, Point.FINAL_AFTER),
    EventType.CANCEL_REQUESTED: (Point.WISH_BEFORE, Point.WISH_AFTER),
    EventType.REQUEUED: (Point.RETRY_BEFORE, Point.RETRY_AFTER),
}


def come_to_points(store: Store, fault: Fault) -> None:
    """Put points before and after a store's writes."""
    write, write_many = store.write, store.write_many

    async def faulty_write(change: Change) -> Written:
        _come(fault, [change], after=False)
        written = await write(change)
        _come(fault, [change], after=True)
        return written

    async def faulty_write_many(changes: Sequence[Change]) -> Sequence[Written | HeadwayError]:
        _come(fault, changes, after=False)
        answers = await write_many(changes)
        _come(fault, changes, after=True)
        return answers

    # Two of a store's twenty calls come to points; a class that hands on the other eighteen would say less.
    store.write = faulty_write  # type: ignore[method-assign]
    store.write_many = faulty_write_many  # type: ignore[method-assign]


def _come(fault: Fault, changes: Sequence[Change], *, after: bool) -> None:
    for change in changes:
        for event in change.events:
            if event.type in _WRITTEN:
                fault.at(_WRITTEN[event.type][after])
        if change.deliveries:
            fault.at(Point.CALLED_AFTER if after else Point.CALLED_BEFORE)
        if change.reports is not None:
            fault.at(Point.REPORT_AFTER if after else Point.REPORT_BEFORE)


def make_faulty_core(
    options: ServeOptions,
    data: DataDir,
    *,
    url: str,
    fatal: Callable[[BaseException], None],
    fault: Fault,
) -> Core:
    """Make the core of a real server, with points around its store and its executors."""
    core = make_core(
        options,
        data,
        url=url,
        fatal=fatal,
        connect=lambda path: FaultyDatabase(connect(path), fault),
    )
    come_to_points(core.store, fault)
    executors: dict[Cluster, Executor] = {
        name: FaultyExecutor(inner, fault) for name, inner in core.executors.items()
    }
    files = core.files and FaultyFiles(core.files, fault)
    sender = core.sender and FaultySender(core.sender, fault)
    return msgspec.structs.replace(core, executors=executors, files=files, sender=sender)


@click.command()
@click.option("--port", type=int, required=True)
@click.option("--data", type=click.Path(path_type=Path), required=True)
@click.option("--jobs-at-once", type=int)
@click.option("--grace", "grace_s", type=float)
@click.option("--callback-retry", "callback_retry_s", type=float)
@click.option("--log-level", default="info")
@click.option("--clusters", "clusters_json", default="{}", help="ServeOptions.clusters, as JSON.")
@click.option("--fault", "word", default="", help="POINT:N, the N-th time; none: a server as any.")
@click.option("--hits", type=click.Path(path_type=Path), required=True)
def main(
    *,
    port: int,
    data: Path,
    jobs_at_once: int | None,
    grace_s: float | None,
    callback_retry_s: float | None,
    log_level: str,
    clusters_json: str,
    word: str,
    hits: Path,
) -> None:
    """Serve until the named instant."""
    name, _, passes = word.partition(":")
    fault = Fault(Point(name) if name else None, int(passes or 1), hits)
    options = ServeOptions(
        port=port,
        data=data,
        jobs_at_once=jobs_at_once,
        grace_s=grace_s,
        callback_retry_s=callback_retry_s,
        log_level=log_level,
        clusters=msgspec.json.decode(clusters_json, type=dict[str, ClusterOptions]),
    )
    sys.exit(run_beside(options, None, make_core=partial(make_faulty_core, fault=fault)))


if __name__ == "__main__":
    main()
