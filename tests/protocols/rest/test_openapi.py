"""The OpenAPI document says what is served, and what is served does as it says."""

from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from headway.protocols.rest.openapi import openapi
from headway.protocols.rest.plugin import rows

pytestmark = pytest.mark.anyio
ROWS = [row for row in rows() if row.method != "WEBSOCKET"]
DOCUMENT = openapi(rows(), version="1")


def test_the_document_is_valid() -> None:
    assert list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors()) == []


def test_every_operation_has_a_name_of_its_own() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS)


async def test_the_document_is_served_to_anybody(stranger: httpx.AsyncClient) -> None:
    served = (await stranger.get("/openapi.json")).json()
    assert served["info"]["version"] == "1.2.3"
    assert served["servers"] == [{"url": "http://headway.test/api/v1"}]
    assert served["paths"].keys() == DOCUMENT["paths"].keys()


BODIES: dict[str, Any] = {
    "submitJob": {"command": ["true"]},
    "putWorker": {"current": 1},
    "tellRecord": {"native_id": "12", "at": 1},
    "writeStatusText": {"text": "x"},
    "createToken": {"scopes": ["read"]},
    "saveFilter": {"q": "state:failed"},
    "createGroup": {"name": "g"},
}


@pytest.mark.parametrize(
    "row",
    [row for row in ROWS if row.name not in {"watch", "watchFunctions"}],
    ids=lambda r: r.name,
)
async def test_every_documented_route_answers_as_documented(
    client: httpx.AsyncClient, row: Any
) -> None:
    await client.post("/jobs", json={"kind": "report"})
    await client.post("/groups", json={"name": "g", "id": "g"})
    known = {"stream": "stdout", "token": "none", "name": "f", "group": "g", "member": "1"}
    path = row.path.format(id=1, workid="w", event=1, callback=0, no=1, **known)
    body = None if row.body is None else BODIES.get(row.name, {})
    answer = await client.request(row.method, path, json=body)
    told = DOCUMENT["paths"][row.path][row.method.lower()]["responses"][str(answer.status_code)]
    media = [name.partition(";")[0] for name in told.get("content", {})]
    assert answer.headers.get("content-type", "").partition(";")[0] in (media or [""])
    assert answer.status_code < 500
    if shape := told.get("content", {}).get("application/json"):
        allowed = {**shape["schema"], "components": DOCUMENT["components"]}
        Draft202012Validator(allowed).validate(answer.json())
