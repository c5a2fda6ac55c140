"""What users write arrives at sbatch, bsub and qsub as whole words, or is refused; and what is run is what they wrote.

The programs are played: they write down what they are given, and answer as the real ones do.
"""

import os
import random
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from tests.executors.batch.hard_words import any_word
from tests.executors.batch.shells import as_bytes, variables_of
from tests.faults.counts import dice, rounds

from headway.app.system import SystemClock, SystemIds
from headway.core.model.names import tag_of
from headway.core.model.spec import Attributes, Spec
from headway.core.ports.executor import Launch
from headway.executors.batch.dialect import Dialect
from headway.executors.batch.executor import BatchExecutor
from headway.executors.batch.here import Here
from headway.executors.batch.place import JOB, Places
from headway.executors.lsf.dialect import LsfDialect
from headway.executors.pbs.dialect import PbsDialect
from headway.executors.sge.dialect import SgeDialect
from headway.executors.slurm.dialect import SlurmDialect

pytestmark = [pytest.mark.anyio, pytest.mark.soak]

_AT_ONCE: Final = 50
_RECORDS: Final = """\
#!/bin/sh
d=$(mktemp -d {place}/XXXXXXXX) || exit 1
printf '%s\\0' "$@" >"$d/argv"
cat >"$d/stdin"
echo "{answer}"
"""
#: Tells how many words it has, these, and its variables, each with a NUL behind it.
_TELL: Final = (r'printf "%s\0" $# "$@"; exec env -0', "sh")


class Played(NamedTuple):
    """A scheduler whose submitting program only writes down what it is given.

    Attributes:
        dialect: its words; ``answer`` what the program says, ``$$`` being an id.
        queue: what stands before a queue, as a word of its own or, with a "=", at the beginning of one; ``account`` and
            ``native``, of the scheduler's own ``option``, likewise.
    """

    dialect: Dialect
    program: str
    answer: str
    queue: str
    account: str
    native: str
    option: str


_LSF: Final = ("bsub", "Job <$$> is submitted to queue <q>.", "-q", "-P", "-app", "app")
PLAYED: Final[Mapping[str, Played]] = {
    "slurm": Played(
        SlurmDialect(), "sbatch", "$$", "--partition=", "--account=", "--constraint=", "constraint"
    ),
    "ibm": Played(LsfDialect(flavour="ibm"), *_LSF),
    "classic": Played(LsfDialect(flavour="classic"), *_LSF),
    "pbs": Played(PbsDialect(user="me"), "qsub", "$$.server", "-q", "-A", "-P", "P"),
    "sge": Played(SgeDialect(), "qsub", "$$", "-q", "-P", "-M", "M"),
}


@pytest.mark.parametrize("name", PLAYED)
async def test_any_words_arrive_as_they_are_or_are_refused(name: str, tmp_path: Path) -> None:
    played, choose, ids = PLAYED[name], dice(), SystemIds()
    records, program = tmp_path / "records", tmp_path / played.program
    records.mkdir()
    program.write_text(_RECORDS.format(place=records, answer=played.answer))
    program.chmod(0o755)
    places = Places(str(tmp_path / "cluster"))
    executor = BatchExecutor(
        dialect=played.dialect,
        transport=Here({played.program: str(program)}, {"PATH": os.defpath}),
        clock=SystemClock(),
        root=str(tmp_path / "cluster"),
        jobs_at_once=100_000,
        defaults={},
    )
    total, taken = rounds(2_000), 0
    for _ in range(0, total, _AT_ONCE):
        launches = [
            Launch(
                tag=tag_of(ids.new_job_id(), 1),
                name=any_word(choose),
                spec=_any_spec(played, choose),
            )
            for _ in range(_AT_ONCE)
        ]
        refused = {one.tag for one in await executor.submit(launches)}
        accepted = [launch for launch in launches if launch.tag not in refused]
        given = list(_given(records))
        assert len(given) == len(accepted)
        for launch in accepted:
            mark = played.dialect.mark(launch.tag)
            [argv] = [words for words in given if any(mark in word for word in words)]
            _check_argv(argv, played, launch.spec)
            _check_job(Path(places.file(launch.tag, JOB)), launch.spec)
        taken += len(accepted)
    await executor.close()
    assert 0 < taken < total


def _any_spec(played: Played, choose: random.Random) -> Spec:
    """Give a job with words of any kind in all places; some cannot be given to a scheduler."""

    def sometimes() -> str | None:
        return any_word(choose) if choose.random() < 0.3 else None

    native = sometimes()
    option = f"{played.dialect.name}.{played.option}"
    return Spec(
        command=("sh", "-c", *_TELL, *(any_word(choose) for _ in range(choose.randint(0, 5)))),
        environment={f"OWN_{n}": any_word(choose) for n in range(choose.randint(0, 3))},
        attributes=Attributes(
            queue_name=sometimes(),
            account=sometimes(),
            custom_attributes={} if native is None else {option: native},
        ),
    )


def _given(records: Path) -> Iterator[list[str]]:
    """Give what the program was given since, each time, and forget it."""
    for place in list(records.iterdir()):
        argv = (place / "argv").read_bytes()[:-1]
        shutil.rmtree(place)
        yield argv.decode("utf-8", "surrogateescape").split("\0")


def _check_argv(argv: Sequence[str], played: Played, spec: Spec) -> None:
    """See that what the user wrote stands there whole, behind its option, and makes no further words."""
    asked = {
        played.queue: spec.attributes.queue_name,
        played.account: spec.attributes.account,
        played.native: next(iter(spec.attributes.custom_attributes.values()), None),
    }
    for option, value in asked.items():
        if value and option.endswith("="):
            assert f"{option}{value}" in argv
        elif value:
            assert argv[argv.index(option) + 1] == value
    assert not [word for word in argv if set(word) & set("\0\n\r")]


def _check_job(file: Path, spec: Spec) -> None:
    """See that what is run has the user's words and variables, by running it."""
    ran = subprocess.run(
        ["/bin/sh", str(file)],
        env={"PATH": os.defpath, "HEADWAY_PLACE": str(file.parent)},
        capture_output=True,
        check=True,
    )
    count, rest = ran.stdout.split(b"\0", 1)
    *words, variables = rest.split(b"\0", int(count))
    assert words == [*map(as_bytes, spec.command[4:])]
    found = variables_of(variables)
    assert {name: found[as_bytes(name)] for name in spec.environment} == {
        name: as_bytes(value) for name, value in spec.environment.items()
    }
