"""Bodies as what the core is asked to make, and edits of what it has made before."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Final, Literal

import msgspec

from headway.core.model.function import Function
from headway.core.model.job import Kind
from headway.core.model.names import Cluster, JobId, NativeId
from headway.core.operations.submit import Submission
from headway.protocols.rest.wire.bodies import (
    ArrayBody,
    AttributesBody,
    FunctionBody,
    JobBody,
    ResourcesBody,
    SubmitsBody,
)
from headway.protocols.rest.wire.callbacks import callback_of
from headway.protocols.rest.wire.sandboxes import sandbox_body
from headway.protocols.rest.wire.submission import check_job, spec_of
from headway.protocols.rest.wire.words import ARGUMENT_BYTES

_KINDS: Final[Mapping[Kind, Literal["report", "function"]]] = {
    Kind.REPORT: "report",
    Kind.FUNCTION: "function",
}


def submission_of(body: JobBody) -> Submission:
    """Give a body as what the core is asked to make. Raises as ``spec_of`` does."""
    return Submission(
        kind=Kind.FUNCTION if body.function is not None else Kind(body.kind),
        name=body.name,
        spec=spec_of(body),
        labels=tuple(dict.fromkeys(body.labels)),
        cluster=None if body.cluster is None else Cluster(body.cluster),
        inputs=body.inputs,
        extra=body.extra,
        url=body.url,
        parent=None if body.parent is None else JobId(body.parent.lower()),
        worker_count=body.worker_count,
        max_age_s=body.max_age_s,
        will_finish=body.will_finish,
        native_id=None if body.native_id is None else NativeId(body.native_id),
        callbacks=tuple(callback_of(callback) for callback in body.callbacks),
        groups=tuple(body.groups),
    )


def edited(original: Submission, body: JobBody, given: AbstractSet[str]) -> Submission:
    """Give a submission with those of a body's keys that were ``given`` in place of its own; each replaces the whole value.

    Raises:
        InvalidRequest: as ``check_job`` and ``spec_of``.
        TooLarge: as ``check_job``.
    """
    changes = {key: getattr(body, key) for key in given}
    if given & {"executable", "arguments"}:
        program, *arguments = original.spec.command or ("",)
        changes["command"] = body.command
        changes["executable"] = body.executable or program
        changes["arguments"] = arguments if body.arguments is None else body.arguments
    merged = msgspec.structs.replace(_body_of(original), **changes)
    check_job(merged, size_bytes=ARGUMENT_BYTES + 1)
    wanted = submission_of(merged)
    spec = msgspec.structs.replace(wanted.spec, native=original.spec.native)
    return msgspec.structs.replace(wanted, spec=spec)


def _body_of(original: Submission) -> JobBody:
    spec = original.spec
    return JobBody(
        kind=_KINDS.get(original.kind, "command"),
        command=list(spec.command) or None,
        function=None if spec.function is None else _function_body(spec.function),
        name=original.name,
        labels=list(original.labels),
        directory=spec.directory,
        environment=dict(spec.environment),
        inherit_environment=spec.inherit_environment,
        stdin_path=spec.stdin_path,
        sandbox=None if spec.sandbox is None else sandbox_body(spec.sandbox),
        array=None if spec.array is None else ArrayBody(**msgspec.structs.asdict(spec.array)),
        submits=None if spec.submits is None else SubmitsBody(log=spec.submits.log),
        after=list(spec.after),
        resources=ResourcesBody(**msgspec.structs.asdict(spec.resources)),
        attributes=AttributesBody(**msgspec.structs.asdict(spec.attributes)),
        cluster=original.cluster,
        inputs=dict(original.inputs),
        extra=dict(original.extra),
        url=original.url,
        worker_count=original.worker_count,
        max_age_s=original.max_age_s,
        will_finish=original.will_finish,
    )


def _function_body(function: Function) -> FunctionBody:
    """Give what would submit this function again: ``within`` is of the job that it was."""
    return FunctionBody(
        pickled=function.pickled,
        signature=function.signature,
        source=function.source,
        shell=function.shell,
        rerun=function.rerun,
    )
