# ruff: noqa: T201 -- programs, which print
"""PBS's commands on top of Slurm, in the words of OpenPBS 23.06. Standard library only.

What Slurm cannot do is refused or left out, not pretended: GPUs, placement, reservations, rerunning.
"""

import getopt
import json
import os
import re
import shlex
import sys
from collections.abc import Sequence
from typing import Final

from tests.doubles import pbs_words, slurmside
from tests.doubles.slurmside import Away, Job, Refused

_SERVER: Final = pbs_words.SERVER
_UNKNOWN_JOB: Final = 153
_FINISHED: Final = 35
_CHUNK: Final = re.compile(r"(\d+)((?::[a-z]+=[A-Za-z0-9]+)*)")
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9._+-]{0,229}")
_RANGE: Final = re.compile(r"(\d+)-(\d+)(?::(\d+))?(?:%(\d+))?")
_ID: Final = re.compile(r"(\d+)(\[(\d*)\])?(?:\.\S+)?")
_USAGE: Final = "usage: qsub [-a date_time] [-A account_string] [-c interval]\n\t[script | -- command [arg1 ...]]"
_DOWN: Final = f"cannot connect to server {_SERVER} (errno=111)"
_SCRIPT: Final = r"""#!/bin/sh
number="${{SLURM_ARRAY_JOB_ID:-$SLURM_JOB_ID}}"
index="$SLURM_ARRAY_TASK_ID"
if [ -n "$index" ]; then
    id="$number[$index].{server}"
    array="PBS_ARRAY_INDEX=$index PBS_ARRAY_ID=$number[].{server}"
else
    id="$number.{server}"
    array=
fi
out=$(printf %s {output} | sed "s/\^array_index^/$index/")
said=$(mktemp) && script=$(mktemp) || exit 254
printf %s {text} >"$script"
cd "$HOME" || cd /
trap : TERM # Slurm ends what is left of a job whose first process lives, and knows nothing of it when that has died
env -i HOME="$HOME" PATH="$PATH" USER="$USER" LOGNAME="$USER" SHELL=/bin/sh SLURM_CONF="$SLURM_CONF" \
    PBS_ENVIRONMENT=PBS_BATCH PBS_QUEUE="$SLURM_JOB_PARTITION" PBS_O_WORKDIR={directory} PBS_JOBID="$id" \
    $array {variables} {shell} "$script" >"$said" 2>&1
code=$?
[ -z "$out" ] || cp "$said" "$out"
rm -f "$said" "$script"
exit $code
"""


def qsub(argv: Sequence[str]) -> int:
    """Submit."""
    if list(argv) == ["--version"]:
        print(f"pbs_version = {pbs_words.VERSION}")
        return 0
    read = _read(argv)
    if isinstance(read, str):
        print(read, file=sys.stderr)
        return 2
    options, rest = read
    variables = dict(each.split("=", 1) for each in options.get("-v", "").split(",") if each)
    told = {
        "name": options.get("-N", os.path.basename(rest[0])),  # noqa: PTH119
        "output": options.get("-o", ""),
        "account": options.get("-A", ""),
        "variables": json.dumps(variables),
        "resources": options["-l"],
        "depend": _depend(options),
        "directory": os.getcwd(),  # noqa: PTH109
        "array": "yes" if "-J" in options else "",
    }
    try:
        with open(rest[0]) as file:  # noqa: PTH123
            text = file.read()
    except OSError as error:
        print(f"qsub: script file: {error.strerror}", file=sys.stderr)
        return 1
    script = _SCRIPT.format(
        server=_SERVER,
        output=shlex.quote(told["output"]),
        text=shlex.quote(text),
        directory=shlex.quote(told["directory"]),
        variables=" ".join(shlex.quote(f"{name}={value}") for name, value in variables.items()),
        shell=shlex.quote(options.get("-S", "/bin/sh")),
    )
    try:
        number = slurmside.submit(script, _sbatch(options), told)
    except Away:
        print(f"qsub: {_DOWN}", file=sys.stderr)
        return 111
    except Refused as error:
        print(f"qsub: {_refusal(str(error))}", file=sys.stderr)
        return 170 if "partition" in str(error) else 188
    print(f"{number}{'[]' if '-J' in options else ''}.{_SERVER}")
    return 0


def _read(argv: Sequence[str]) -> tuple[dict[str, str], list[str]] | str:
    """Give the options and the script, or what is wrong with them."""
    try:
        pairs, rest = getopt.getopt(list(argv), "a:A:c:e:hj:J:k:l:m:M:N:o:p:P:q:r:S:u:v:VW:z")
    except getopt.GetoptError:
        return _USAGE
    options = dict(pairs)
    options["-l"] = ",".join(value for name, value in pairs if name == "-l")
    bad = _bad_value(options)
    if bad:
        return f"qsub: illegal {bad} value\n{_USAGE}"
    return (options, rest) if len(rest) == 1 else _USAGE


