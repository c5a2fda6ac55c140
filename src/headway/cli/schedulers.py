"""What ``headway doctor`` says of the schedulers of this machine."""

import asyncio
from collections.abc import Iterator, Mapping

from headway.app.probing import probe_schedulers
from headway.cli.checks import OK, WARNING, Check
from headway.executors.batch.probe import Probed
from headway.views.clean import clean
from headway.views.scheduler_hints import SCHEDULERS
from headway.views.words import count


def scheduler_checks() -> Iterator[Check]:
    """Ask each scheduler whose programs are here; takes as long as they do, and seconds where one hangs."""
    yield from checks_of(asyncio.run(probe_schedulers()))


def checks_of(schedulers: Mapping[str, Probed]) -> Iterator[Check]:
    """Say what was seen of each."""
    seen = {kind: probed for kind, probed in schedulers.items() if any(probed.programs.values())}
    if not seen:
        names = ", ".join(SCHEDULERS.get(kind, kind) for kind in schedulers)
        yield Check("schedulers", OK, f"none is on PATH here (looked for {names})")
    for kind, probed in seen.items():
        yield _check(kind, probed)


def _check(kind: str, probed: Probed) -> Check:
    name = f"scheduler {clean(kind)}"
    called = SCHEDULERS.get(kind, clean(kind))
    if probed.stranger:
        return Check(name, OK, f"not here: {clean(probed.stranger)}")
    said = " ".join(each for each in (called, clean(probed.version)) if each)
    if probed.trouble:
        return Check(name, WARNING, f"{said} does not answer: {clean(probed.trouble)}")
    where = next(path for path in probed.programs.values() if path is not None)
    jobs = "" if probed.jobs is None else f", lists {count(probed.jobs, 'job')} of yours"
    words = f"{said} ({where.rpartition('/')[0]}){jobs}"
    absent = [program for program, path in probed.programs.items() if path is None]
    if absent:
        return Check(name, WARNING, f"{words}; not on PATH: {', '.join(absent)}")
    return Check(name, OK, words)
