"""Who may do what, and who sees what.

The server's own user and admins may do everything to every job. Anybody else may use the scopes of their token, on their own jobs.
A caller from an open network may read and report on a job that only reports, when they know its name or its UUID. A report token
speaks for its one job. To a caller who may not see a job, the job is not there.
"""

from msgspec.structs import replace

from headway.core.errors import Forbidden, NotFound, Unauthenticated
from headway.core.model.job import Job
from headway.core.model.principal import Principal, Scope
from headway.core.model.selection import Visibility

OPEN_NETWORK = "open-network"  #: ``Principal.via`` of somebody unknown on a network that may report
LINK = "link"  #: ``Principal.via`` of whoever comes by a signed link
COVERED = "(covered)"  #: stands for the value of a variable that is not shown


def visibility_of(actor: Principal) -> Visibility:
    """Give what the actor sees in lists."""
    if Scope.ADMIN in actor.scopes:
        return Visibility(everything=True)
    if actor.job is not None:
        return Visibility(job=actor.job)
    return Visibility(owner=actor.name if actor.name and Scope.READ in actor.scopes else None)


def require(actor: Principal, scope: Scope, job: Job | None = None) -> None:
    """Check that the actor may use a scope, on a job when one is given.

    Raises:
        Unauthenticated: nobody knows who asks, and knowing it might help.
        Forbidden: they are known and lack the scope.
        NotFound: the job is somebody else's.
    """
    if scope not in actor.scopes:
        if not actor.name and actor.job is None:
            raise Unauthenticated(f"this needs a token with the scope {scope}")
        raise Forbidden(f"this needs the scope {scope}; yours: {_listed(actor)}")
    if job is not None and not may_touch(actor, job):
        raise NotFound(f"no job is called {job.id}")


def permits(actor: Principal, scope: Scope, job: Job) -> bool:
    """Tell whether ``require`` would let the actor use a scope on a job."""
    return scope in actor.scopes and may_touch(actor, job)


def is_user(actor: Principal) -> bool:
    """Tell whether the actor is a user: not somebody on an open network, a job or the holder of a link."""
    return actor.job is None and bool(actor.name)


def require_user(actor: Principal, scope: Scope) -> None:
    """Check that the actor is a user with a scope: not somebody on an open network, a job or the holder of a link.

    Raises:
        Unauthenticated: nobody knows who asks.
        Forbidden: they speak for one job only, or lack the scope.
    """
    if actor.job is not None:
        raise Forbidden("this is for users; a link or a job's own token is good for one job only")
    if not actor.name:
        raise Unauthenticated(f"this needs a token with the scope {scope}")
    require(actor, scope)


def shown_to(actor: Principal, job: Job) -> Job:
    """Give a job as the actor may see it.

    Variables are where jobs have their passwords, and addresses of callbacks may have some in them; a link goes to people
    whom nobody listed: whoever came by one sees the variables' names only, and no callbacks.
    """
    if actor.via != LINK or not (job.spec.environment or job.callbacks):
        return job
    spec = replace(job.spec, environment=dict.fromkeys(job.spec.environment, COVERED))
    return replace(job, spec=spec, callbacks=())


def may_touch(actor: Principal, job: Job) -> bool:
    """Tell whether a job is one that the actor may do anything with: then their scopes say what."""
    if Scope.ADMIN in actor.scopes:
        return True
    if actor.job is not None:
        return actor.job == job.id
    if actor.via == OPEN_NETWORK:
        return job.only_reports
    return bool(actor.name) and job.owner == actor.name


def may_take_name(actor: Principal, holder: Job) -> bool:
    """Tell whether the actor may give a name that ``holder`` has to a new job: nobody's name is anybody's."""
    return not holder.owner or holder.owner == actor.name or Scope.ADMIN in actor.scopes


def may_use_numbers(actor: Principal) -> bool:
    """Tell whether the actor may find jobs by their short numbers, which are guessed at once."""
    return actor.via != OPEN_NETWORK


def _listed(actor: Principal) -> str:
    return ", ".join(sorted(actor.scopes)) or "none"
