# ruff: noqa: T201, TID251 -- programs, which print and read their environment
"""LSF's commands on top of Slurm: in IBM's words, or with DOUBLE_LSF=classic in OpenLava's. Standard library only.

The texts are those that OpenLava 2.2 was recorded to print, and for IBM's those of the documentation of Spectrum LSF 10.1. What Slurm
cannot do is refused or left out, not pretended: GPUs, reservations, resource strings other than memory and span.
"""

import getopt
import os
import re
import shlex
import sys
from collections.abc import Sequence
from typing import Final

from tests.doubles import lsf_words, slurmside
from tests.doubles.slurmside import Away, Job, Refused

#: IBM's bsub knows whole words; True for those that are followed by a value.
_IBM_OPTIONS: Final = {
    **dict.fromkeys(
        ("J", "Jd", "o", "cwd", "q", "P", "W", "n", "R", "w", "app", "sp", "U", "gpu"), True
    ),
    **dict.fromkeys(("x", "ti", "r", "rn", "H"), False),
}
_CLASSIC_OPTIONS: Final = "J:o:q:P:W:n:R:w:c:xrH"
_ARRAY: Final = re.compile(r"(.*)\[([0-9,:-]+)\](?:%(\d+))?", re.DOTALL)
_DONE: Final = re.compile(r"done\((\d+)(?:\[(\d+)\])?\)")
_MEMORY: Final = re.compile(r"rusage\[mem=(\d+)(?:MB)?\]")
_SPAN: Final = re.compile(r"span\[(hosts|ptile|block)=(\d+)\]")
_ID: Final = re.compile(r"(\d+)(?:\[(\d+)\])?")
_DOWN: Final = "Failed in an LSF library call: LIM is down; try later"
_SCRIPT: Final = r"""#!/bin/sh
export LSB_JOBID={number} LSB_JOBINDEX="${{SLURM_ARRAY_TASK_ID:-0}}" LSB_QUEUE={queue} LSB_JOBNAME={name}
for each in $(env | sed -n 's/^\(SLURM_[A-Za-z0-9_]*\)=.*/\1/p'); do
    [ "$each" = SLURM_CONF ] || unset "$each"
done
cd {directory} || exit 2
began=$(date '+%a %b %e %H:%M:%S %Y')
said=$(mktemp) || exit 255
trap : TERM # Slurm ends what is left of a job whose first process lives, and knows nothing of it when that has died
/bin/sh -c 'trap : TERM
'{command} >"$said" 2>&1
code=$?
[ $code = 0 ] && end='Successfully completed.' || end="Exited with exit code $code."
out=$(printf %s {output} | sed "s/%I/$LSB_JOBINDEX/")
[ -z "$out" ] || {{
printf 'Sender: LSF System <root@%s>\nSubject: Job %s: <%s>\n\nStarted at %s\n' "$(hostname)" "$LSB_JOBID" "$LSB_JOBNAME" "$began"
printf '\n%s\n\nThe output (if any) follows:\n\n' "$end"
cat "$said"
}} >>"$out"
rm -f "$said"
exit $code
"""


def is_ibm() -> bool:
    return os.environ.get("DOUBLE_LSF", "ibm") == "ibm"


class Usage(Exception):
    """A call that the program does not understand."""


