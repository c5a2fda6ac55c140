"""What sbatch is asked for: the words of a request as options."""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Final

from headway.core.errors import InvalidRequest
from headway.core.model.names import NativeId
from headway.core.model.spec import Attributes, Resources
from headway.executors.batch.request import Elements, Request
from headway.executors.slurm.arrays import set_of
from headway.executors.slurm.logs import literal

_MIB: Final = 1 << 20
_MINUTE_S: Final = 60
_LONGEST_OPTION_BYTES: Final = 128 << 10  #: Linux takes no longer argument, execve(2)
_LONGEST_NAME: Final = 200
_NATIVE_ID: Final = re.compile(r"[0-9]{1,20}(?:_[0-9]{1,9})?")
_OPTION: Final = re.compile(r"[a-z][a-z0-9]+(?:-[a-z0-9]+)*")
_HELP: Final = re.compile(r"(?:^|,)\s*help\s*(?:,|$)", re.IGNORECASE)
_UNUSABLE: Final = re.compile(r"[\0\r\n]")

#: Options that are ours alone, and what to say instead.
_OWNED: Final[Mapping[str, str]] = {
    "array": "submit an array",
    "chdir": "use directory",
    "cluster": "name the other cluster in the settings",
    "clusters": "name the other cluster in the settings",
    "comment": "Headway finds its jobs by it",
    "error": "the job's output is kept with it",
    "export": "use environment and inherit_environment",
    "export-file": "use environment and inherit_environment",
    "gid": "it runs as whom it is submitted by",
    "help": "it submits nothing",
    "input": "use stdin_path",
    "job-name": "use name",
    "open-mode": "the job's output is kept with it",
    "output": "the job's output is kept with it",
    "parsable": "it is always on",
    "quiet": "it hides why a job is refused",
    "test-only": "it submits nothing",
    "uid": "it runs as whom it is submitted by",
    "usage": "it submits nothing",
    "version": "it submits nothing",
    "wait": "nobody can wait for it",
    "workdir": "use directory",
    "wrap": "use command",
}
#: Options that a field of the request stands for: refused beside it.
_FIELDS: Final[Mapping[str, str]] = {
    "account": "attributes.account",
    "cpus-per-task": "resources.cpu_cores_per_process",
    "exclusive": "resources.exclusive_node_use",
    "gpus-per-task": "resources.gpu_cores_per_process",
    "gres": "resources.gpu_cores_per_process",
    "mem": "resources.memory",
    "mem-per-cpu": "resources.memory",
    "mem-per-gpu": "resources.memory",
    "nodes": "resources.node_count",
    "ntasks": "resources.process_count",
    "ntasks-per-node": "resources.processes_per_node",
    "tasks-per-node": "resources.processes_per_node",
    "partition": "attributes.queue_name",
    "reservation": "attributes.reservation_id",
    "time": "attributes.duration",
}


def options_of(request: Request) -> list[str]:
    """Give sbatch's options.

    The mark comes first: accounting keeps the command line, and there it is looked for where comments are not kept. Native
    options come before ours, because the last one counts.

    Raises:
        InvalidRequest: one cannot be passed on as it is; the message names the field.
    """
    options = [f"--comment={request.mark}", "--parsable", *_native(request)]
    options += [
        f"--job-name={clean_name(request.name)}",
        f"--output={_output(request)}",
        "--open-mode=append",  # a job's later runs write after one another
        f"--chdir={request.directory}",
        *_sizes(request.resources),
        *_attributes(request.attributes),
        *_array(request.elements),
    ]
    for option in options:
        if _UNUSABLE.search(option):
            raise InvalidRequest(f"{option[:80]!r} has a newline or NUL in it; Slurm takes none")
        if _bytes(option) >= _LONGEST_OPTION_BYTES:
            raise InvalidRequest(
                f"{option[:40]}... is longer than 128 KiB; Slurm cannot be given it"
            )
    return options


def _output(request: Request) -> str:
    """Give the path, with each element's index behind it: of which one slurmstepd speaks there, its words do not tell."""
    path = literal(request.output)
    return path if request.elements is None or "\\" in path else f"{path}.%a"


