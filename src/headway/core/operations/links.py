"""The operations on signed links: an address that shows one job to whoever has it, until it expires.

A link is not stored. It is signed with the server's secret, and ends early only with that.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from headway.core.core import Core
from headway.core.errors import InvalidRequest, Unauthenticated
from headway.core.model.link import LONGEST, SHORTEST, Shown, SignedLink
from headway.core.model.names import JobId
from headway.core.model.principal import Principal, Scope
from headway.core.operations.find import find_one
from headway.core.policy.access import LINK, require_user

_LINK: Final = re.compile(r"([a-z]+)\.([0-9a-f-]{36})\.([0-9]{1,10})\.([A-Za-z0-9_-]+)", re.ASCII)


async def make_link(
    core: Core, *, actor: Principal, job_id: JobId, what: Shown, lasts: timedelta
) -> SignedLink:
    """Sign a link to a job that the actor may read.

    Raises:
        InvalidRequest: it would last less than ``SHORTEST`` or more than ``LONGEST``.
        Unauthenticated: nobody knows who asks.
        Forbidden: the actor may not read, or came by a link or a job's token: these cannot be made to last longer.
        NotFound: no job that the actor may see has that id.
    """
    require_user(actor, Scope.READ)
    job = await find_one(core, actor=actor, ref=job_id)
    if not SHORTEST <= lasts <= LONGEST:
        raise InvalidRequest(
            f"a link lasts {SHORTEST.total_seconds():.0f} s to {LONGEST.days} days",
            field="expires_in_s",
        )
    expires = (core.clock.now() + lasts).replace(microsecond=0)
    signed = _signed(what, job.id, int(expires.timestamp()))
    value = f"{signed}.{core.seal.sign(f'link {signed}')}"
    has_stderr = what is Shown.LOG and job.has_stderr
    return SignedLink(value=value, what=what, job=job.id, expires=expires, has_stderr=has_stderr)


def follow_link(core: Core, value: str) -> SignedLink:
    """Check a link's signature and time.

    Raises:
        Unauthenticated: it is none of this server's, or has expired.
    """
    found = _LINK.fullmatch(value)
    if found is None or found[1] not in set(Shown):
        raise Unauthenticated("this link is not known here")
    what, job_id, end_s = Shown(found[1]), JobId(found[2]), int(found[3])
    if not core.seal.matches(f"link {_signed(what, job_id, end_s)}", found[4]):
        raise Unauthenticated("this link is not known here")
    expires = datetime.fromtimestamp(end_s, UTC)
    if expires <= core.clock.now():
        raise Unauthenticated(f"this link expired at {expires:%Y-%m-%d %H:%M} UTC")
    return SignedLink(value=value, what=what, job=job_id, expires=expires)


def reader_by(link: SignedLink) -> Principal:
    """Give whoever comes by a link: somebody without a name, who may read its one job."""
    return Principal(
        name="",
        scopes=frozenset({Scope.READ}),
        job=link.job,
        via=LINK,
        expires=link.expires,
    )


def _signed(what: Shown, job_id: JobId, end_s: int) -> str:
    return f"{what}.{job_id}.{end_s}"