def bsub(argv: Sequence[str]) -> int:
    """Submit."""
    try:
        options, command = _ibm(argv) if is_ibm() else _classic(argv)
    except Usage as error:
        print(error, file=sys.stderr)
        return 255
    if not command:
        print("Empty job. Job not submitted.", file=sys.stderr)
        return 255
    name = options.get("J", command[0] if len(command) == 1 else shlex.join(command))
    array = _ARRAY.fullmatch(name)
    line = command[0] if len(command) == 1 else shlex.join(command)
    told = {
        "name": array[1] if array else name,
        "description": options.get("Jd", ""),
        "project": options.get("P", "default"),
        "output": options.get("o", ""),
        "directory": options.get("cwd", os.getcwd()),  # noqa: PTH109
        "command": line,
        "array": array[2] if array else "",
    }
    script = _SCRIPT.format(
        number='"${SLURM_ARRAY_JOB_ID:-$SLURM_JOB_ID}"',
        queue='"$SLURM_JOB_PARTITION"',
        name=shlex.quote(told["name"]),
        directory=shlex.quote(told["directory"]),
        command=shlex.quote(line),
        output=shlex.quote(told["output"]),
    )
    try:
        number = slurmside.submit(script, [*_sbatch(options, array)], told)
    except Away:
        print(f"{_DOWN}. Job not submitted.", file=sys.stderr)
        return 255
    except Refused as error:
        print(_refusal(str(error), options), file=sys.stderr)
        return 255
    queue = f"queue <{options['q']}>" if "q" in options else "default queue <batch>"
    print(f"Job <{number}> is submitted to {queue}.")
    return 0


def _ibm(argv: Sequence[str]) -> tuple[dict[str, str], Sequence[str]]:
    options: dict[str, str] = {}
    rest = list(argv)
    while rest and rest[0].startswith("-"):
        name = rest.pop(0)[1:]
        if name not in _IBM_OPTIONS:
            raise Usage(f"-{name}: Illegal option. Job not submitted.")
        value = rest.pop(0) if _IBM_OPTIONS[name] else ""
        options[name] = f"{options[name]} {value}" if name == "R" and "R" in options else value
    return options, rest


def _classic(argv: Sequence[str]) -> tuple[dict[str, str], Sequence[str]]:
    try:
        pairs, rest = getopt.getopt(list(argv), _CLASSIC_OPTIONS)
    except getopt.GetoptError as error:
        raise Usage(f"bsub: invalid option -- '{error.opt}'\n{lsf_words.BSUB_USAGE}") from None
    options = {name[1:]: value for name, value in pairs}
    if "c" in options:
        raise Usage(f"{options['c']}: Bad CPULIMIT specification. Job not submitted.")
    return options, rest


def _sbatch(options: dict[str, str], array: re.Match[str] | None) -> list[str]:
    found = [f"--job-name={options.get('J', 'job')[:100]}", "--no-requeue"]
    if array:
        found.append(f"--array={array[2]}" + (f"%{array[3]}" if array[3] else ""))
    for name, meaning in (("q", "partition"), ("W", "time"), ("n", "ntasks")):
        if name in options:
            found.append(f"--{meaning}={options[name]}")
    if "x" in options:
        found.append("--exclusive")
    if "H" in options:
        found.append("--hold")
    memory = _MEMORY.search(options.get("R", ""))
    if memory:
        found.append(f"--mem={memory[1]}")
    found += _span(options)
    if "w" in options:
        ids = [
            f"{each[0]}_{each[1]}" if each[1] else each[0] for each in _DONE.findall(options["w"])
        ]
        found.append("--dependency=afterok:" + ":".join(ids))
        found += ["--kill-on-invalid-dep=yes"] if "ti" in options else []
    return found


def _span(options: dict[str, str]) -> list[str]:
    span = _SPAN.search(options.get("R", ""))
    if span is None:
        return []
    slots, value = int(options.get("n", "1")), int(span[2])
    if span[1] == "hosts":
        return ["--nodes=1"]
    return (
        [f"--nodes={-(-slots // value)}", f"--ntasks-per-node={value}"]
        if span[1] == "ptile"
        else []
    )


def _refusal(said: str, options: dict[str, str]) -> str:
    if "partition" in said:
        return f"{options.get('q', '')}: No such queue. Job not submitted."
    if "dependency" in said.lower():
        return "Dependency condition syntax error. Job not submitted."
    return f"{said.splitlines()[-1]}. Job not submitted."


