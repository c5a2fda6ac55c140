"""How ``bsub`` is called. Pure.

The script is not given on standard input, where bsub would read it for #BSUB lines: its path is the job's command. LSF runs a command
through a shell, so it is one word, quoted for a shell. IBM's takes the directory with ``-cwd``; the classic one starts a job in the
directory that bsub was called in, which need not exist on the node, so the command goes to the right one first.
"""

import re
from shlex import quote
from typing import Final

from headway.core.errors import InvalidRequest
from headway.core.model.spec import Resources
from headway.executors.batch.request import Elements, Request
from headway.executors.batch.values import (
    Shape,
    mebibytes_up,
    minutes_up,
    option_value,
    ranges,
)
from headway.executors.lsf.flavour import Flavour
from headway.executors.lsf.names import FIRST_INDEX, job_name, marked_name

_OPTION: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
#: What Headway itself must decide, what would not return at once, and what would read a job from elsewhere.
_OURS: Final = frozenset(
    {
        "J",
        "Jd",
        "o",
        "oo",
        "e",
        "eo",
        "outdir",
        "cwd",
        "i",
        "is",
        "I",
        "Ip",
        "Is",
        "IS",
        "ISp",
        "ISs",
        "IX",
        "K",
        "pack",
        "jsdl",
        "jsdl_strict",
        "json",
        "yaml",
        "h",
        "help",
        "V",
    }
)
_LONGEST_ARRAY: Final = 255


def bsub(request: Request, flavour: Flavour) -> tuple[str, ...]:
    """Give the whole command.

    Raises:
        InvalidRequest: something cannot be passed on; the message names it.
    """
    argv = ["bsub", *_identity(request, flavour), "-o", _output(request)]
    if flavour is Flavour.IBM:
        argv += ["-cwd", request.directory]
        if not {"r", "rn"} & set(request.native):
            argv.append(
                "-rn"
            )  # a second run after a host's failure is a new attempt, and Headway's to decide
    options = _asked(request, flavour)
    native = {_name(name): _value(name, value) for name, value in request.native.items()}
    requirements = _requirements(request.resources, flavour)
    for name, values in options.items():
        if name not in native:
            argv += [f"-{name}", *values]
    argv += _with_requirements(requirements, native.pop("R", None), flavour)
    for name, values in native.items():
        argv += [f"-{name}", *values]
    return (*argv, _command(request, flavour))


def _identity(request: Request, flavour: Flavour) -> list[str]:
    if flavour is Flavour.IBM:
        name = job_name(request.name)
    else:
        name = marked_name(request.mark, request.name)
    if request.elements is not None:
        name = _array(name, request.elements)
    return ["-J", name, *(["-Jd", request.mark] if flavour is Flavour.IBM else [])]


def _array(name: str, elements: Elements) -> str:
    if not elements.indices or min(elements.indices) < 0:
        raise InvalidRequest("an array needs at least one index, 0 and up", field="elements")
    listed = ",".join(
        f"{first}-{last}" if last > first else str(first)
        for first, last in ranges([each + FIRST_INDEX for each in elements.indices])
    )
    spec = f"[{listed}]" + (f"%{elements.at_once}" if elements.at_once else "")
    room = _LONGEST_ARRAY - len(spec)
    if room < len(name) and room < _LONGEST_ARRAY // 2:
        raise InvalidRequest(
            f"LSF takes a job array's name and indices in {_LONGEST_ARRAY} characters; these indices alone are"
            f" {len(spec)}: submit fewer elements at once",
            field="elements",
        )
    return name[:room] + spec


