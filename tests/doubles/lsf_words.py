"""LSF's words for jobs of Slurm's. Standard library only."""

import json
import time
from collections.abc import Sequence
from typing import Final

from tests.doubles.slurmside import Job

BSUB_USAGE: Final = "Usage: bsub [-h] [-V] [-x] [-r] [-H] [-J job_name] [-o out_file] command"
BJOBS_USAGE: Final = """\
Usage: bjobs [-h] [-V] [-w |-l] [-a] [-d] [-p] [-s] [-r] [-A]
             [-m host_name] [-q queue_name] [-u user_name | -u all]
             [-P project_name] [-N host_spec]
             [-J name_spec] [jobId | "jobId[idxList]" ...]"""
IBM_LSID: Final = """\
IBM Spectrum LSF Standard 10.1.0.0, Jul 08 2016
Copyright International Business Machines Corp. 1992, 2016.
US Government Users Restricted Rights - Use, duplication or disclosure restricted by GSA ADP Schedule Contract with IBM Corp.

My cluster name is double
My master name is login
"""
CLASSIC_LSID: Final = """\
openlava project 2.2, Nov 21 2026

My cluster name is double
My master name is login
"""
_WIDTH: Final = 79
_INDENT: Final = " " * 21
_STAT: Final = {"PENDING": "PEND", "CONFIGURING": "PEND", "SUSPENDED": "USUSP", "COMPLETED": "DONE"}
_TERM: Final = {
    "CANCELLED": "TERM_OWNER: job killed by owner",
    "TIMEOUT": "TERM_RUNLIMIT: job killed after reaching LSF run time limit",
    "OUT_OF_MEMORY": "TERM_MEMLIMIT: job killed after reaching LSF memory usage limit",
    "PREEMPTED": "TERM_PREEMPT: job killed after preemption",
    "NODE_FAIL": "TERM_ZOMBI: job exited while LSF is not available",
}
#: What bhist tells of before an end.
_BEFORE: Final = {
    "CANCELLED": "Signal <KILL> requested by user or administrator <{owner}>;",
    "TIMEOUT": "RUNLIMIT termination action initiated (actpid 1);",
    "OUT_OF_MEMORY": "MEMLIMIT termination action initiated (actpid 1);",
}
_PENDING: Final = {
    "Dependency": "Job dependency condition not satisfied;",
    "DependencyNeverSatisfied": "Dependency condition invalid or never satisfied;",
    "JobHeldUser": "Job was suspended by the user while pending;",
    "Resources": "Job requirements for reserving resource not satisfied;",
    "JobArrayTaskLimit": "The job array has reached its running element limit;",
}


def shown(number: int, index: int | None) -> str:
    return str(number) if index is None else f"{number}[{index}]"


def stat(job: Job) -> str:
    if job.is_held:
        return "PSUSP"
    if job.is_over and job.state != "COMPLETED":
        return "EXIT"
    return _STAT.get(job.state, "RUN")


def exit_code(job: Job) -> int:
    """Give LSF's: a signal's number and 128."""
    return 128 + job.signal if job.signal else job.exit_code


def termination(job: Job) -> str:
    return _TERM.get(job.state, "")


def pending(job: Job) -> str:
    if job.state != "PENDING":
        return ""
    return _PENDING.get(job.reason, "New job is waiting for scheduling;")


def as_json(jobs: Sequence[Job], fields: Sequence[str], missing: Sequence[str]) -> str:
    """Give what ``-json`` prints: all values are texts, and those that are not there are empty."""
    records = [_record(job, fields) for job in jobs]
    records += [{"JOBID": each, "ERROR": f"Job <{each}> is not found"} for each in missing]
    return json.dumps({"COMMAND": "bjobs", "JOBS": len(records), "RECORDS": records}, indent=2)


def _record(job: Job, fields: Sequence[str]) -> dict[str, str]:
    is_exit = stat(job) == "EXIT"
    ran_s = (job.ended or 0) - (job.started or 0) if job.is_over and job.started else 0
    known = {
        "jobid": str(job.number),
        "jobindex": str(job.index or 0),
        "stat": stat(job),
        "user": job.owner,
        "queue": job.partition,
        "job_name": shown_name(job),
        "job_description": job.told["description"],
        "proj_name": job.told["project"],
        "exec_host": job.host,
        "submit_time": _time(job.submitted),
        "start_time": _time(job.started),
        "finish_time": _time(job.ended) + (" L" if job.ended else ""),
        "exit_code": str(exit_code(job)) if is_exit and exit_code(job) else "",
        "exit_reason": termination(job) if is_exit else "",
        "pend_reason": pending(job),
        "cpu_used": "0.0 second(s)",
        "run_time": f"{ran_s} second(s)",
        "max_mem": "",
        "sub_cwd": job.told["directory"],
        "output_file": job.told["output"],
        "nreq_slot": job.cpus,
        "memlimit": "",
        "runtimelimit": "",
    }
    return {field.upper(): known[field] for field in fields}


