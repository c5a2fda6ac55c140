"""Whatever the OpenAPI document allows, and much that it does not: never a server error, always as documented."""

from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)
from tests.properties import examples
from tests.protocols.rest.conftest import as_own_user

from headway.core.core import Core
from headway.core.model.names import Cluster
from headway.protocols.http.context import HttpContext
from headway.protocols.http.identity import IdentitySettings
from headway.protocols.http.live.hub import Hub
from headway.protocols.rest import plugin
from headway.protocols.rest.plugin import rows
from headway.protocols.rest.table import Row
from headway.stores.memory import MemoryStore
from headway.testing.fakes import FakeClock, FakeExecutor, FakeIds, FakeSeal

CHECKS: Final = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
)


# A stream does not end, so it cannot be tried like this.
STREAMS: Final = {"watch", "watchFunctions"}
TRIED: Final = [row for row in rows() if row.method != "WEBSOCKET" and row.name not in STREAMS]


@pytest.fixture
def api() -> schemathesis.BaseSchema:
    core = Core(
        store=MemoryStore(),
        executors={Cluster("local"): FakeExecutor()},
        clock=FakeClock(),
        ids=FakeIds(),
        seal=FakeSeal(),
    )
    context = HttpContext(identity=IdentitySettings(own_user="alice"), hub=Hub(core.store))
    app = as_own_user(plugin.make(core, context))
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", app)


@pytest.mark.hypothesis
@pytest.mark.parametrize("row", TRIED, ids=lambda row: row.name)
def test_whatever_is_sent_is_answered_as_documented(api: schemathesis.BaseSchema, row: Row) -> None:
    operation = api[row.path][row.method]

    @given(case=operation.as_strategy() | operation.as_strategy(GenerationMode.NEGATIVE))
    @settings(
        max_examples=examples(25),
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    def tried(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(checks=list(CHECKS))

    tried()
