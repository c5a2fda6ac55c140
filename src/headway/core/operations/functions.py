"""The operations on functions: what they are signed with, whether a submitted one is fit to be run, and what one gave back."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

import msgspec

from headway.core.core import Core
from headway.core.errors import Forbidden, InvalidRequest, NotFound, TooLarge
from headway.core.model.function import (
    MOST_PICKLED_BYTES,
    MOST_RERUNS,
    MOST_SOURCE_BYTES,
    Function,
)
from headway.core.model.job import Job
from headway.core.model.principal import Principal, Scope
from headway.core.model.result import JSON, OPAQUE, Returned
from headway.core.operations.find import find_one
from headway.core.policy.access import require, require_user
from headway.lib.jsonvalue import JsonValue

_NOTHING_YET: Final = "has given nothing back"


def function_key(core: Core, *, actor: Principal) -> str:
    """Give the key that the actor signs functions with. It is the same for ever, and nobody else's.

    Raises:
        Forbidden: the actor may not run jobs, or is a job or a link.
    """
    require_user(actor, Scope.RUN)
    return key_of(core, actor.name)


def key_of(core: Core, owner: str) -> str:
    """Give the key of a user's functions; for whoever hands them to a worker."""
    return core.seal.sign(f"function {owner}")


def check_function(core: Core, function: Function, *, owner: str) -> None:
    """See that a function is one, of a length that can be kept, and signed by its owner. It is not unpickled.

    Raises:
        InvalidRequest: not exactly one of pickled, source and shell; a wrong number of reruns; a NUL in a shell line.
        TooLarge: it is longer than may be.
        Forbidden: it is not signed with the owner's key.
    """
    given = [name for name in ("pickled", "source", "shell") if getattr(function, name)]
    if len(given) != 1:
        told = " and ".join(given) or "none"
        raise InvalidRequest(
            f"function must have exactly one of pickled, source and shell, not {told}",
            field="function",
        )
    if not 0 <= function.rerun <= MOST_RERUNS:
        raise InvalidRequest(
            f"function.rerun must be from 0 to {MOST_RERUNS}", field="function.rerun"
        )
    if "\0" in function.shell or "\0" in function.source:
        raise InvalidRequest(f"function.{given[0]} has a NUL in it", field=f"function.{given[0]}")
    if len(function.pickled) > MOST_PICKLED_BYTES:
        raise TooLarge(
            f"function.pickled must not be longer than {MOST_PICKLED_BYTES} bytes: keep large data in files and pass"
            " their paths",
            field="function.pickled",
        )
    if max(len(function.source), len(function.shell)) > MOST_SOURCE_BYTES:
        raise TooLarge(
            f"function.{given[0]} must not be longer than {MOST_SOURCE_BYTES} characters",
            field=f"function.{given[0]}",
        )
    if function.pickled:
        wanted = signature_of(function.pickled, key=key_of(core, owner))
        if not hmac.compare_digest(wanted.encode(), function.signature.encode()):
            raise Forbidden(
                "function.signature is not that of its owner's key (GET /functions/key gives it): nothing was stored"
            )


def signature_of(pickled: bytes, *, key: str) -> str:
    """Sign a function: HMAC-SHA256 in hexadecimal."""
    return hmac.new(key.encode(), pickled, hashlib.sha256).hexdigest()


async def read_result(core: Core, *, actor: Principal, ref: str) -> Returned:
    """Read all of what a function gave back.

    Raises:
        NotFound: no such job, or none that the actor may see; or it has no result (yet).
    """
    job = await find_one(core, actor=actor, ref=ref)
    require(actor, Scope.READ, job)
    if isinstance(job.result, Mapping) and OPAQUE in job.result:
        kept = await core.store.result(job.id)
        if kept is not None:
            return kept
    if job.spec.function is None or not job.state.is_final or job.error is not None:
        raise NotFound(f"job {job.number} {_NOTHING_YET}; it is {job.state}")
    return Returned(data=msgspec.json.encode(job.result), media_type=JSON)


async def whole_result(core: Core, *, job: Job, most_bytes: int) -> JsonValue:
    """Give a job's result as JSON, also where it is kept beside the job; as the job has it where it is longer, or no JSON.

    The job is one that whoever asks was found to be allowed to see.
    """
    told = job.result.get(OPAQUE) if isinstance(job.result, Mapping) else None
    if not isinstance(told, Mapping):
        return job.result
    length = told.get("bytes")
    if told.get("media_type") != JSON or not isinstance(length, int) or length > most_bytes:
        return job.result
    kept = await core.store.result(job.id)
    if kept is None or kept.media_type != JSON or len(kept.data) > most_bytes:
        return job.result  # what the function gave looks like this itself
    value: JsonValue = msgspec.json.decode(kept.data)
    return value
