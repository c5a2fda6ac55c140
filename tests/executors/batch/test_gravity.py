"""Which jobs wait in vain."""

import pytest

from headway.core.model.names import NativeId
from headway.core.model.state import Reason, State
from headway.executors.batch.gravity import judged
from headway.executors.batch.native import NativeJob


def a_row(why: str, *, reason: Reason | None = None, state: State = State.QUEUED) -> NativeJob:
    return NativeJob(id=NativeId("7"), state=state, reason=reason, word="PD", why=why)


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("slurm", "BadConstraints"),
        ("slurm", "PartitionNodeLimit"),
        ("slurm", "DependencyNeverSatisfied"),
        ("slurm", "DependencyNeverSatisfied,JobHeldUser"),
        ("slurm", "AssocMaxWallDurationPerJobLimit"),
        ("pbs", "Can Never Run: Insufficient amount of resource: ncpus (R: 900 A: 4 T: 4)"),
        ("lsf", "Dependency condition invalid or never satisfied"),
        (
            "sge",
            "Grid Engine could not start it and holds it until its owner clears the error: no such directory",
        ),
    ],
)
def test_what_no_waiting_helps_is_said_to_be_so(kind: str, why: str) -> None:
    [row] = judged([a_row(why, reason=Reason.HELD)], kind)
    assert row.reason is Reason.CANNOT_START


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        ("slurm", a_row("Resources")),
        ("slurm", a_row("PartitionDown")),
        ("slurm", a_row("JobHeldUser", reason=Reason.HELD)),
        ("slurm", a_row("JobHeldAdmin", reason=Reason.HELD)),
        ("slurm", a_row("Dependency", reason=Reason.DEPENDENCY)),
        ("slurm", a_row("BadConstraints", state=State.RUNNING)),
        ("slurm", a_row("")),
        ("elsewhere", a_row("BadConstraints")),
    ],
)
def test_what_may_start_or_is_held_on_purpose_stays_as_it_was_told(
    kind: str, row: NativeJob
) -> None:
    assert judged([row], kind)[0] is row
