"""The OpenAPI 3.1 document, made from the table of routes and the Structs that read and write."""

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, TypeAlias

import msgspec

from headway.protocols.http.problems import CONTENT_TYPE, Problem
from headway.protocols.rest.conditions import takes_if_match
from headway.protocols.rest.table import Row
from headway.protocols.rest.wire.changes import CHANGES
from headway.protocols.rest.wire.documents import JobDocument
from headway.protocols.rest.wire.phrase import TypeForm
from headway.protocols.rest.wire.words import UUID_PATTERN

#: A part of the document: JSON, whose shape OpenAPI says and Python's types cannot.
Part: TypeAlias = dict[str, Any]

_REFS: Final = "#/components/schemas/{name}"
_PROBLEM: Final[Part] = {"$ref": _REFS.format(name="Problem")}
_EVERYWHERE: Final = (HTTPStatus.BAD_REQUEST,)
_KNOWN_CALLERS: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_OF_BODIES: Final = (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)

_VARIABLES: Final[Mapping[str, Part]] = {
    "id": {
        "description": "The job's UUID, or its number.",
        "schema": {"type": "string", "pattern": f"{UUID_PATTERN}|^[1-9][0-9]{{0,17}}$"},
    },
    "workid": {
        "description": "The worker's id: any text. A slash is written `%2F`.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 1000},
    },
    "no": {
        "description": "Which of the job's attempts, 1 the first.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 1_000_000},
    },
    "stream": {
        "description": "Which of the job's two outputs.",
        "schema": {"type": "string", "enum": ["stdout", "stderr"]},
    },
    "name": {
        "description": "The filter's name: any text. A slash is written `%2F`.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 64},
    },
    "event": {
        "description": "The sequence of the event that is told.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 10**18 - 1},
    },
    "callback": {
        "description": "The callback's place in the job's `callbacks`, from 0.",
        "schema": {"type": "integer", "minimum": 0, "maximum": 999},
    },
    "group": {
        "description": "The group's id, its name or a path to it (`a:b`). A slash is written `%2F`.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 2_000},
    },
    "member": {
        "description": "A group's id, or a job's UUID or number.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    },
    "token": {"description": "The token's id, not its secret.", "schema": {"type": "string"}},
}

_TAGS: Final[Mapping[str, str]] = {
    "jobs": "Submit jobs, find them, change them, end them.",
    "functions": "Python functions: signing them, and what they gave back.",
    "progress": "How far a job is: its workers and its counters.",
    "logs": "What a job wrote.",
    "events": "What happened, and what happens now.",
    "callbacks": "Who is told by HTTP, and what came of it.",
    "groups": "Groups of jobs and of other groups.",
    "search": "Saved filters, and what a query may become.",
    "access": "Who may do what.",
    "server": "The server itself.",
    "about": "This document.",
}

_DESCRIPTION: Final = """\
Times are RFC 3339 in UTC. A key or parameter that is not known is refused. Errors are RFC 9457 problem documents;
`field` names the value that is wrong. The user who runs the server needs no token on the same machine.
"""


def openapi(rows: Iterable[Row], *, version: str) -> Part:
    """Make the document, without ``servers``: their address depends on who asks."""
    table = tuple(rows)
    schemas = _Schemas(table)
    paths: dict[str, Part] = {}
    for row in table:
        if row.method != "WEBSOCKET":
            paths.setdefault(row.path, {})[row.method.lower()] = _operation(row, schemas)
    schemas.components["Change"] = {
        "title": "Change",
        "description": "One change; a live stream tells lists of them.",
        "anyOf": [schemas.of(kind) for kind in CHANGES],
    }
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "Headway",
            "summary": "Watch, run and find long jobs.",
            "description": _DESCRIPTION,
            "version": version or "0",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "tags": [{"name": name, "description": words} for name, words in _TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A user's token, or the report token of one job.",
                }
            },
        },
    }


class _Schemas:
    """The JSON Schemas of all types in the table. Structs are components, referred to by name."""

    def __init__(self, rows: Sequence[Row]) -> None:
        kinds = [kind for row in rows for kind in (row.body, *row.answers) if kind is not None]
        kinds += CHANGES
        schemas, components = msgspec.json.schema_components([Problem, *kinds], ref_template=_REFS)
        # msgspec 0.22.0 gives a default that is a tuple as one, which is no JSON.
        self.components: dict[str, Part] = msgspec.json.decode(msgspec.json.encode(components))
        self._schemas = {str(kind): schema for kind, schema in zip(kinds, schemas[1:], strict=True)}

    def of(self, kind: TypeForm) -> Part:
        """Give the schema of a type in the table."""
        return self._schemas[str(kind)]