def shown_name(job: Job) -> str:
    return job.told["name"] + ("" if job.index is None else f"[{job.index}]")


def table(jobs: Sequence[Job]) -> str:
    """Give what ``bjobs -w`` prints."""
    lines = ["JOBID   USER    STAT  QUEUE      FROM_HOST   EXEC_HOST   JOB_NAME   SUBMIT_TIME\n"]
    for job in jobs:
        host = job.host or ("   - " if stat(job) in {"PSUSP", "EXIT"} else "")
        lines.append(
            f"{job.number:<7} {job.owner:<7} {stat(job):<5} {job.partition:<10} {'login':<11} {host:<11} "
            f"{shown_name(job):<10} {_short(job.submitted)}\n"
        )
    return "".join(lines)


def bjobs_long(job: Job) -> str:
    """Give what ``bjobs -l`` prints of a job."""
    head = f"{_head(job)}, Project <{job.told['project']}>, Status <{stat(job)}>, Queue <{job.partition}>"
    lines = ["\n", _folded(f"{head}, Command <{job.told['command']}>"), _submitted(job)]
    if job.started:
        lines.append(
            _event(job.started, f"Started on <{job.host}>, Execution Home </>, Execution CWD </>;")
        )
    lines.append(_ending(job, "."))
    if pending(job):
        lines.append(f" PENDING REASONS:\n {pending(job)}\n")
    lines.append(
        "\n SCHEDULING PARAMETERS:\n"
        "           r15s   r1m  r15m   ut      pg    io   ls    it    tmp    swp    mem\n"
        " loadSched   -     -     -     -       -     -    -     -     -      -      -  \n"
        " loadStop    -     -     -     -       -     -    -     -     -      -      -  \n\n"
    )
    return "".join(lines)


def bhist_long(job: Job) -> str:
    """Give what ``bhist -l`` prints of a job."""
    head = f"{_head(job)}, Project <{job.told['project']}>, Command <{job.told['command']}>"
    lines = ["\n", _folded(head), _submitted(job)]
    if job.started:
        lines.append(_event(job.started, f"Dispatched to <{job.host}>;"))
        lines.append(_event(job.started, "Starting (Pid 1);"))
    if job.state in _BEFORE:
        lines.append(_event(job.ended, _BEFORE[job.state].format(owner=job.owner)))
    lines.append(_ending(job, ";"))
    lines.append(
        "\nSummary of time in seconds spent in various states by  Sun Nov 22 00:26:22\n"
        "  PEND     PSUSP    RUN      USUSP    SSUSP    UNKWN    TOTAL\n"
        "  0        0        0        0        0        0        0           \n\n"
    )
    return "".join(lines)


def _head(job: Job) -> str:
    described = job.told["description"]
    return (
        f"Job <{shown(job.number, job.index)}>, Job Name <{shown_name(job)}>, User <{job.owner}>"
        + (f", Job Description <{described}>" if described else "")
    )


def _submitted(job: Job) -> str:
    told = job.told
    text = (
        f"Submitted from host <login>, CWD <{told['directory']}>, Output File <{told['output']}>;"
    )
    return _event(job.submitted, text)


def _ending(job: Job, end: str) -> str:
    if not job.is_over:
        return ""
    used = "The CPU time used is 0.0 seconds"
    if job.state == "COMPLETED":
        return _event(job.ended, f"Done successfully. {used}{end}")
    if not job.started:
        return _event(job.ended, f"Exited{end}")
    why = f" {termination(job)}." if termination(job) and job.told["description"] else ""
    return _event(job.ended, f"Exited with exit code {exit_code(job)}. {used}{end}{why}")


def _event(at: int | None, text: str) -> str:
    return _folded(time.strftime("%a %b %e %H:%M:%S", time.localtime(at or 0)) + f": {text}")


def _folded(text: str) -> str:
    """Cut a line as LSF does: anywhere, and a line that is full is followed by one more."""
    lines = [text[:_WIDTH]]
    rest = text[_WIDTH:]
    step = _WIDTH - len(_INDENT)
    while len(lines[-1]) == _WIDTH:
        lines.append(_INDENT + rest[:step])
        rest = rest[step:]
    return "\n".join(lines) + "\n"


def _time(at: int | None) -> str:
    """Give a time as fix packs with LSB_DISPLAY_YEAR do."""
    return time.strftime("%b %e %H:%M:%S %Y", time.localtime(at)) if at else ""


def _short(at: int | None) -> str:
    return time.strftime("%b %e %H:%M", time.localtime(at or 0))
