"""Saved filters, and how a query may go on."""

from http import HTTPStatus
from typing import Final

from headway.core.operations.filters import delete_filter, list_filters, save_filter
from headway.core.operations.suggest import suggest
from headway.protocols.http.problems import Answer
from headway.protocols.rest.answers import json_answer
from headway.protocols.rest.call import Call
from headway.protocols.rest.reading import BodyReader, QueryReader
from headway.protocols.rest.table import Row
from headway.protocols.rest.wire.queries import SuggestionsQuery
from headway.protocols.rest.wire.search import (
    FilterBody,
    FilterDocument,
    FiltersDocument,
    SuggestionsDocument,
    filter_document,
    suggestion_document,
)

_FILTER: Final = BodyReader[FilterBody](FilterBody)
_SUGGESTIONS: Final = QueryReader(SuggestionsQuery)


async def read_suggestions(call: Call) -> Answer:
    """GET /suggestions."""
    query = call.query(_SUGGESTIONS)
    found = await suggest(call.core, actor=call.actor, q=query.q, limit=query.limit)
    return json_answer(SuggestionsDocument(suggestions=[suggestion_document(one) for one in found]))


async def all_filters(call: Call) -> Answer:
    """GET /filters."""
    saved = await list_filters(call.core, actor=call.actor)
    return json_answer(FiltersDocument(filters=[filter_document(one) for one in saved]))


async def put_filter(call: Call) -> Answer:
    """PUT /filters/{name}."""
    body = await call.body(_FILTER)
    saved = await save_filter(call.core, actor=call.actor, name=call.args["name"], q=body.q)
    return json_answer(filter_document(saved))


async def end_filter(call: Call) -> Answer:
    """DELETE /filters/{name}."""
    await delete_filter(call.core, actor=call.actor, name=call.args["name"])
    return Answer(status=HTTPStatus.NO_CONTENT, headers=(), body=b"")


ROWS: Final = (
    Row(
        method="GET",
        path="/suggestions",
        name="suggest",
        tag="search",
        summary="Give what the last word of a query may become.",
        handler=read_suggestions,
        query=SuggestionsQuery,
        answers=(SuggestionsDocument,),
    ),
    Row(
        method="GET",
        path="/filters",
        name="listFilters",
        tag="search",
        summary="List your saved filters.",
        handler=all_filters,
        answers=(FiltersDocument,),
    ),
    Row(
        method="PUT",
        path="/filters/{name}",
        name="saveFilter",
        tag="search",
        summary="Keep a query under a name, in place of what had that name.",
        handler=put_filter,
        body=FilterBody,
        answers=(FilterDocument,),
        errors=(HTTPStatus.INSUFFICIENT_STORAGE,),
    ),
    Row(
        method="DELETE",
        path="/filters/{name}",
        name="deleteFilter",
        tag="search",
        summary="Forget a saved filter.",
        handler=end_filter,
        status=HTTPStatus.NO_CONTENT,
        errors=(HTTPStatus.NOT_FOUND, HTTPStatus.INSUFFICIENT_STORAGE),
    ),
)
