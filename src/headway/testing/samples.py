"""Values for tests: short to write, and whole where a store could lose something."""

from datetime import datetime, timedelta
from typing import Final

from headway.core.model.event import Event, EventType
from headway.core.model.function import Function
from headway.core.model.job import Attempt, CancelRequest, Job, JobError, Kind, Origin, Usage
from headway.core.model.names import Cluster, JobId, NativeId, WorkerId
from headway.core.model.selection import Visibility
from headway.core.model.spec import Attributes, Resources, Spec
from headway.core.model.state import Reason, State
from headway.core.model.worker import Report
from headway.lib.ids import uuid7
from headway.testing.fakes import NOON

ALL: Final = Visibility(everything=True)
LOCAL: Final = Cluster("local")


def job_id(number: int) -> JobId:
    """Make an id; a higher number makes a later one."""
    return JobId(uuid7(time_ns=number * 1_000_000, random_bits=number))


def a_job(number: int = 1, **fields: object) -> Job:
    """Make a new job that only reports."""
    plain: dict[str, object] = {"kind": Kind.REPORT, "protocol": "rest", "owner": "ada"}
    return Job(**{"id": job_id(number), "created": NOON, "updated": NOON} | plain | fields)  # type: ignore[arg-type]


def a_command(number: int = 1, **fields: object) -> Job:
    """Make a new job to be run on the local cluster."""
    plain: dict[str, object] = {"kind": Kind.COMMAND, "cluster": LOCAL}
    return a_job(number, **plain | {"spec": Spec(command=("true",))} | fields)


def a_full_job(number: int = 1, *, parent: JobId | None = None) -> Job:
    """Make a job with a value in every field that a store could lose."""
    later = NOON + timedelta(days=3, microseconds=1)
    return Job(
        id=job_id(number),
        kind=Kind.SCRIPT,
        protocol="progress",
        owner="grace",
        project="apollo",
        parent=parent,
        index=7,
        name="night run ☂ %_\\",
        spec=Spec(
            command=("sh", "-c", 'echo "a b" \x00'),
            function=Function(pickled=b"\x80\x00\xff", signature="0f", rerun=2),
            directory="/data/ü",
            environment={"B": "2", "A": "1"},
            inherit_environment=False,
            stdin_path="/dev/null",
            resources=Resources(node_count=2, exclusive_node_use=True, memory=1 << 40),
            attributes=Attributes(duration=1.5, queue_name="q", custom_attributes={"x": "y"}),
            native={"deep": [1, {"er": None}]},
        ),
        state=State.FAILED,
        reason=Reason.SIGNAL,
        status_text="nearly\nthere",
        cancel=CancelRequest(by="ada", at=later, reason=Reason.BY_ADMIN),
        exit_code=3,
        signal=9,
        error=JobError(type="Oops", message="it broke", traceback="line 1"),
        inputs={"n": 1, "big": 1 << 70},
        outputs={"list": [1.5, "two", None]},
        result={"answer": 42},
        extra={"free": True},
        labels=("campaign-3", "b", "☂"),
        url="https://example.org/x?y=z",
        cluster=LOCAL,
        attempt=2,
        native_id=NativeId("1234"),
        worker_count=20,
        max_age_s=3600.5,
        will_finish=True,
        origin=Origin(job=job_id(99), how="clone"),
        created=NOON,
        queued=NOON + timedelta(seconds=1),
        started=NOON + timedelta(seconds=2),
        ended=later,
        updated=later,
        usage=Usage(cpu_s=1.25, max_memory_bytes=1 << 33, wall_s=2.5),
        expires=later,
        hidden=later,
    )


def a_report(worker: str = "w1", current: float = 1.0, **fields: object) -> Report:
    """Make a worker's report, of noon unless said otherwise."""
    return Report(**{"worker": WorkerId(worker), "current": current, "at": NOON} | fields)  # type: ignore[arg-type]


def an_event(
    job: JobId | None, kind: EventType = EventType.ACCEPTED, *, time: datetime = NOON
) -> Event:
    """Make an event."""
    return Event(job=job, time=time, type=kind, actor="ada", protocol="rest", data={"k": [1]})


def an_attempt(job: JobId, no: int = 1, **fields: object) -> Attempt:
    """Make an attempt on the local cluster."""
    return Attempt(**{"job": job, "no": no, "cluster": LOCAL} | fields)  # type: ignore[arg-type]
