"""What qsub is asked for: resources, limits, queue and account as its options. Pure."""

import math
from collections.abc import Mapping
from typing import Final

from headway.core.errors import InvalidRequest
from headway.core.model.spec import Attributes, Resources, Spec
from headway.executors.sge.native import FIELD, check_value
from headway.executors.sge.settings import Settings

_MIB: Final = 1024 * 1024
_OWN_PREFIX: Final = "sge."


def slots_of(resources: Resources) -> int:
    """Give how many slots a job needs: a slot is what Grid Engine counts, and as a rule one core."""
    processes = resources.process_count or (
        (resources.node_count or 1) * (resources.processes_per_node or 1)
    )
    return processes * (resources.cpu_cores_per_process or 1)


def resource_options(
    resources: Resources, *, settings: Settings, native: Mapping[str, str]
) -> list[str]:
    """Give the options for slots, memory, GPUs and a host for oneself.

    Raises:
        InvalidRequest: several slots are asked for, and no parallel environment is set that gives them.
    """
    slots = slots_of(resources)
    words: list[str] = []
    if slots > 1 and "pe" not in native:
        words += ["-pe", _environment(resources, slots, settings), str(slots)]
    requests: list[str] = []
    if resources.memory is not None and settings.memory_resource:
        share = slots if settings.memory_per_slot else 1
        mib = -(-resources.memory // (_MIB * share))
        requests.append(f"{settings.memory_resource}={mib}M")
    if resources.gpu_cores_per_process and settings.gpu_resource:
        requests.append(f"{settings.gpu_resource}={_gpus(resources, slots, settings)}")
    if resources.exclusive_node_use and settings.exclusive_resource:
        requests.append(f"{settings.exclusive_resource}=true")
    return [*words, "-l", ",".join(requests)] if requests else words


def attribute_options(attributes: Attributes, *, settings: Settings) -> list[str]:
    """Give the options for the time limit, queue, account and reservation.

    Raises:
        InvalidRequest: a value cannot be passed on; the message names the field.
    """
    words: list[str] = []
    if attributes.duration is not None:
        words += ["-l", f"h_rt={max(1, math.ceil(attributes.duration))}"]
    if attributes.queue_name is not None:
        field = "attributes.queue_name"
        words += ["-q", check_value(attributes.queue_name, field=field, what="a queue")]
    if attributes.account is not None:
        option = "-P" if settings.account_is == "project" else "-A"
        field = "attributes.account"
        words += [option, check_value(attributes.account, field=field, what="an account")]
    if attributes.reservation_id is not None:
        if not (attributes.reservation_id.isascii() and attributes.reservation_id.isdigit()):
            raise InvalidRequest(
                f"attributes.reservation_id: {attributes.reservation_id!r} is no reservation of Grid Engine's; those are numbers",
                field="attributes.reservation_id",
            )
        words += ["-ar", attributes.reservation_id]
    return words


def unheeded(spec: Spec, *, settings: Settings) -> list[str]:
    """Name what is asked for and not passed on.

    How many hosts slots are spread over is for the parallel environment to say (allocation_rule), not for the job.
    """
    resources, attributes = spec.resources, spec.attributes
    nodes = resources.node_count or 1
    asked = {
        "resources.node_count": nodes > 1,
        "resources.processes_per_node": bool(resources.processes_per_node) and nodes > 1,
        "resources.gpu_cores_per_process": bool(resources.gpu_cores_per_process)
        and not settings.gpu_resource,
        "resources.exclusive_node_use": bool(resources.exclusive_node_use)
        and not settings.exclusive_resource,
        "resources.memory": resources.memory is not None and not settings.memory_resource,
        "attributes.total_duration": attributes.total_duration is not None,
    }
    others = [
        f"{FIELD}.{name}"
        for name in attributes.custom_attributes
        if not name.startswith(_OWN_PREFIX)
    ]
    return [*(name for name, is_asked in asked.items() if is_asked), *others]


def _environment(resources: Resources, slots: int, settings: Settings) -> str:
    nodes, processes = resources.node_count, resources.process_count or 1
    across = (nodes or 1) > 1
    if across or (nodes is None and processes > 1 and settings.mpi_environment):
        found, setting = settings.mpi_environment, "mpi_environment"
    else:
        found, setting = settings.parallel_environment, "parallel_environment"
    if not found:
        raise InvalidRequest(
            f"resources: {slots} slots need one of Grid Engine's parallel environments; set {setting} of this cluster to the "
            "name of one (qconf -spl lists them), or give sge.pe",
            field="resources",
        )
    return found


def _gpus(resources: Resources, slots: int, settings: Settings) -> int:
    cores = resources.cpu_cores_per_process or 1
    gpus = (resources.gpu_cores_per_process or 0) * (slots // cores)
    if not settings.gpu_per_slot:
        return gpus
    if gpus % slots:
        raise InvalidRequest(
            f"resources.gpu_cores_per_process: {gpus} GPUs cannot be shared out evenly among {slots} slots, and this cluster "
            "counts GPUs by the slot",
            field="resources.gpu_cores_per_process",
        )
    return gpus // slots
