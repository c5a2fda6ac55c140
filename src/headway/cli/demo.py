"""``headway demo``."""

import asyncio
import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from headway.cli.demonstration.play import Play, Verdict
from headway.cli.failures import INTERRUPTED, OK
from headway.cli.server import examples


@click.command(epilog=examples("headway demo", "headway demo --exit", "headway demo --port 0"))
@click.option("--exit", "ends", is_flag=True, help="End when the examples have ended.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=9998,
    show_default=True,
    help="0 takes a free one.",
)
@click.option(
    "--data", type=click.Path(path_type=Path), help="Keep the data here instead of dropping it."
)
def demo(*, ends: bool, port: int, data: Path | None) -> None:
    """Start a server that shows some real work.

    Twenty workers report their progress, a batch of shell jobs runs, of which one fails and one is
    cancelled, and a Python script's tqdm loop shows as a bar. Everything is cancelled and removed at the end.
    With --exit the exit status is 0 only if each example ended as it should.
    """
    with _directory(data) as place:
        code = _play(place, port=port, ends=ends)
    if not ends and code in {OK, INTERRUPTED}:
        kept = f"its data stays in {data}" if data is not None else "its data is removed"
        _tell(f"\nThe demonstration is over: its jobs have ended, its server too; {kept}.")
    sys.exit(code)


def _play(data: Path, *, port: int, ends: bool) -> int:
    from headway.app.options import ServeOptions
    from headway.app.serve import run_beside

    verdicts: list[Verdict] = []

    async def beside(url: str, _core: object) -> None:
        play = Play(url, jobid=f"demo-{os.getpid()}", tell=_tell)
        _tell(f"Headway serves {url} -- open it in a browser. Ctrl-C ends the demonstration.")
        try:
            await asyncio.to_thread(play.start)
            _tell("")
            verdicts.extend(await asyncio.to_thread(play.watch))
            _report(verdicts)
            if not ends:
                _tell("\nAll have ended; the server goes on until Ctrl-C.")
                await asyncio.Event().wait()
        finally:
            # Ctrl-C cancels this task once; the clean-up is short and must not be cut off by it.
            await asyncio.shield(asyncio.to_thread(play.stop))

    options = ServeOptions(
        port=port,
        data=data,
        log_level="warning",
        idle_s=1.0,  # nothing is left of the demonstration a second after its end
        settle_s=2.0,
        stalled_floor_s=6.0,
        announce=not ends,
        jobs_at_once=max(6, os.cpu_count() or 1),
    )
    code = run_beside(options, beside)
    if code or not ends:
        return code
    return 0 if verdicts and all(verdict.right for verdict in verdicts) else 1


def _report(verdicts: Sequence[Verdict]) -> None:
    for verdict in verdicts:
        _tell(
            f"  {'as it should' if verdict.right else 'WRONG':<13} {verdict.name}: {verdict.words}"
        )


def _tell(words: str) -> None:
    print(words, flush=True)


@contextlib.contextmanager
def _directory(data: Path | None) -> Iterator[Path]:
    """Give the directory for the data: the one that was asked for, or one that is gone afterwards."""
    if data is not None:
        yield data
        return
    place = Path(tempfile.mkdtemp(prefix="headway-demo-"))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
