"""The whole application: for which names it answers."""

from pathlib import Path

import httpx
import msgspec
import pytest

from headway.app.application import make_application
from headway.app.options import ServeOptions
from headway.app.trouble import Troubles
from headway.app.wiring import make_context
from headway.core.core import Core

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("login1.example.org:9998", 200),
        ("login2.example.org", 200),
        ("localhost:9998", 200),
        ("login3.example.org", 421),
    ],
)
async def test_it_answers_for_the_address_that_it_tells_and_names_it_was_given(
    core: Core, tmp_path: Path, host: str, status: int
) -> None:
    options = ServeOptions(data=tmp_path, host="0.0.0.0", allow_hosts=("login2.example.org",))
    known = msgspec.structs.replace(core.settings, public_url="http://login1.example.org:9998")
    core = msgspec.structs.replace(core, settings=known)
    app = make_application(core, make_context(core, options), Troubles(core.troubles), options)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as client:
        assert (await client.get("/healthz")).status_code == status
