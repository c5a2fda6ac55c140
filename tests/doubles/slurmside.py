# ruff: noqa: TID251 -- what programs are made of, which read their environment
"""What stands behind the doubles: a real Slurm, asked by its own commands. Standard library only, as the doubles run by themselves.

A double keeps nothing of its own. What its scheduler would know of a job and Slurm does not, it puts into the job's comment.
"""

import base64
import json
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Final

_FIELD: Final = re.compile(
    r"(?:^| )([A-Za-z][A-Za-z0-9/:_]*)=((?:(?! [A-Za-z][A-Za-z0-9/:_]*=).)*)"
)
#: What tells a double's jobs from others.
DOUBLE: Final = "headway-test"
_AWAY: Final = ("Unable to contact slurm controller", "Connection refused", "Socket timed out")
_ENDED: Final = frozenset(
    {
        "COMPLETED",
        "FAILED",
        "CANCELLED",
        "TIMEOUT",
        "OUT_OF_MEMORY",
        "NODE_FAIL",
        "BOOT_FAIL",
        "DEADLINE",
        "PREEMPTED",
    }
)


class Away(Exception):
    """Slurm's controller does not answer."""


class Refused(Exception):
    """Slurm said no; the message has its words."""


class Job(SimpleNamespace):
    """A job, or one element of an array. No dataclass: importing those is a quarter of a command's time.

    Attributes:
        number: the job's, or the whole array's.
        index: an element's, as the scheduler of the double counts.
        told: what the double kept of it.
    """

    number: int
    index: int | None
    state: str
    reason: str
    exit_code: int
    signal: int
    owner: str
    partition: str
    host: str
    submitted: int | None
    started: int | None
    ended: int | None
    limit: str
    cpus: str
    dependency: str
    told: Mapping[str, str]

    @property
    def is_over(self) -> bool:
        return self.state in _ENDED

    @property
    def is_held(self) -> bool:
        return self.state == "PENDING" and self.reason.startswith("JobHeld")


def submit(script: str, options: Sequence[str], told: Mapping[str, str]) -> int:
    """Submit a script; gives its number."""
    packed = base64.urlsafe_b64encode(json.dumps({**told, "double": DOUBLE}).encode()).decode()
    argv = ["sbatch", "--parsable", "--output=/dev/null", f"--comment={packed}", *options]
    return int(_run(argv, script).partition(";")[0])


def cancel(number: int, index: int | None) -> None:
    """End a job, or one element."""
    _run(["scancel", str(number) if index is None else f"{number}_{index}"])


def jobs(owner: str = "") -> list[Job]:
    """Give all jobs of a user, this one by itself, that Slurm remembers and a double has submitted, in the order of their numbers."""
    found = []
    for line in _run(["scontrol", "--oneliner", "show", "job"]).splitlines():
        fields = {name: value.strip() for name, value in _FIELD.findall(line)}
        if "JobId" in fields and _is_of(fields["UserId"], owner):
            found += _jobs(fields)
    return sorted(found, key=lambda job: (job.number, job.index or 0))


def _is_of(user: str, owner: str) -> bool:
    return user.startswith(f"{owner}(") if owner else f"({os.getuid()})" in user


def selected(wanted: Sequence[tuple[int, int | None]]) -> dict[tuple[int, int | None], list[Job]]:
    """Give the jobs that each (number, index) names; an array's number names all its elements."""
    every = jobs()
    return {
        (number, index): [
            job for job in every if job.number == number and index in {None, job.index}
        ]
        for number, index in wanted
    }


def _jobs(fields: Mapping[str, str]) -> list[Job]:
    try:
        told = json.loads(base64.urlsafe_b64decode(fields.get("Comment", "")))
    except ValueError:
        return []
    if told.get("double") != DOUBLE:
        return []
    code, _, signal = fields["ExitCode"].partition(":")
    number = int(fields.get("ArrayJobId", fields["JobId"]))
    tasks = fields.get("ArrayTaskId", "").partition("%")[0]
    indices: list[int | None] = [*_indices(tasks)] if tasks else [None]
    return [
        Job(
            number=number,
            index=index,
            state=fields["JobState"],
            reason=fields["Reason"],
            exit_code=int(code),
            signal=int(signal),
            owner=fields["UserId"].partition("(")[0],
            partition=fields["Partition"],
            host=fields.get("BatchHost", ""),
            submitted=_moment(fields["SubmitTime"]),
            started=_moment(fields["StartTime"]) if fields.get("BatchHost") else None,
            ended=_moment(fields["EndTime"]),
            limit=fields["TimeLimit"],
            cpus=fields["NumCPUs"],
            dependency=fields["Dependency"],
            told=told,
        )
        for index in indices
    ]


def _indices(text: str) -> list[int]:
    found: list[int] = []
    for part in text.split(","):
        ends, _, step = part.partition(":")
        first, _, last = ends.partition("-")
        found += range(int(first), int(last or first) + 1, int(step or 1))
    return found


def _moment(text: str) -> int | None:
    return int(text) if text.isdecimal() else None


def _run(argv: Sequence[str], stdin: str = "") -> str:
    ran = subprocess.run(
        argv,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        env=None if argv[0] == "sbatch" else {**os.environ, "SLURM_TIME_FORMAT": "%s"},
    )
    if ran.returncode == 0:
        return ran.stdout
    if any(each in ran.stderr for each in _AWAY):
        raise Away(ran.stderr)
    raise Refused(ran.stderr.strip())
