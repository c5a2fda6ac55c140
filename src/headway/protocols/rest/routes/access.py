"""Links that show a job to others, and signing in a browser."""

from datetime import timedelta
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode

from msgspec import UNSET

from headway.core.operations.links import make_link
from headway.core.operations.sessions import cookie_name, make_login_link, sign_in, sign_out
from headway.protocols.http.body import BodyLimits
from headway.protocols.http.cookies import cookie_of, setting
from headway.protocols.http.links import address_of, stderr_address_of
from headway.protocols.http.problems import Answer
from headway.protocols.http.urls import base_url
from headway.protocols.rest.answers import json_answer
from headway.protocols.rest.call import Call
from headway.protocols.rest.reading import BodyReader
from headway.protocols.rest.table import Row
from headway.protocols.rest.wire.access import (
    LinkBody,
    LinkDocument,
    LoginLinkBody,
    LoginLinkDocument,
    SessionBody,
)

_LINK: Final = BodyReader[LinkBody](LinkBody)
#: Whoever signs in is not known yet, and a token is short.
_SESSION: Final = BodyReader[SessionBody](SessionBody, limits=BodyLimits(size_bytes=4096))
_LOGIN_LINK: Final = BodyReader[LoginLinkBody](LoginLinkBody)


async def new_link(call: Call) -> Answer:
    """POST /jobs/{id}/links."""
    body = await call.body(_LINK)
    link = await make_link(
        call.core,
        actor=call.actor,
        job_id=await call.job_id(),
        what=body.what,
        lasts=timedelta(seconds=body.expires_in_s),
    )
    base = _base(call)
    shown = LinkDocument(
        url=address_of(link, base=base),
        stderr_url=stderr_address_of(link, base=base) or UNSET,
        what=link.what,
        expires=link.expires,
    )
    return json_answer(shown, status=HTTPStatus.CREATED)


async def begin_session(call: Call) -> Answer:
    """POST /session."""
    body = await call.body(_SESSION)
    session = await sign_in(call.core, secret=body.token)
    cookie = setting(call.scope, cookie_name(call.core), session, at=call.core.clock.now())
    return _no_content(cookie)


async def end_session(call: Call) -> Answer:
    """DELETE /session."""
    name = cookie_name(call.core)
    value = cookie_of(call.scope, lambda: name)
    if value is not None:
        await sign_out(call.core, value=value)
    return _no_content(setting(call.scope, name, None, at=call.core.clock.now()))


async def new_login_link(call: Call) -> Answer:
    """POST /login-links."""
    body = await call.body(_LOGIN_LINK)
    link = make_login_link(call.core, actor=call.actor, to=body.to)
    url = f"{_base(call)}/login?{urlencode({'once': link.once})}"
    return json_answer(LoginLinkDocument(url=url, expires=link.expires), status=HTTPStatus.CREATED)


def _base(call: Call) -> str:
    return base_url(call.scope, call.core.settings.public_url)


def _no_content(cookie: tuple[bytes, bytes]) -> Answer:
    headers = ((b"cache-control", b"no-store"), cookie)
    return Answer(status=HTTPStatus.NO_CONTENT, headers=headers, body=b"")


ROWS: Final = (
    Row(
        method="POST",
        path="/jobs/{id}/links",
        name="createLink",
        tag="access",
        summary="Make an address that shows the job to whoever has it, until it expires.",
        handler=new_link,
        body=LinkBody,
        answers=(LinkDocument,),
        status=HTTPStatus.CREATED,
        errors=(HTTPStatus.NOT_FOUND,),
    ),
    Row(
        method="POST",
        path="/session",
        name="signIn",
        tag="access",
        summary="Sign this browser in with a token: sets a cookie.",
        handler=begin_session,
        body=SessionBody,
        status=HTTPStatus.NO_CONTENT,
        errors=(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN),
        public=True,
    ),
    Row(
        method="DELETE",
        path="/session",
        name="signOut",
        tag="access",
        summary="Sign this browser out: takes the cookie away.",
        handler=end_session,
        status=HTTPStatus.NO_CONTENT,
        errors=(HTTPStatus.INSUFFICIENT_STORAGE,),
        public=True,
    ),
    Row(
        method="POST",
        path="/login-links",
        name="createLoginLink",
        tag="access",
        summary="Make a link that signs a browser in as you, once, within a minute.",
        handler=new_login_link,
        body=LoginLinkBody,
        answers=(LoginLinkDocument,),
        status=HTTPStatus.CREATED,
    ),
)