def bjobs(argv: Sequence[str]) -> int:
    """List, or tell of single jobs."""
    try:
        options, ids = _bjobs_options(list(argv))
        wanted = [_id(each) for each in ids]
        if not wanted:
            every = [
                job
                for job in slurmside.jobs(options.get("u", ""))
                if "a" in options or not job.is_over
            ]
            return _print_jobs(every, options, [])
        found = slurmside.selected(wanted)
    except Usage as error:
        print(error, file=sys.stderr)
        return 255
    except (Away, Refused):
        print(_DOWN, file=sys.stderr)
        return 255
    missing = [
        lsf_words.shown(number, index) for (number, index), each in found.items() if not each
    ]
    return _print_jobs([job for each in found.values() for job in each], options, missing)


def _bjobs_options(rest: list[str]) -> tuple[dict[str, str], list[str]]:
    options: dict[str, str] = {}
    known = {"a", "w", "l", "u", *(("o", "json") if is_ibm() else ())}
    while rest and rest[0].startswith("-"):
        name = rest.pop(0)[1:]
        if name not in known:
            raise Usage(f"bjobs: invalid option -- '{name[:1]}'\n{lsf_words.BJOBS_USAGE}")
        options[name] = rest.pop(0) if name in {"o", "u"} else ""
    return options, rest


def _print_jobs(jobs: Sequence[Job], options: dict[str, str], missing: Sequence[str]) -> int:
    if "json" in options:
        print(lsf_words.as_json(jobs, options["o"].split(), missing))
        return 255 if missing else 0
    for each in missing:
        print(f"Job <{each}> is not found", file=sys.stderr)
    if not jobs and not missing:
        print("No job found" if "a" in options else "No unfinished job found", file=sys.stderr)
        return 255
    if "l" in options:
        print("".join(lsf_words.bjobs_long(job) for job in jobs), end="")
    elif jobs:
        print(lsf_words.table(jobs), end="")
    return 255 if missing else 0


def bhist(argv: Sequence[str]) -> int:
    """Tell of single jobs what the event logs would."""
    rest = list(argv)
    while rest and rest[0].startswith("-"):
        if rest.pop(0) == "-n":
            rest.pop(0)
    try:
        found = slurmside.selected([_id(each) for each in rest])
    except (Away, Refused, Usage):
        print(_DOWN, file=sys.stderr)
        return 255
    jobs = [job for each in found.values() for job in each]
    if not jobs:
        print("No matching job found", file=sys.stderr)
        return 255
    print("".join(lsf_words.bhist_long(job) for job in jobs), end="")
    return 0


def bkill(argv: Sequence[str]) -> int:
    """End jobs; a line for each."""
    try:
        found = slurmside.selected([_id(each) for each in argv])
        code = 0
        for (number, index), jobs in found.items():
            shown = lsf_words.shown(number, index)
            if not jobs:
                print(f"Job <{shown}>: No matching job found", file=sys.stderr)
                code = 255
            elif all(job.is_over for job in jobs):
                print(f"Job <{shown}>: Job has already finished", file=sys.stderr)
                code = 255
            else:
                slurmside.cancel(number, index)
                print(f"Job <{shown}> is being terminated")
    except (Away, Refused, Usage):
        print(_DOWN, file=sys.stderr)
        return 255
    return code


def lsid(_argv: Sequence[str]) -> int:
    """Tell the version, and that the daemons answer."""
    try:
        slurmside.jobs()
    except (Away, Refused):
        print(f"lsid: ls_getclustername() failed: {_DOWN}", file=sys.stderr)
        return 255
    print(lsf_words.IBM_LSID if is_ibm() else lsf_words.CLASSIC_LSID, end="")
    return 0


def _id(text: str) -> tuple[int, int | None]:
    found = _ID.fullmatch(text)
    if found is None:
        raise Usage(f"{text}: Illegal job ID.")
    return int(found[1]), int(found[2]) if found[2] else None
