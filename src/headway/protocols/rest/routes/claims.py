"""Attempts that run on another system's workers: which worker has one, and how it ended."""

from http import HTTPStatus
from typing import Final

from headway.core.operations.claims import claim_attempt
from headway.protocols.http.body import LIMITS, BodyLimits, read_body, require_json
from headway.protocols.http.problems import Answer
from headway.protocols.rest.call import Call
from headway.protocols.rest.reading import BodyReader
from headway.protocols.rest.table import Row
from headway.protocols.rest.wire.claims import (
    ClaimBody,
    OutcomeBody,
    claim_record,
    outcome_record,
)

_CLAIM: Final = BodyReader[ClaimBody](ClaimBody)
_OUTCOME: Final = BodyReader[OutcomeBody](OutcomeBody)
_OF_RESULTS: Final = BodyLimits(size_bytes=96 << 20)


async def put_claim(call: Call) -> Answer:
    """PUT /jobs/{id}/attempts/{no}/claim."""
    return await _claim(call, claim_record(await call.body(_CLAIM)))


async def put_outcome(call: Call) -> Answer:
    """PUT /jobs/{id}/attempts/{no}/outcome."""
    require_json(call.scope["headers"])
    limits = LIMITS if call.actor.job is None else _OF_RESULTS  # who is no job is only told so
    body = await _OUTCOME.decoded(await read_body(call.scope, call.receive, limits=limits))
    return await _claim(call, outcome_record(body))


async def _claim(call: Call, record: bytes) -> Answer:
    await claim_attempt(
        call.core,
        actor=call.actor,
        job_id=await call.job_id(),
        attempt=call.attempt(),
        record=record,
    )
    return Answer(status=HTTPStatus.NO_CONTENT, headers=(), body=b"")


ROWS: Final = (
    Row(
        method="PUT",
        path="/jobs/{id}/attempts/{no}/claim",
        name="claimAttempt",
        tag="functions",
        summary="Ask, as a function's worker, to run an attempt or to go on with it; 409 when it is not to.",
        handler=put_claim,
        body=ClaimBody,
        status=HTTPStatus.NO_CONTENT,
        errors=(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
    ),
    Row(
        method="PUT",
        path="/jobs/{id}/attempts/{no}/outcome",
        name="tellOutcome",
        tag="functions",
        summary="Tell, as the worker that has claimed an attempt, how it ended. Durable when answered.",
        handler=put_outcome,
        body=OutcomeBody,
        status=HTTPStatus.NO_CONTENT,
        errors=(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
    ),
)
