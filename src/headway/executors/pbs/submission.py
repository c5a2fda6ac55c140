"""How ``qsub`` is called. Pure.

qsub reads the script and sends its text to the server; the job begins in its owner's home, as PBS has no option for another directory:
the script names all it needs by absolute paths. ``-S /bin/sh`` has a known shell read it whatever the user's own is. The job's
environment is the node's: ``-V`` is not used. A job is not rerunnable (``-r n``) unless its user says so: a second run after a
node's failure is a new attempt, and Headway's to decide. Arrays are always rerunnable with PBS.
"""

import re
from typing import Final

from headway.core.errors import InvalidRequest
from headway.core.model.spec import Resources
from headway.executors.batch.request import Elements, Request
from headway.executors.batch.values import Shape, mebibytes_up, option_value
from headway.executors.pbs.names import VARIABLE, job_name

#: What Headway itself must decide, what would not return at once, and what would read a job from elsewhere.
_OURS: Final = frozenset("NojekJIGXCzfR")
_RESOURCE: Final = re.compile(r"(?:^|,)(select|place|walltime|nodes|ncpus|mem|ngpus)=")
_WAITING: Final = re.compile(r"(?:^|,)\s*block\s*=")
#: Where the output goes is also an attribute.
_OUTPUT: Final = re.compile(
    r"(?:^|,)\s*((?:Output|Error|Join)_Path|(?:Keep|Remove)_Files)\s*=", re.IGNORECASE
)
_OWN_MARK: Final = re.compile(rf"\b{VARIABLE}\b")
_FORBIDDEN_IN_PATH: Final = re.compile(r"[^\x20-\x7e]|[,^]")


def qsub(request: Request) -> tuple[str, ...]:
    """Give the whole command.

    Raises:
        InvalidRequest: something cannot be passed on; the message names it.
    """
    native = {name: _native(name, value) for name, value in request.native.items()}
    variables = f"{VARIABLE}={request.mark}"
    if native.get("v"):
        variables += f",{native.pop('v')}"
    argv = ["qsub", "-N", job_name(request.name), "-v", variables, "-o", _output(request)]
    argv += ["-j", "oe", "-m", native.pop("m", "n"), "-S", native.pop("S", "/bin/sh")]
    if request.elements is None:
        argv += ["-r", native.pop("r", "n")]
    for option, value in _destination(request).items():
        if option not in native:
            argv += [f"-{option}", value]
    for value in _resources(request, native.get("l", "")):
        argv += ["-l", value]
    if request.elements is not None:
        argv += ["-J", array_range(request.elements)]
    for name, value in native.items():
        argv += [f"-{name}", *([value] if value else [])]
    return (*argv, request.script)


def array_range(elements: Elements) -> str:
    """Give PBS's range of an array's indices: ``0-9``, ``1-9:2``, with ``%5`` for how many run at once.

    An array of one element is refused (a range's end must be above its begin), so it is given as a range whose step leads past
    the end: ``4-5:2``.

    Raises:
        InvalidRequest: the indices are not evenly spaced: PBS knows one range with one step.
    """
    indices = sorted(set(elements.indices))
    if not indices or indices[0] < 0:
        raise InvalidRequest("PBS counts an array's elements from 0", field="elements")
    first, last = indices[0], indices[-1]
    if first == last:
        found = f"{first}-{first + 1}:2"
    else:
        step = indices[1] - first
        if indices != list(range(first, last + 1, step)):
            raise InvalidRequest(
                "PBS takes an array's indices as one range with one step; these are not evenly spaced:"
                f" {', '.join(map(str, indices[:20]))}",
                field="elements",
            )
        found = f"{first}-{last}" + (f":{step}" if step > 1 else "")
    return found + (f"%{elements.at_once}" if elements.at_once else "")


def _output(request: Request) -> str:
    """Give the path, with each element's index behind it: PBS copies a whole file for each."""
    if _FORBIDDEN_IN_PATH.search(request.output):
        raise InvalidRequest(
            "the cluster's directory must have neither ',' nor '^' nor anything but ASCII in its path, which PBS would"
            f" not take: {request.output}",
            field="output",
        )
    return request.output + (".^array_index^" if request.elements is not None else "")