def _operation(row: Row, schemas: _Schemas) -> Part:
    operation: Part = {
        "operationId": row.name,
        "tags": [row.tag],
        "summary": row.summary,
        "security": [] if row.public else [{}, {"token": []}],
        "parameters": [*_path_parameters(row), *_query_parameters(row), *_header_parameters(row)],
        "responses": _responses(row, schemas),
    }
    if row.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schemas.of(row.body)}},
        }
    return operation


def _path_parameters(row: Row) -> list[Part]:
    names = [part.strip("{}") for part in row.path.split("/") if part.startswith("{")]
    return [{"name": name, "in": "path", "required": True, **_VARIABLES[name]} for name in names]


def _query_parameters(row: Row) -> list[Part]:
    if row.query is None:
        return []
    schema = msgspec.json.schema(row.query)
    found = schema["$defs"][row.query.__name__]["properties"]
    definitions = {key: value for key, value in schema["$defs"].items() if "enum" in value}
    return [
        {"name": name, "in": "query", **_described(_inlined(of, definitions))}
        for name, of in found.items()
    ]


def _described(schema: Part) -> Part:
    """Give a parameter's schema, with its description where readers of parameters look for it.

    Null cannot be written in a query: a parameter without a value is left out.
    """
    members = [one for one in schema.get("anyOf", [schema]) if one != {"type": "null"}]
    only = dict(members[0])
    words = only.pop("description", None)
    if schema.get("default") not in (None, []):
        only["default"] = schema["default"]
    return {"schema": only} if words is None else {"description": words, "schema": only}


def _inlined(value: Any, definitions: Mapping[str, Part]) -> Any:  # noqa: ANN401 -- any part of a schema
    if isinstance(value, dict):
        if "$ref" in value:
            return definitions[value["$ref"].rpartition("/")[2]]
        return {key: _inlined(item, definitions) for key, item in value.items()}
    if isinstance(value, list):
        return [_inlined(item, definitions) for item in value]
    return value


def _header_parameters(row: Row) -> list[Part]:
    return [
        {"name": name, "in": "header", "description": words, "schema": {"type": "string"}}
        for name, words in (*row.headers, *_conditions(row))
    ]


def _conditions(row: Row) -> tuple[tuple[str, str], ...]:
    if takes_if_match(row):
        return (("If-Match", "The job's ETag: change it only if its revision is still this one."),)
    if _may_be_known(row):
        return (("If-None-Match", "An ETag: 304 if the document is still this one."),)
    return ()


def _may_be_known(row: Row) -> bool:
    return row.method == "GET" and row.answers == (JobDocument,)


def _responses(row: Row, schemas: _Schemas) -> Part:
    good: Part = {"description": row.status.phrase}
    if row.media is not None:
        good["content"] = {row.media: {"schema": {"type": "string"}}}
    elif row.answers:
        kinds = [schemas.of(kind) for kind in row.answers]
        schema = kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
        good["content"] = {"application/json": {"schema": schema}}
    if row.answers == (JobDocument,) and row.status is HTTPStatus.CREATED:
        good["headers"] = {
            "Location": {"description": "The job.", "schema": {"type": "string", "format": "uri"}}
        }
    responses = {str(int(row.status)): good}
    for status in row.partly:
        responses[str(int(status))] = {**good, "description": status.phrase}
    if _may_be_known(row):
        responses["304"] = {"description": HTTPStatus.NOT_MODIFIED.phrase}
    for status in _errors(row):
        responses[str(int(status))] = {
            "description": status.phrase,
            "content": {CONTENT_TYPE.decode(): {"schema": _PROBLEM}},
        }
    return responses


def _errors(row: Row) -> list[HTTPStatus]:
    callers = () if row.public else _KNOWN_CALLERS
    bodies = () if row.body is None else _OF_BODIES
    conditions = (HTTPStatus.PRECONDITION_FAILED,) if takes_if_match(row) else ()
    return sorted({*_EVERYWHERE, *callers, *bodies, *conditions, *row.errors})