def _bytes(option: str) -> int:
    try:
        # A path may have bytes that are no UTF-8; Python has them as such surrogates.
        return len(option.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        raise InvalidRequest(f"{option[:80]!r} holds half a character") from None


def clean_name(name: str) -> str:
    """Make a name that fits into one line of Slurm's tables; all else is kept."""
    line = "".join(c if c.isprintable() else " " for c in name).strip()
    return line.encode("utf-8", "replace").decode()[:_LONGEST_NAME] or "job"


def checked_id(native_id: NativeId) -> str:
    """Give an id as an argument.

    Raises:
        InvalidRequest: it is none of Slurm's.
    """
    if not _NATIVE_ID.fullmatch(native_id):
        raise InvalidRequest(
            f"{native_id[:60]!r} is no job id of Slurm's; one looks like 1234 or 1234_5"
        )
    return native_id


def _native(request: Request) -> Iterator[str]:
    for name, value in request.native.items():
        field = f"attributes.custom_attributes.slurm.{name}"
        _check_option(name, field, request)
        if _UNUSABLE.search(value):
            raise InvalidRequest(f"the value of {name} has a newline or NUL in it", field=field)
        if _HELP.search(value):
            raise InvalidRequest(
                f"{name}={value[:60]} asks sbatch for help; it submits nothing", field=field
            )
        if value:
            yield f"--{name}={value}"
        else:
            # An option that wants a value takes the next word for it, whatever it is: let that be one which stands here twice.
            yield from (f"--{name}", "--parsable")


def _check_option(name: str, field: str, request: Request) -> None:
    if not _OPTION.fullmatch(name):
        raise InvalidRequest(
            f"{name[:60]!r} is no long option of sbatch's; write it without dashes before it: constraint",
            field=field,
        )
    # sbatch takes every beginning of an option for the whole: --comm for --comment.
    owned = next((each for each in _OWNED if each.startswith(name)), None)
    if owned is not None and name not in _FIELDS:
        raise InvalidRequest(
            f"{field}: sbatch's option --{owned} is not for jobs to set: {_OWNED[owned]}",
            field=field,
        )
    same = _FIELDS.get(name)
    if same is not None and _asked(same, request) is not None:
        raise InvalidRequest(
            f"both {same} and sbatch's option --{name} are given; leave one out", field=field
        )


def _asked(field: str, request: Request) -> object:
    group, _, name = field.partition(".")
    return getattr(request.resources if group == "resources" else request.attributes, name)


def _sizes(resources: Resources) -> Iterator[str]:
    counts = {
        "nodes": resources.node_count,
        "ntasks": resources.process_count,
        "ntasks-per-node": resources.processes_per_node,
        "cpus-per-task": resources.cpu_cores_per_process,
    }
    for name, count in counts.items():
        if count is not None:
            yield f"--{name}={count}"
    if resources.memory is not None:
        yield f"--mem={max(1, math.ceil(resources.memory / _MIB))}M"
    if resources.exclusive_node_use:
        yield "--exclusive"
    if resources.gpu_cores_per_process:
        yield from _gpus(resources, resources.gpu_cores_per_process)


def _gpus(resources: Resources, per_process: int) -> Iterator[str]:
    """Ask for GPUs of each node where it is known how many processes a node gets.

    Every Slurm takes --gres; --gpus-per-task needs select/cons_tres and --ntasks, and changes how srun binds tasks.
    """
    per_node = _processes_per_node(resources)
    if per_node is not None:
        yield f"--gres=gpu:{per_node * per_process}"
    else:
        yield f"--gpus-per-task={per_process}"


def _processes_per_node(resources: Resources) -> int | None:
    if resources.processes_per_node is not None:
        return resources.processes_per_node
    if resources.process_count is None or resources.process_count == resources.node_count:
        return 1
    if resources.node_count == 1 or resources.process_count == 1:
        return resources.process_count
    return None


def _attributes(attributes: Attributes) -> Iterator[str]:
    if attributes.duration is not None:
        yield f"--time={max(1, math.ceil(attributes.duration / _MINUTE_S))}"
    texts = {
        "partition": attributes.queue_name,
        "account": attributes.account,
        "reservation": attributes.reservation_id,
    }
    for name, text in texts.items():
        if text:
            yield f"--{name}={text}"


def _array(elements: Elements | None) -> Iterator[str]:
    if elements is None:
        return
    if not elements.indices or min(elements.indices) < 0:
        raise InvalidRequest("an array needs one index or more, and none below 0")
    if elements.at_once is not None and elements.at_once < 1:
        raise InvalidRequest("one element of an array or more must be allowed to run at once")
    yield f"--array={set_of(elements.indices, elements.at_once)}"