def _bad_value(options: dict[str, str]) -> str:
    if not _NAME.fullmatch(options.get("-N", "x")):
        return "-N"
    if "-J" in options:
        found = _RANGE.fullmatch(options["-J"])
        if found is None or int(found[1]) >= int(found[2]):
            return "-J"
    if options.get("-r") == "n" and "-J" in options:
        return "-r"
    return ""


def _depend(options: dict[str, str]) -> str:
    found = re.search(r"depend=(afterok:[^,]+)", options.get("-W", ""))
    return found[1] if found else ""


def _sbatch(options: dict[str, str]) -> list[str]:
    found = [f"--job-name={options.get('-N', 'job')[:100]}", "--no-requeue"]
    if "-J" in options:
        found.append(f"--array={options['-J']}")
    if "-q" in options:
        found.append(f"--partition={options['-q']}")
    if "-h" in options:
        found.append("--hold")
    depend = _depend(options)
    if depend:
        ids = [_number_and_index(each) for each in depend.split(":")[1:]]
        shown = [str(n) if index is None else f"{n}_{index}" for n, index in ids]
        found += ["--dependency=afterok:" + ":".join(shown), "--kill-on-invalid-dep=yes"]
    resources = dict(each.split("=", 1) for each in options["-l"].split(",") if "=" in each)
    if "walltime" in resources:
        found.append(f"--time={resources['walltime']}")
    if "excl" in resources.get("place", ""):
        found.append("--exclusive")
    return found + _chunks(resources.get("select", ""))


def _chunks(select: str) -> list[str]:
    """Translate chunks that are all alike: so many tasks, with these cores and this memory."""
    found = _CHUNK.fullmatch(select)
    if found is None:
        return []
    each = dict(part.split("=") for part in found[2].split(":") if part)
    asked = [f"--ntasks={found[1]}", f"--cpus-per-task={each.get('ncpus', '1')}"]
    return asked + ([f"--mem={each['mem'].removesuffix('b')}"] if "mem" in each else [])


def _refusal(said: str) -> str:
    if "partition" in said:
        return "Unknown queue"
    if "dependency" in said.lower():
        return "Invalid Job Dependency"
    return "Job violates queue and/or server resource limits"


def qstat(argv: Sequence[str]) -> int:
    """Tell of all jobs, or of single ones, in full."""
    try:
        pairs, ids = getopt.getopt(list(argv), "fF:xtwu:E")
    except getopt.GetoptError:
        print("usage: \nqstat [-f] [-J] [-p] [-t] [-x] [-E] [-F format | -w]", file=sys.stderr)
        return 2
    options = dict(pairs)
    if options.get("-F") == "json" and {"-u", "-w"} & set(options):
        print("qstat: option w cannot be used with -F", file=sys.stderr)
        return 2
    try:
        code, jobs = _told(options, ids)
    except (Away, Refused):
        print(f"qstat: {_DOWN}", file=sys.stderr)
        if options.get("-F") == "json":
            print(pbs_words.as_json({}, None), end="")
        return 255
    with_elements = "-t" in options
    told = pbs_words.attributes(jobs, with_elements=with_elements, named=ids)
    if options.get("-F") == "json":
        print(pbs_words.as_json(told, jobs), end="")
    else:
        print(pbs_words.as_text(told), end="")
    return code


def _told(options: dict[str, str], ids: Sequence[str]) -> tuple[int, list[Job]]:
    history = "-x" in options
    if not ids:
        every = slurmside.jobs(options.get("-u", ""))
        alive = {job.number for job in every if not job.is_over}
        return 0, [job for job in every if history or job.number in alive]
    code, jobs = 0, []
    found = slurmside.selected([_number_and_index(each) for each in ids])
    for id_ in ids:
        each = found[_number_and_index(id_)]
        if not each:
            print(f"qstat: Unknown Job Id {id_}", file=sys.stderr)
            code = _UNKNOWN_JOB
        elif not history and all(job.is_over for job in each):
            print(
                f"qstat: {id_} Job has finished, use -x or -H to obtain historical job information",
                file=sys.stderr,
            )
            code = _FINISHED
        else:
            jobs += each
    return code, jobs


def qdel(argv: Sequence[str]) -> int:
    """End jobs; only those that cannot be ended are told of."""
    code = 0
    try:
        found = slurmside.selected([_number_and_index(each) for each in argv])
        for id_ in argv:
            number, index = _number_and_index(id_)
            jobs = found[number, index]
            if not jobs:
                print(f"qdel: Unknown Job Id {id_}", file=sys.stderr)
                code = _UNKNOWN_JOB
            elif all(job.is_over for job in jobs):
                print(f"qdel: Job has finished {id_}", file=sys.stderr)
                code = _FINISHED
            else:
                slurmside.cancel(number, index)
    except (Away, Refused):
        print(f"qdel: {_DOWN}", file=sys.stderr)
        return 111
    return code


def _number_and_index(text: str) -> tuple[int, int | None]:
    found = _ID.fullmatch(text)
    if found is None:
        raise Refused(f"illegally formed job identifier: {text}")
    return int(found[1]), int(found[3]) if found[3] else None
