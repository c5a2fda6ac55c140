"""The protocol's description of itself."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from headway.protocols.http.problems import Answer
from headway.protocols.http.urls import base_url
from headway.protocols.rest.addresses import PREFIX
from headway.protocols.rest.answers import json_answer
from headway.protocols.rest.call import Call
from headway.protocols.rest.openapi import openapi
from headway.protocols.rest.table import Row


def described(rows: Sequence[Row], *, version: str) -> tuple[Row, ...]:
    """Give the table with one more row: the one that serves the whole table's description.

    The description is made when it is first asked for, and kept.
    """

    @cache
    def made() -> Mapping[str, object]:
        return openapi(table, version=version)

    async def read_openapi(call: Call) -> Answer:
        """GET /openapi.json."""
        root = base_url(call.scope, call.core.settings.public_url)
        return json_answer({**made(), "servers": [{"url": f"{root}{PREFIX}"}]})

    own = Row(
        method="GET",
        path="/openapi.json",
        name="readOpenApi",
        tag="about",
        summary="Read this document.",
        handler=read_openapi,
        answers=(dict[str, Any],),
        public=True,
    )
    table = (*rows, own)
    return table
