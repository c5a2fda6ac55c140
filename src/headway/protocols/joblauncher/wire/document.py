"""A job as GET /job/{id} tells it: the request that made it, and its status."""

from collections.abc import Mapping
from typing import Final

import msgspec

from headway.core.model.job import Job
from headway.lib.jsonvalue import JsonObject, JsonValue
from headway.protocols.joblauncher.wire.request import Request
from headway.protocols.joblauncher.wire.status import Status, status_of

WORDS_NAME: Final = (
    "joblauncher"  #: the words of this protocol's callbacks, and its key in Spec.native
)
_KEPT: Final = ("jobdir", "prestaged", "poststaged", "stdout", "stderr")


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to GET /job/{id}."""

    request: JsonObject
    status: Status


def document_of(job: Job, native_info: JsonObject) -> Document:
    """Tell a job; ``native_info`` is what its newest attempt's scheduler says of it."""
    return Document(request=_request_of(job), status=status_of(job, native_info))


def kept_of(request: Request) -> Mapping[str, JsonValue]:
    """Give what of a request is kept with the job for this protocol alone; all else has its place in the spec."""
    return {name: msgspec.to_builtins(getattr(request, name)) for name in _KEPT}


def _request_of(job: Job) -> JsonObject:
    """Give the request that made a job, or for a job of another protocol the one that would make it."""
    executable, *arguments = job.spec.command or ("",)
    environment = {"environment": job.spec.environment} if job.spec.environment else {}
    return {
        **_files_of(job),
        "executable": executable,
        "arguments": arguments,
        **environment,
        "status_callback_url": next(
            (callback.url for callback in job.callbacks if callback.words == WORDS_NAME), None
        ),
    }


def _files_of(job: Job) -> JsonObject:
    kept = job.spec.native.get(WORDS_NAME)
    if isinstance(kept, Mapping):
        return {name: kept.get(name) for name in _KEPT}
    sandbox = job.spec.sandbox
    return {
        "jobdir": job.spec.directory,
        "prestaged": [transfer.source for transfer in sandbox.stage_in] if sandbox else [],
        "poststaged": [transfer.target for transfer in sandbox.stage_out] if sandbox else [],
        "stdout": sandbox.stdout if sandbox else None,
        "stderr": sandbox.stderr if sandbox else None,
    }
