"""sbatch, squeue, scancel and sacct over one small file, whose scripts really run, and which lie when they are told to.

    python3 -I -S fake_slurm.py PLACE PROGRAM ARGUMENTS…

PLACE holds ``state`` (the jobs), ``mood`` (how often each program lies, and how), ``lies`` (a line for each one told),
``cancelled`` (the ids that scancel was given) and ``columns`` (the headers of squeue's columns). A scheduler's own words and
exit codes are those of Slurm 22.05.
"""

import contextlib
import fcntl
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

Job = dict[str, Any]

_FOR_EVER_S: Final = 1_000
_HALF: Final = 0.5
_HUGE_BYTES: Final = 10_000_000
_GRACE_S: Final = 2.0
_MOST_LATE_S: Final = 1.5
_FINAL: Final = ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "OUT_OF_MEMORY")
_ODD_WORDS: Final = ("DREAMING", "", "COMPLETED?", "PENDING RUNNING", "\u00fcberlastet")


class Place:
    """The scheduler's memory."""

    def __init__(self, path: str) -> None:
        self.path = Path(path)

    @contextlib.contextmanager
    def state(self) -> Iterator[dict[str, Any]]:
        """Have the state alone, and keep what was changed of it."""
        with (self.path / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            file = self.path / "state"
            state = json.loads(file.read_text())
            yield state
            draft = self.path / "state.draft"
            draft.write_text(json.dumps(state))
            draft.rename(file)

    def mood(self) -> dict[str, Any]:
        """Give what was told about lies."""
        told: dict[str, Any] = json.loads((self.path / "mood").read_text())
        return told

    def note(self, file: str, line: str) -> None:
        """Add a line."""
        with (self.path / file).open("a") as notes:
            notes.write(f"{line}\n")

    def lie(self, program: str) -> tuple[str, random.Random]:
        """Throw the dice: which lie it is this time, "" for the truth."""
        with self.state() as state:
            state["calls"] += 1
            dice = random.Random(f"{state['seed']}:{state['calls']}")
        own = self.mood().get(program, {"chance": 0, "kinds": []})
        kind = dice.choice(own["kinds"]) if dice.random() < own["chance"] else ""
        if kind:
            self.note("lies", f"{program} {kind}")
        return kind, dice


def now_s() -> int:
    """Give the time."""
    return int(time.time())  # noqa: TID251 -- a program of its own


def option(arguments: Sequence[str], name: str, other: str = "") -> str:
    """Give an option's value; the last one counts."""
    values = [word[len(name) + 3 :] for word in arguments if word.startswith(f"--{name}=")]
    return values[-1] if values else other


def sbatch(place: Place, arguments: Sequence[str]) -> int:
    """Take the script that is read."""
    kind, dice = place.lie("sbatch")
    script = sys.stdin.read()
    if kind in {"hang before", "die before"}:
        return end_as(kind)
    if kind.startswith("late"):
        after_s = dice.random() * _MOST_LATE_S
        in_background(partial(take_late, place, arguments, script, after_s))
        return end_as(kind)
    job_id = in_background(partial(take, place, arguments, script))
    said = {
        "": f"{job_id}\n",
        "half": f"{job_id}"[: dice.randint(0, len(job_id))],
        "nothing": "",
        "other words": f"Submitted batch job {job_id}\nhave a nice day\n",
        "many ids": f"{job_id}\n{int(job_id) + 1}\n",
    }.get(kind)
    if said is not None:
        sys.stdout.write(said)
        return 0
    if kind == "timed out":
        sys.stderr.write(
            "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation\n"
        )
        return 1
    if kind == "silent no":
        return dice.randint(1, 255)
    return end_as(kind)


def end_as(kind: str) -> int:
    """Hang until somebody makes an end of it, or die."""
    sys.stdout.flush()
    if "hang" in kind:
        subprocess.Popen(["sleep", str(_FOR_EVER_S)])  # a child, which must not outlive the killing
        time.sleep(_FOR_EVER_S)
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def take(place: Place, arguments: Sequence[str], script: str, tell: Callable[[str], None]) -> None:
    """Put a job into the queue, tell its id, and run it."""
    hold = "--hold" in arguments or place.mood().get("hold", False)
    with place.state() as state:
        job_id = str(state["next"])
        state["next"] += 1
        state["jobs"][job_id] = {
            "id": job_id,
            "comment": option(arguments, "comment"),
            "name": option(arguments, "job-name", "sbatch"),
            "output": option(arguments, "output", "/dev/null"),
            "directory": option(arguments, "chdir", "/"),
            "script": script,
            "state": "PENDING",
            "exit": 0,
            "submitted": now_s(),
            "why": "JobHeldUser" if hold else "None",
        }
    tell(job_id)
    if not hold:
        run(place, job_id)


def take_late(
    place: Place,
    arguments: Sequence[str],
    script: str,
    after_s: float,
    tell: Callable[[str], None],
) -> None:
    """Take a script when whoever sent it has long given up."""
    tell("")
    time.sleep(after_s)
    take(place, arguments, script, lambda _: None)


def in_background(work: Callable[[Callable[[str], None]], None]) -> str:
    """Do something in a process that nobody who gives this one up can find; gives the one word that it tells."""
    sys.stdout.flush()
    reads, writes = os.pipe()
    if os.fork():
        os.close(writes)
        return os.read(reads, 100).decode()
    os.setsid()
    if os.fork():
        os._exit(0)
    os.setsid()
    nothing = os.open("/dev/null", os.O_RDWR)
    for number in range(3):
        os.dup2(nothing, number)

    def tell(word: str) -> None:
        with contextlib.suppress(BrokenPipeError):
            os.write(writes, word.encode())
        os.close(writes)

    work(tell)
    os._exit(0)


def run(place: Place, job_id: str) -> None:
    """Run a job's script to its end, and keep how it ended."""
    with place.state() as state:
        job = state["jobs"].get(job_id)
        if job is None or job["state"] != "PENDING":
            return
        script, output = job["script"], job["output"]
        environment = {**os.environ, "SLURM_JOB_ID": job_id}  # noqa: TID251 -- as sbatch does
        copy = place.path / f"script-{job_id}"
        copy.write_text(script)
        with Path(output).open("ab") as out:
            process = subprocess.Popen(
                ["sh", copy],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=job["directory"],
                env=environment,
                start_new_session=True,
            )
        job |= {
            "state": "RUNNING",
            "start": now_s(),
            "pid": process.pid,
            "host": "n1",
            "why": "None",
        }
    _, status = os.waitpid(process.pid, 0)
    with place.state() as state:
        # What the id stands for by now may be another's.
        job = state["jobs"].get(job_id, {})
        if job.get("pid") == process.pid:
            word = "FAILED" if status else "COMPLETED"
            if job.get("ending"):
                word, status = "CANCELLED", 0
            job |= {"state": word, "exit": status, "end": now_s()}
            job["why"] = "NonZeroExitCode" if word == "FAILED" else "None"


def release(place: Place, _: Sequence[str]) -> int:
    """Let all held jobs run."""
    with place.state() as state:
        held = [job["id"] for job in state["jobs"].values() if job["why"] == "JobHeldUser"]
    for job_id in held:
        in_background(partial(released, place, job_id))
    return 0


def released(place: Place, job_id: str, tell: Callable[[str], None]) -> None:
    """Run a job that waited."""
    tell("")
    run(place, job_id)


def squeue(place: Place, arguments: Sequence[str]) -> int:
    """List jobs: all, or some."""
    if "--version" in arguments:
        sys.stdout.write("slurm 22.05.8\n")
        return 0
    kind, dice = place.lie("squeue")
    with place.state() as state:
        rows = list(state["jobs"].values())
    if chosen := option(arguments, "jobs"):
        rows = [row for row in rows if row["id"] in chosen.split(",")]
        if not rows and not kind:
            sys.stderr.write("slurm_load_jobs error: Invalid job id specified\n")
            return 1
    fields = [field.split(":0", 1) for field in option(arguments, "Format").split(",")]
    headers = json.loads((place.path / "columns").read_text())
    header = "".join(headers[name] + gap for name, gap in fields)
    rows = untrue(rows, kind, dice)
    lines = ["".join(squeue_cell(row, name) + gap for name, gap in fields) for row in rows]
    return answer("\n".join([header, *lines]) + "\n", kind, dice)


def squeue_cell(job: Job, name: str) -> str:
    """Give what squeue shows of a job in a column."""
    cells = {
        "ArrayJobID": job["id"],
        "ArrayTaskID": "N/A",
        "JobID": job["id"],
        "State": job["state"],
        "exit_code": str(job["exit"]),
        "RestartCnt": "0",
        "SubmitTime": str(job["submitted"]),
        "StartTime": str(job.get("start", "N/A")),
        "EndTime": str(job.get("end", "N/A")),
        "UserName": "user",
        "Partition": "batch",
        "Account": "(null)",
        "NodeList": job.get("host", ""),
        "TimeLimit": "1:00",
        "tres-alloc": "cpu=1",
        "Comment": job["comment"] or "(null)",
        "Name": job["name"],
        "WorkDir": job["directory"],
        "STDOUT": job["output"],
        "Reason": job["why"],
    }
    return str(cells[name])


def sacct(place: Place, arguments: Sequence[str]) -> int:
    """Tell of jobs that were asked for by their ids."""
    kind, dice = place.lie("sacct")
    if not place.mood().get("accounting", False) and not kind:
        sys.stderr.write("Slurm accounting storage is disabled\n")
        return 1
    asked = option(arguments, "jobs").split(",")
    with place.state() as state:
        rows = [row for row in state["jobs"].values() if row["id"] in asked]
    gap, fields = option(arguments, "delimiter"), option(arguments, "format").split(",")
    rows = untrue(rows, kind, dice)
    lines = ["".join(sacct_cell(row, name) + gap for name in fields) for row in rows]
    return answer("\n".join(["".join(name + gap for name in fields), *lines]) + "\n", kind, dice)


def sacct_cell(job: Job, name: str) -> str:
    """Give what sacct shows of a job in a field."""
    code, number = job["exit"] >> 8, job["exit"] & 0x7F
    cells = {
        "JobID": job["id"],
        "State": job["state"],
        "ExitCode": f"{code}:{number}",
        "Submit": str(job["submitted"]),
        "Start": str(job.get("start", "Unknown")),
        "End": str(job.get("end", "Unknown")),
        "NodeList": job.get("host", "None assigned"),
        "Comment": job["comment"],
        "JobName": job["name"],
        "Reason": job["why"],
    }
    return str(cells.get(name, ""))


def untrue(rows: list[Job], kind: str, dice: random.Random) -> list[Job]:
    """Change what is told of jobs."""
    ended = [row | {"state": dice.choice(_FINAL), "end": 1} for row in rows]
    alive = {"state": dice.choice(["RUNNING", "PENDING", "COMPLETING"])}
    told = {
        "unknown words": [row | {"state": dice.choice(_ODD_WORDS)} for row in rows],
        "ids twice": [*(row | {"comment": ""} for row in ended), *rows, *rows],
        "marks twice": [*(row | {"id": f"9{row['id']}"} for row in ended), *rows],
        "strangers": [row | {"comment": "not yours"} for row in ended],
        "alive again": [row | alive if row["state"] in _FINAL else row for row in rows],
        "rows gone": [row for row in rows if dice.random() < _HALF],
        "none": [],
    }
    return told.get(kind, rows)


def answer(text: str, kind: str, dice: random.Random) -> int:
    """Print an answer, or what a lie makes of it; gives the exit code."""
    raw = text.encode()
    if kind in {"hang", "die"}:
        return end_as(kind)
    if kind == "half then hang":
        sys.stdout.buffer.write(raw[: dice.randint(0, len(raw) - 1)])
        return end_as("hang")
    if kind == "odd bytes":
        at = dice.randint(0, len(raw))
        raw = raw[:at] + bytes(dice.randint(128, 255) for _ in range(20)) + raw[at:]
    if kind == "half":
        raw = raw[: dice.randint(0, len(raw) - 1)]
    if kind == "nothing":
        raw = b""
    if kind == "huge":
        raw = raw + b"x" * _HUGE_BYTES
    if kind == "other words":
        raw = b"Last login: never\n" + raw
    sys.stdout.buffer.write(raw)
    if kind == "any code":
        sys.stdout.buffer.flush()
        return dice.randint(1, 255)
    return 0


def scancel(place: Place, arguments: Sequence[str]) -> int:
    """End jobs; nothing is said of those that are not there."""
    kind, dice = place.lie("scancel")
    ids = [word for word in arguments if not word.startswith("-")]
    pids: list[int] = []
    with place.state() as state:
        for job_id in ids:
            job = state["jobs"].get(job_id, {"state": "COMPLETED", "comment": ""})
            place.note("cancelled", f"{job_id} {job['comment']}")
            if job["state"] == "PENDING":
                job |= {"state": "CANCELLED", "end": now_s(), "why": "None"}
            elif job["state"] == "RUNNING":
                job["ending"] = True
                pids += [job["pid"]] if "pid" in job else []
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGTERM)
        in_background(partial(kill_late, pid))
    return answer("", kind, dice) if kind else 0


def kill_late(pid: int, tell: Callable[[str], None]) -> None:
    """End a job that does not heed a polite word."""
    tell("")
    time.sleep(_GRACE_S)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def scontrol(place: Place, arguments: Sequence[str]) -> int:
    """Show a job."""
    with place.state() as state:
        job = state["jobs"].get(arguments[-1])
    sys.stdout.write(f"JobId={job['id']} JobState={job['state']}\n" if job else "")
    return 0 if job else 1


PROGRAMS: Final = {
    "sbatch": sbatch,
    "squeue": squeue,
    "scancel": scancel,
    "scontrol": scontrol,
    "sacct": sacct,
    "release": release,
}

if __name__ == "__main__":
    CODE = PROGRAMS[sys.argv[2]](Place(sys.argv[1]), sys.argv[3:])
    sys.stdout.flush()
    sys.exit(CODE)
