"""The operations on tokens: who somebody is, and what they may say for a job."""

import hashlib
import re
from datetime import datetime
from typing import Final

import msgspec

from headway.core.core import Core
from headway.core.errors import InvalidRequest, NotFound, Unauthenticated
from headway.core.model.change import Change
from headway.core.model.event import Event, EventType
from headway.core.model.job import Job
from headway.core.model.names import JobId
from headway.core.model.principal import Principal, Scope, Token, widened
from headway.core.policy.access import require

_USER_PREFIX: Final = "hw_"
_REPORT_PREFIX: Final = "hwr_"
_USER: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,63}", re.ASCII)
_REPORT: Final = re.compile(r"hwr_([0-9a-f-]{36})_([A-Za-z0-9_-]+)", re.ASCII)


class CreatedToken(msgspec.Struct, frozen=True, kw_only=True):
    """A new token and its secret, which is nowhere else and never shown again."""

    token: Token
    secret: str


async def create_token(
    core: Core,
    *,
    actor: Principal,
    user: str,
    scopes: frozenset[Scope],
    note: str = "",
    expires: datetime | None = None,
) -> CreatedToken:
    """Make a token for a user. Only its hash is stored. Durable on return.

    Raises:
        InvalidRequest: no scope, a name that cannot be a user's, or an end in the past.
        Forbidden: the actor is no admin.
        StorageFull: no space; nothing was stored.
    """
    require(actor, Scope.ADMIN)
    if not scopes:
        raise InvalidRequest(
            f"a token needs at least one scope of {', '.join(Scope)}", field="scopes"
        )
    if not _USER.fullmatch(user):
        raise InvalidRequest(
            "user must be 1 to 64 letters, digits or . _ @ + - and begin with a letter, digit or _",
            field="user",
        )
    now = core.clock.now()
    if expires is not None and expires <= now:
        raise InvalidRequest("the token would have expired already", field="expires")
    secret = _USER_PREFIX + core.ids.new_secret()
    token = Token(
        id=core.ids.new_job_id(),
        user=user,
        note=note,
        scopes=scopes,
        secret_hash=_hash(secret),
        created=now,
        expires=expires,
    )
    await core.store.write(
        Change(tokens=(token,), events=(_event(core, actor, EventType.TOKEN_CREATED, token),))
    )
    return CreatedToken(token=token, secret=secret)


async def revoke_token(core: Core, *, actor: Principal, token_id: str) -> Token:
    """End a token; doing it again changes nothing. Durable on return.

    Raises:
        NotFound: no token has that id.
        Forbidden: the actor is no admin.
        StorageFull: no space; the token still works.
    """
    require(actor, Scope.ADMIN)
    token = next((one for one in await core.store.tokens() if one.id == token_id), None)
    if token is None:
        raise NotFound(f"no token is called {token_id!r}")
    if token.revoked is not None:
        return token
    revoked = msgspec.structs.replace(token, revoked=core.clock.now())
    await core.store.write(
        Change(tokens=(revoked,), events=(_event(core, actor, EventType.TOKEN_REVOKED, token),))
    )
    return revoked


async def list_tokens(core: Core, *, actor: Principal) -> list[Token]:
    """Read all tokens, oldest first, ended ones too.

    Raises:
        Forbidden: the actor is no admin.
    """
    require(actor, Scope.ADMIN)
    return await core.store.tokens()


async def authenticate(core: Core, *, secret: str) -> Principal:
    """Tell whose secret this is: a user's token or a job's report token.

    Raises:
        Unauthenticated: nobody's (any more).
    """
    if secret.startswith(_REPORT_PREFIX):
        return await _reporter(core, secret)
    token = await core.store.token_by_hash(_hash(secret))
    if token is None:
        raise Unauthenticated("this token is not known here")
    return bearer_of(core, token)


def bearer_of(core: Core, token: Token, *, via: str = "token") -> Principal:
    """Give whoever holds a stored token.

    Raises:
        Unauthenticated: it was revoked or has expired.
    """
    if token.revoked is not None:
        raise Unauthenticated("this token was revoked")
    if token.expires is not None and token.expires <= core.clock.now():
        raise Unauthenticated(f"this token expired at {token.expires:%Y-%m-%d %H:%M} UTC")
    return Principal(
        name=token.user,
        scopes=widened(token.scopes),
        via=via,
        token=token.id,
        expires=token.expires,
    )


def report_token(core: Core, job: Job) -> str:
    """Give the secret with which a job reports on itself. It needs no storage and dies with the job."""
    return f"{_REPORT_PREFIX}{job.id}_{core.seal.sign(f'report {job.id}')}"


def progress_key(core: Core, job: Job) -> str:
    """Give the key that an update address carries, good for this one job."""
    return core.seal.sign(f"progress {job.id}")


def key_matches(core: Core, job: Job, key: str) -> bool:
    """Tell whether ``key`` is the job's progress key."""
    return core.seal.matches(f"progress {job.id}", key)


async def _reporter(core: Core, secret: str) -> Principal:
    found = _REPORT.fullmatch(secret)
    if found is None or not core.seal.matches(f"report {found[1]}", found[2]):
        raise Unauthenticated("this report token is not known here")
    try:
        job = await core.store.job(JobId(found[1]))
    except NotFound:
        raise Unauthenticated("this report token's job is gone") from None
    if job.ended is not None and core.clock.now() - job.ended > core.settings.token_grace:
        raise Unauthenticated("this report token ended with its job")
    return Principal(
        name=job.owner,
        scopes=frozenset({Scope.REPORT}),
        job=job.id,
        via="report-token",
    )


def _event(core: Core, actor: Principal, kind: EventType, token: Token) -> Event:
    return Event(
        job=None,
        time=core.clock.now(),
        type=kind,
        actor=actor.name,
        protocol="",
        data={"token": token.id, "user": token.user, "scopes": sorted(token.scopes)},
    )


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
