"""The schedulers that jobs run on as their owners: how a server is told of each, and what a user can do beside it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec
from tests.doubles.programs import CLASSIC, double_programs
from tests.rigs.sge import GridEngine
from tests.rigs.slurm import Slurm

from headway.executors.batch.dialect import Dialect
from headway.executors.lsf.dialect import LsfDialect
from headway.executors.pbs.dialect import PbsDialect
from headway.executors.sge.dialect import SgeDialect
from headway.executors.slurm.dialect import SlurmDialect

_WITH_SCRIPT: Final = 's=$(mktemp) && echo "exit 3" >"$s" && "$@" "$s"; c=$?; rm "$s"; exit $c'


class Cluster(msgspec.Struct, frozen=True, kw_only=True):
    """A scheduler that runs, and its words.

    Attributes:
        kind: its executor.
        environment: what its programs need, which are at ``programs`` or on PATH.
        held: what has a job held, among its custom attributes; ``release`` lets the one with an id go.
        forging: gives a command that submits a job which fails, with another job's mark.
    """

    kind: str
    environment: Mapping[str, str]
    programs: Mapping[str, str] = msgspec.field(default_factory=dict)
    dialect: Dialect
    held: str
    release: Callable[[str], object]
    forging: Callable[[str], Sequence[str]]


def slurm_cluster(rig: Slurm) -> Cluster:
    """Give Slurm itself."""
    return Cluster(
        kind="slurm",
        environment=rig.environment,
        dialect=SlurmDialect(),
        held="slurm.hold",
        release=lambda native_id: rig.ask("scontrol", "release", native_id),
        forging=lambda mark: (
            *("sbatch", "--parsable", "--output=/dev/null"),
            *(f"--comment={mark}", "--wrap=exit 3"),
        ),
    )


def lsf_cluster(rig: Slurm, *, is_classic: bool) -> Cluster:
    """Give LSF's commands, played on Slurm."""
    programs = double_programs("lsf")

    def forging(mark: str) -> Sequence[str]:
        marked = ("-J", f"{mark}__x") if is_classic else ("-J", "x", "-Jd", mark)
        return (programs["bsub"], *marked, "exit 3")

    return Cluster(
        kind="lsf",
        environment={**rig.environment, **(CLASSIC if is_classic else {})},
        programs=programs,
        dialect=LsfDialect(),
        held="lsf.H",
        release=lambda native_id: rig.ask("scontrol", "release", native_id),
        forging=forging,
    )


def pbs_cluster(rig: Slurm) -> Cluster:
    """Give PBS's commands, played on Slurm."""
    programs = double_programs("pbs")
    return Cluster(
        kind="pbs",
        environment=rig.environment,
        programs=programs,
        dialect=PbsDialect(),
        held="pbs.h",
        release=lambda native_id: rig.ask("scontrol", "release", native_id.partition(".")[0]),
        forging=lambda mark: (
            *("sh", "-c", _WITH_SCRIPT, "sh", programs["qsub"]),
            *("-l", "select=1", "-N", "x", "-v", f"HEADWAY_MARK={mark}"),
        ),
    )


def grid_engine_cluster(rig: GridEngine) -> Cluster:
    """Give Grid Engine itself."""
    return Cluster(
        kind="sge",
        environment=rig.environment,
        dialect=SgeDialect(),
        held="sge.h",
        release=lambda native_id: rig.ask("qrls", native_id),
        forging=lambda mark: (
            *("qsub", "-terse", "-j", "y", "-o", "/dev/null"),
            *("-b", "y", "-N", f"x.{mark}", "/bin/false"),
        ),
    )
