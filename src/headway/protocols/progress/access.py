"""Which job a request of the progress protocol means, and who is asking for it."""

import msgspec

from headway.core.core import Core
from headway.core.errors import Forbidden, NotFound, Unauthenticated
from headway.core.model.job import Job
from headway.core.model.principal import Principal, Scope
from headway.core.operations.find import find_one
from headway.core.operations.named import named
from headway.core.operations.tokens import key_matches
from headway.core.policy.access import OPEN_NETWORK
from headway.lib.asgi import Scope as AsgiScope
from headway.protocols.http.context import HttpContext
from headway.protocols.http.identity import identify_open
from headway.protocols.progress.wire import NAMESPACE, Show, lookup_key


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, and for which job; None when no job has the name."""

    actor: Principal
    job: Job | None


async def asked(
    core: Core, context: HttpContext, scope: AsgiScope, *, jobid: str, key: str | None
) -> Asked:
    """Find the job that a name means, and who asks: whoever has the job's key may, from anywhere.

    The key of a job that had the name before is worth nothing: its late workers report to the new one, if they may
    without a key.

    Raises:
        Unauthenticated: nobody is known to ask, and there is no key.
        Forbidden: the key is another job's, and nobody is known to ask.
        NotFound: the name belongs to a job that the caller may not see.
    """
    name = lookup_key(jobid)
    alias = await core.store.alias(NAMESPACE, name)
    if key is not None:
        job = await core.store.job(alias.job) if alias else None
        if job is not None and key_matches(core, job, key):
            return Asked(actor=_bearer_of_key(job), job=job)
    try:
        actor = await identify_open(scope, core, context.identity)
    except Unauthenticated:
        if key is None:
            raise
        words = "the key k is not that of the job which has this name now"
        raise Forbidden(words) from None
    if alias is None:
        return Asked(actor=actor, job=None)
    return Asked(actor=actor, job=await named(core, actor=actor, namespace=NAMESPACE, key=name))


def _bearer_of_key(job: Job) -> Principal:
    return Principal(
        name=job.owner,
        scopes=frozenset({Scope.READ, Scope.REPORT}),
        job=job.id,
        via="progress-key",
    )


def is_known(actor: Principal) -> bool:
    """Tell whether the native protocol would know the caller too, by what a browser sends there as well."""
    return actor.via != OPEN_NETWORK and actor.job is None


async def shown_job(core: Core, context: HttpContext, scope: AsgiScope, show: Show) -> Asked:
    """Find the job that a page or picture is about, by its name or by its id.

    Raises:
        Unauthenticated: nobody is known to ask.
        Forbidden: the key is another job's.
    """
    if show.jobid is not None:
        return await asked(core, context, scope, jobid=show.jobid, key=show.key)
    actor = await identify_open(scope, core, context.identity)
    try:
        return Asked(actor=actor, job=await find_one(core, actor=actor, ref=show.ref or ""))
    except (NotFound, Unauthenticated):
        return Asked(actor=actor, job=None)
