"""PBS's words for jobs of Slurm's, as OpenPBS 23.06 prints them. Standard library only."""

import json
import time
from collections.abc import Mapping, Sequence
from typing import Final

from tests.doubles.slurmside import Job

SERVER: Final = "pbs1"
VERSION: Final = "23.06.06"
_LETTERS: Final = {"PENDING": "Q", "CONFIGURING": "Q", "COMPLETING": "E", "SUSPENDED": "S"}
_SUBSTATES: Final = {"COMPLETED": 92, "CANCELLED": 91}
_WALLTIME: Final = -29
_MEMORY: Final = -27
_TERM: Final = 15

Attributes = dict[str, str | int | dict[str, str | int]]


def attributes(
    jobs: Sequence[Job], *, with_elements: bool, named: Sequence[str]
) -> dict[str, Attributes]:
    """Give attributes by id: of arrays, and with ``-t`` (or by their own ids) of their elements."""
    arrays: dict[int, list[Job]] = {}
    told: dict[str, Attributes] = {}
    for job in jobs:
        if job.index is None:
            told[f"{job.number}.{SERVER}"] = _of_job(job, letter(job))
            continue
        if job.number not in arrays:
            arrays[job.number] = [each for each in jobs if each.number == job.number]
            told[f"{job.number}[].{SERVER}"] = _of_array(arrays[job.number])
        id_ = f"{job.number}[{job.index}].{SERVER}"
        if with_elements or id_ in named:
            told[id_] = _of_job(job, "X" if job.is_over else letter(job))
    wanted = set(named)
    is_of_elements = bool(wanted) and not any("[]" in each for each in wanted)
    if is_of_elements:
        return {id_: each for id_, each in told.items() if "[]" not in id_}
    return told


def letter(job: Job) -> str:
    if job.is_over:
        return "F"
    if job.is_held or job.reason == "Dependency":
        return "H"
    return _LETTERS.get(job.state, "R")


def _of_array(elements: Sequence[Job]) -> Attributes:
    first = elements[0]
    if all(each.is_over for each in elements):
        state = "F"
    else:
        state = "B" if any(each.started for each in elements) else letter(first)
    told = _common(first, state)
    told["array"] = "True"
    if state == "F":
        told["Exit_status"] = max((exit_status(each) for each in elements), default=0)
        told["substate"] = 93 if told["Exit_status"] else 92
    return told


def _of_job(job: Job, state: str) -> Attributes:
    told = _common(job, state)
    if job.host:
        told["exec_host"] = f"{job.host}/0"
    if job.started:
        told["stime"] = _time(job.started)
        told["comment"] = time.strftime("Job run at %a %b %d at %H:%M", time.localtime(job.started))
        told["run_count"] = 1
    elif job.state == "PENDING":
        told["comment"] = f"Not Running: {job.reason}"
    if job.is_over:
        told |= _end(job, str(told.get("comment", "")))
    return told


def _common(job: Job, state: str) -> Attributes:
    directory = job.told["directory"]
    variables = {"PBS_O_HOME": "/", "PBS_O_WORKDIR": directory, "PBS_O_HOST": SERVER}
    told: Attributes = {
        "Job_Name": job.told["name"],
        "Job_Owner": f"{job.owner}@{SERVER}",
        "job_state": state,
        "queue": job.partition,
        "server": SERVER,
        "ctime": _time(job.submitted),
        "Hold_Types": "n" if state != "H" else "u" if job.is_held else "s",
        "Output_Path": f"{SERVER}:{job.told['output']}",
        "qtime": _time(job.submitted),
        "Resource_List": _resources(job),
        "substate": 42,
        "Variable_List": {**variables, **json.loads(job.told["variables"])},
    }
    if job.told["depend"]:
        told["depend"] = job.told["depend"]
    if job.told["account"]:
        told["Account_Name"] = job.told["account"]
    return told


def _resources(job: Job) -> dict[str, str | int]:
    found: dict[str, str | int] = {"ncpus": int(job.cpus)}
    for each in job.told["resources"].split(","):
        name, equals, value = each.partition("=")
        if equals:
            found[name] = value
    return found


def exit_status(job: Job) -> int:
    """Give PBS's: a signal's number and 256; below zero for what a node's daemon has ended."""
    if job.state == "TIMEOUT":
        return _WALLTIME
    if job.state == "OUT_OF_MEMORY":
        return _MEMORY
    if job.state == "CANCELLED" and job.started and not job.exit_code:
        return 256 + (job.signal or _TERM)
    return 256 + job.signal if job.signal else job.exit_code


def _end(job: Job, comment: str) -> Attributes:
    told: Attributes = {"mtime": _time(job.ended), "obittime": _time(job.ended)}
    told["substate"] = _SUBSTATES.get(job.state, 93)
    if job.started:
        told["Exit_status"] = exit_status(job)
        told["resources_used"] = {
            "cput": "00:00:00",
            "mem": "0kb",
            "walltime": time.strftime("%H:%M:%S", time.gmtime((job.ended or 0) - job.started)),
        }
    words = {
        "COMPLETED": "and finished",
        "CANCELLED": f"and terminated by {job.owner}@{SERVER}",
        "TIMEOUT": "and exceeded resource walltime",
        "OUT_OF_MEMORY": "and exceeded resource mem",
    }
    told["comment"] = f"{comment} {words.get(job.state, 'and failed')}".strip()
    return told


def as_json(told: Mapping[str, Attributes], jobs: Sequence[Job] | None) -> str:
    """Give what ``-F json`` prints; no "Jobs" where there are none, also when the server is away."""
    document: dict[str, object] = {
        "timestamp": int(time.time()),  # noqa: TID251
        "pbs_version": VERSION,
        "pbs_server": SERVER,
    }
    if jobs:
        document["Jobs"] = told
    return json.dumps(document, indent="\t") + "\n"


def as_text(told: Mapping[str, Attributes]) -> str:
    """Give what ``-f -w`` prints."""
    found = []
    for id_, each in told.items():
        lines = [f"Job Id: {id_}\n"]
        for name, value in each.items():
            if name == "Variable_List" and isinstance(value, dict):
                joined = ",".join(
                    f"{key}={str(v).replace(',', chr(92) + ',')}" for key, v in value.items()
                )
                lines.append(f"    {name} = {joined}\n")
            elif isinstance(value, dict):
                lines += [f"    {name}.{key} = {v}\n" for key, v in value.items()]
            else:
                lines.append(f"    {name} = {value}\n")
        found.append("".join(lines) + "\n")
    return "".join(found)


def _time(at: int | None) -> str:
    return time.strftime("%a %b %e %H:%M:%S %Y", time.localtime(at or 0))
