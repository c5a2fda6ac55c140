"""The operations on browsers' sessions: signing in with a token or a one-time link, and out again.

A session is not stored: its value names a stored token and an end, signed with the server's secret. It is good for what the
token is good for, and ends with it. The own user, who has no token, gets one with the first use of a one-time link; it ends
with the session.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from headway.core.core import Core
from headway.core.errors import Forbidden, InvalidRequest, Unauthenticated
from headway.core.model.principal import Principal, Scope, Token
from headway.core.model.session import LoginLink, Session
from headway.core.operations.tokens import authenticate, bearer_of, create_token, revoke_token
from headway.core.policy.access import require_user

SESSION: Final = "session"  #: ``Principal.via`` of whoever comes by one
LASTS: Final = timedelta(days=30)
LINK_LASTS: Final = timedelta(seconds=60)
NOTE: Final = "a browser, signed in by a one-time link"

_VALUE: Final = re.compile(r"([0-9a-f-]{36})\.([ot])\.([0-9]{1,10})\.([A-Za-z0-9_-]+)", re.ASCII)
_OWN: Final = "o"  # the token is the session's own
_TOKENS: Final = "t"  # it is a user's, who may use it elsewhere too
_PATH: Final = re.compile(r"/(?!/)[!-\[\]-~]*")
_LONGEST_PATH: Final = 2000


async def sign_in(core: Core, *, secret: str) -> Session:
    """Begin a session with a user's token.

    Raises:
        Unauthenticated: it is nobody's token (any more).
        Forbidden: it is a job's token.
    """
    actor = await authenticate(core, secret=secret)
    return _session_by(core, actor)


async def sign_out(core: Core, *, value: str) -> None:
    """End a session; one that is not good (any more) is no error. A token that was the session's own is revoked.

    Raises:
        StorageFull: no space; the token still works.
    """
    try:
        token, kind, _ = await _read(core, value)
    except Unauthenticated:
        return
    if kind == _OWN:
        actor = Principal(name=token.user, scopes=frozenset({Scope.ADMIN}), via=SESSION)
        await revoke_token(core, actor=actor, token_id=token.id)


async def recognise(core: Core, *, value: str) -> Principal:
    """Tell whose session this is.

    Raises:
        Unauthenticated: it has ended, or its token has.
    """
    token, _, expires = await _read(core, value)
    actor = bearer_of(core, token, via=SESSION)
    return msgspec.structs.replace(actor, expires=min(expires, actor.expires or expires))


def make_login_link(core: Core, *, actor: Principal, to: str = "/") -> LoginLink:
    """Make a link that signs a browser in as the actor: once, within a minute.

    Raises:
        InvalidRequest: ``to`` is no path below this server's address.
        Unauthenticated: nobody knows who asks.
        Forbidden: the actor came by a link or a job's token.
    """
    require_user(actor, Scope.READ)
    if len(to) > _LONGEST_PATH or not _PATH.fullmatch(to):
        raise InvalidRequest("to must be a path here, such as /admin", field="to")
    now = core.clock.now()
    link = LoginLink(once=core.ids.new_secret(), actor=actor, to=to, expires=now + LINK_LASTS)
    core.login_links.add(link, at=now)
    return link


async def use_login_link(core: Core, *, once: str) -> tuple[Session, LoginLink]:
    """Begin the session that a one-time link is good for. The link is used up, whatever comes.

    Raises:
        Unauthenticated: the link was used, has expired, or its maker's token was ended.
        StorageFull: no space; make a new link later.
    """
    link = core.login_links.take(once, at=core.clock.now())
    if link is None:
        raise Unauthenticated(
            "this link was used already, or is older than a minute; make a new one with `headway open`"
        )
    actor = link.actor
    if actor.token is not None:
        bearer_of(core, await _token(core, actor.token))
        return _session_by(core, actor), link
    created = await create_token(
        core,
        actor=actor,
        user=actor.name,
        scopes=actor.scopes,
        note=NOTE,
        expires=core.clock.now() + LASTS,
    )
    return _session(core, created.token, _OWN), link


def cookie_name(core: Core) -> str:
    """Give the name of this server's cookie. Cookies know no ports: two servers on one host must not take each other's."""
    return f"headway_{core.seal.sign('cookie')[:8]}"


def _session_by(core: Core, actor: Principal) -> Session:
    if actor.token is None:
        raise Forbidden("a browser signs in with a user's token, not with a job's")
    expires = min(core.clock.now() + LASTS, actor.expires or datetime.max.replace(tzinfo=UTC))
    return _sealed(core, actor.token, _TOKENS, expires)


def _session(core: Core, token: Token, kind: str) -> Session:
    return _sealed(core, token.id, kind, token.expires or core.clock.now() + LASTS)


def _sealed(core: Core, token_id: str, kind: str, expires: datetime) -> Session:
    signed = f"{token_id}.{kind}.{int(expires.timestamp())}"
    return Session(value=f"{signed}.{core.seal.sign(f'session {signed}')}", expires=expires)


async def _read(core: Core, value: str) -> tuple[Token, str, datetime]:
    found = _VALUE.fullmatch(value)
    if found is None or not core.seal.matches(f"session {value.rpartition('.')[0]}", found[4]):
        raise Unauthenticated("this sign-in is not known here; sign in again")
    expires = datetime.fromtimestamp(int(found[3]), UTC)
    if expires <= core.clock.now():
        raise Unauthenticated("this sign-in has ended; sign in again")
    return await _token(core, found[1]), found[2], expires


async def _token(core: Core, token_id: str) -> Token:
    token = next((one for one in await core.store.tokens() if one.id == token_id), None)
    if token is None:
        raise Unauthenticated("the token of this sign-in is gone; sign in again")
    return token