def _asked(request: Request, flavour: Flavour) -> dict[str, list[str]]:
    """Give what was asked for in the model's words, by LSF's option."""
    attributes, resources = request.attributes, request.resources
    asked: dict[str, list[str]] = {}
    texts = {"q": "queue_name", "P": "account"}
    if flavour is Flavour.IBM:
        texts["U"] = "reservation_id"
    for option, field in texts.items():
        value = getattr(attributes, field)
        if value is not None:
            asked[option] = [option_value(value, field=f"attributes.{field}")]
    if attributes.duration is not None:
        asked["W"] = [str(minutes_up(attributes.duration))]
    shape = Shape(resources)
    if shape.is_asked:
        asked["n"] = [str(shape.processes * shape.cores)]
    if resources.exclusive_node_use:
        asked["x"] = []
    if resources.gpu_cores_per_process and flavour is Flavour.IBM:
        asked["gpu"] = [_gpus(resources.gpu_cores_per_process, shape)]
    return asked


def _gpus(per_process: int, shape: Shape) -> str:
    """Ask for GPUs by host, as LSF counts them, or by slot where a slot is a process."""
    if shape.per_node is not None:
        return f"num={per_process * shape.per_node}"
    if shape.cores == 1:
        return f"num={per_process}/task"
    raise InvalidRequest(
        "resources.gpu_cores_per_process: LSF counts GPUs by node; say how many processes run on one"
        " (resources.processes_per_node or resources.node_count)",
        field="resources.gpu_cores_per_process",
    )


def _requirements(resources: Resources, flavour: Flavour) -> list[str]:
    """Give the sections of ``-R``. Memory is for each node, in MB as LSF counts them (1,024 KB)."""
    sections = []
    if resources.memory is not None:
        unit = "MB" if flavour is Flavour.IBM else ""  # elsewhere a number's unit is always MB
        sections.append(f"rusage[mem={mebibytes_up(resources.memory)}{unit}]")
    shape = Shape(resources)
    if shape.is_asked:
        span = _span(shape, flavour)
        if span:
            sections.append(span)
    return sections


def _span(shape: Shape, flavour: Flavour) -> str:
    if shape.nodes == 1 or (shape.processes == 1 and shape.nodes is None):
        return "span[hosts=1]" if shape.processes * shape.cores > 1 else ""
    if shape.per_node is not None:
        return f"span[ptile={shape.per_node * shape.cores}]"
    if shape.cores > 1:  # a process's cores must be on one node
        word = "block" if flavour is Flavour.IBM else "ptile"
        return f"span[{word}={shape.cores}]"
    return ""


def _with_requirements(ours: list[str], theirs: list[str] | None, flavour: Flavour) -> list[str]:
    """Join both. IBM's LSF merges several ``-R``; elsewhere the last one would win."""
    if flavour is Flavour.IBM:
        both = ["-R", " ".join(ours)] if ours else []
        return [*both, *(["-R", *theirs] if theirs else [])]
    joined = " ".join([*(theirs or []), *ours])
    return ["-R", joined] if joined else []


def _output(request: Request) -> str:
    """Give the path, with each element's index behind it, as LSF counts them."""
    path = request.output
    if "%" in path:
        raise InvalidRequest(
            f"the cluster's directory must have no '%' in its path, which LSF would replace: {path}",
            field="output",
        )
    return path if request.elements is None else f"{path}.%I"


def _name(name: str) -> str:
    field = f"attributes.custom_attributes.lsf.{name}"
    if not _OPTION.fullmatch(name):
        raise InvalidRequest(f"{field}: {name!r} is no option of bsub's", field=field)
    if name in _OURS:
        raise InvalidRequest(f"{field}: Headway sets bsub's -{name} itself", field=field)
    return name


def _value(name: str, value: str) -> list[str]:
    if value == "":
        if name in {"R", "w"}:
            raise InvalidRequest(
                f"attributes.custom_attributes.lsf.{name}: it needs a value",
                field=f"attributes.custom_attributes.lsf.{name}",
            )
        return []
    return [option_value(value, field=f"attributes.custom_attributes.lsf.{name}")]


def _command(request: Request, flavour: Flavour) -> str:
    if flavour is Flavour.IBM:
        return quote(request.script)
    return f"cd {quote(request.directory)} && {quote(request.script)}"
