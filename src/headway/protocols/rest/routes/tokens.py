"""Tokens, and who is asking."""

from datetime import timedelta
from http import HTTPStatus
from typing import Final

from headway.core.operations.tokens import create_token, list_tokens, revoke_token
from headway.protocols.http.problems import Answer
from headway.protocols.rest.answers import json_answer
from headway.protocols.rest.call import Call
from headway.protocols.rest.reading import BodyReader
from headway.protocols.rest.table import Row
from headway.protocols.rest.wire.bodies import TokenBody
from headway.protocols.rest.wire.people import (
    NewTokenDocument,
    TokenDocument,
    TokensDocument,
    WhoAmI,
)
from headway.protocols.rest.wire.render import new_token_document, token_document, who_am_i

_TOKEN: Final = BodyReader[TokenBody](TokenBody)


async def new_token(call: Call) -> Answer:
    """POST /tokens."""
    body = await call.body(_TOKEN)
    lasts = None if body.expires_in_s is None else timedelta(seconds=body.expires_in_s)
    created = await create_token(
        call.core,
        actor=call.actor,
        user=call.actor.name if body.user is None else body.user,
        scopes=frozenset(body.scopes),
        note=body.note,
        expires=None if lasts is None else call.core.clock.now() + lasts,
    )
    shown = new_token_document(created.token, created.secret)
    return json_answer(shown, status=HTTPStatus.CREATED)


async def all_tokens(call: Call) -> Answer:
    """GET /tokens."""
    tokens = await list_tokens(call.core, actor=call.actor)
    return json_answer(TokensDocument(tokens=[token_document(token) for token in tokens]))


async def end_token(call: Call) -> Answer:
    """DELETE /tokens/{token}."""
    token = await revoke_token(call.core, actor=call.actor, token_id=call.args["token"])
    return json_answer(token_document(token))


async def whoami(call: Call) -> Answer:
    """GET /whoami."""
    return json_answer(who_am_i(call.actor))


ROWS: Final = (
    Row(
        method="POST",
        path="/tokens",
        name="createToken",
        tag="access",
        summary="Make a token. Its secret is in this answer and nowhere else.",
        handler=new_token,
        body=TokenBody,
        answers=(NewTokenDocument,),
        status=HTTPStatus.CREATED,
        errors=(HTTPStatus.INSUFFICIENT_STORAGE,),
    ),
    Row(
        method="GET",
        path="/tokens",
        name="listTokens",
        tag="access",
        summary="List all tokens, without their secrets.",
        handler=all_tokens,
        answers=(TokensDocument,),
    ),
    Row(
        method="DELETE",
        path="/tokens/{token}",
        name="revokeToken",
        tag="access",
        summary="End a token at once.",
        handler=end_token,
        answers=(TokenDocument,),
        errors=(HTTPStatus.NOT_FOUND, HTTPStatus.INSUFFICIENT_STORAGE),
    ),
    Row(
        method="GET",
        path="/whoami",
        name="whoAmI",
        tag="access",
        summary="Say who is asking, and what they may do.",
        handler=whoami,
        answers=(WhoAmI,),
    ),
)