def _destination(request: Request) -> dict[str, str]:
    """Give queue and account. A reservation is a queue of its own: ``R123`` for the reservation R123.server."""
    attributes, found = request.attributes, {}
    if attributes.reservation_id is not None:
        reservation = option_value(attributes.reservation_id, field="attributes.reservation_id")
        found["q"] = reservation.partition(".")[0]
    elif attributes.queue_name is not None:
        found["q"] = option_value(attributes.queue_name, field="attributes.queue_name")
    if attributes.account is not None:
        found["A"] = option_value(attributes.account, field="attributes.account")
    return found


def _resources(request: Request, native: str) -> list[str]:
    """Give what follows ``-l``, leaving out what the user's own ``-l`` says."""
    theirs = set(_RESOURCE.findall(native))
    asked: dict[str, str] = {}
    chunks = _select(request.resources)
    if chunks and not theirs & {"nodes", "ncpus", "mem", "ngpus"}:
        asked["select"] = chunks
    place = _place(request.resources, chunks)
    if place and ("select" in asked or "select" in theirs):
        asked["place"] = place
    if request.attributes.duration is not None:
        asked["walltime"] = _clock(request.attributes.duration)
    return [f"{name}={value}" for name, value in asked.items() if name not in theirs]


def _select(resources: Resources) -> str:
    """Give the chunks: one for each node where nodes are spoken of, otherwise one for each process.

    Memory is for a node; a chunk that is only one process of several gets its share.
    """
    shape = Shape(resources)
    wants_more = resources.memory is not None or resources.gpu_cores_per_process
    if not shape.is_asked and not wants_more and not resources.exclusive_node_use:
        return ""
    if shape.per_node is None:
        memory = None if resources.memory is None else -(-resources.memory // shape.processes)
        return _chunk(shape.processes, 1, shape.cores, resources, memory)
    if shape.nodes is None:
        full, rest = divmod(shape.processes, shape.per_node)
        sizes = ((full, shape.per_node), (1 if rest else 0, rest))
    else:
        least, more = divmod(shape.processes, shape.nodes)
        if least == 0:
            raise InvalidRequest(
                f"resources.process_count: {shape.processes} processes cannot lie on {shape.nodes} nodes",
                field="resources.process_count",
            )
        sizes = ((more, least + 1), (shape.nodes - more, least))
    return "+".join(
        _chunk(count, processes, shape.cores, resources, resources.memory)
        for count, processes in sizes
        if count
    )


def _chunk(count: int, processes: int, cores: int, resources: Resources, memory: int | None) -> str:
    found = f"{count}:ncpus={processes * cores}:mpiprocs={processes}"
    if memory is not None:
        found += f":mem={mebibytes_up(memory)}mb"
    if resources.gpu_cores_per_process:
        found += f":ngpus={processes * resources.gpu_cores_per_process}"
    return found


def _place(resources: Resources, chunks: str) -> str:
    by_node = resources.node_count is not None or resources.processes_per_node is not None
    several = chunks != "" and (not chunks.startswith("1:") or "+" in chunks)
    words = ["scatter"] if by_node and several else []
    if resources.exclusive_node_use:
        words.append("excl")
    return ":".join(words)


def _clock(seconds: float) -> str:
    whole = max(1, -int(-seconds // 1))
    return f"{whole // 3600:02d}:{whole % 3600 // 60:02d}:{whole % 60:02d}"


def _native(name: str, value: str) -> str:
    field = f"attributes.custom_attributes.pbs.{name}"
    if len(name) != 1 or not name.isascii() or not name.isalpha():
        raise InvalidRequest(
            f"{field}: {name!r} is no option of qsub's, which are letters", field=field
        )
    if name in _OURS:
        raise InvalidRequest(f"{field}: Headway sets qsub's -{name} itself", field=field)
    if name == "W" and _WAITING.search(value):
        raise InvalidRequest(f"{field}: qsub would wait for the job's end", field=field)
    moved = _OUTPUT.search(value) if name == "W" else None
    if moved:
        raise InvalidRequest(f"{field}: Headway sets {moved[1]} itself", field=field)
    if name == "v" and _OWN_MARK.search(value):
        raise InvalidRequest(f"{field}: Headway sets {VARIABLE} itself", field=field)
    if value == "":
        if name in "vlmSqAWr":
            raise InvalidRequest(f"{field}: it needs a value", field=field)
        return value
    return option_value(value, field=field)
