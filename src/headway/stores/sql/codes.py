"""Ids and states as the tables have them: short, because a million rows and their indexes have each of them many times."""

import re
from functools import lru_cache
from typing import Final

from headway.core.errors import InvalidRequest
from headway.core.model.names import JobId
from headway.core.model.state import State

#: Stored numbers are for ever; those below ``FINAL_FROM`` have not ended.
STATE_CODES: Final = {
    State.ACCEPTED: 0,
    State.QUEUED: 1,
    State.RUNNING: 2,
    State.SUCCEEDED: 3,
    State.FAILED: 4,
    State.CANCELLED: 5,
}
STATES: Final = {code: state for state, code in STATE_CODES.items()}
FINAL_FROM: Final = 3

_ID: Final = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def id_bytes(job_id: JobId) -> bytes:
    """Give the 16 bytes of a job's id.

    Raises:
        InvalidRequest: it is no UUID as RFC 9562 writes it, in small letters.
    """
    found = sought_bytes(job_id)
    if found is None:
        raise InvalidRequest(f"a job's id must be a UUID in small letters, not {job_id!r}")
    return found


@lru_cache(maxsize=4_096)
def sought_bytes(job_id: JobId) -> bytes | None:
    """Give the 16 bytes of an id that somebody asks for; None when no job can have it."""
    return bytes.fromhex(job_id.replace("-", "")) if _ID.fullmatch(job_id) else None


def optional_id_bytes(job_id: JobId | None) -> bytes | None:
    """Give the bytes of an id, or None as None."""
    return None if job_id is None else id_bytes(job_id)


def id_of(stored: bytes) -> JobId:
    """Give the id of 16 bytes."""
    digits = stored.hex()
    return JobId(f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}")


def optional_id_of(stored: bytes | None) -> JobId | None:
    """Give the id of 16 bytes, or None as None."""
    return None if stored is None else id_of(stored)
