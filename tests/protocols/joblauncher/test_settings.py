"""What an administrator chooses, and what becomes of it."""

from collections.abc import Callable

import pytest
from tests.protocols.joblauncher.conftest import client_of

from headway.core.core import Core
from headway.core.errors import InvalidRequest
from headway.core.model.names import JobId
from headway.core.model.spec import Attributes, Deletion
from headway.lib.asgi import ASGIApp
from headway.protocols.joblauncher.settings import read_settings

pytestmark = pytest.mark.anyio
PLAIN = {"jobdir": "/tmp", "executable": "/bin/true"}


async def test_settings_reach_the_job(make_app: Callable[..., ASGIApp], core: Core) -> None:
    app = make_app(
        cluster="local", queue="short", run_limit_s=60.0, delete="on_success", keep_s=5.0
    )
    async with client_of(app) as client:
        answer = await client.post("/job", json=PLAIN)
    job = await core.store.job(JobId(answer.headers["location"].rpartition("/")[2]))
    assert job.cluster == "local"
    assert job.spec.attributes == Attributes(duration=60.0, queue_name="short")
    assert job.spec.sandbox is not None
    assert (job.spec.sandbox.delete, job.spec.sandbox.keep_s) == (Deletion.ON_SUCCESS, 5.0)


async def test_without_settings_there_is_no_limit_and_no_sandbox_stays(
    make_app: Callable[..., ASGIApp], core: Core
) -> None:
    async with client_of(make_app()) as client:
        answer = await client.post("/job", json=PLAIN)
    job = await core.store.job(JobId(answer.headers["location"].rpartition("/")[2]))
    assert job.spec.attributes == Attributes()
    assert job.spec.sandbox is not None
    assert job.spec.sandbox.delete is Deletion.ALWAYS


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"strickt": True}, "strickt"),
        ({"strict": "yes"}, "strict"),
        ({"run_limit_s": 0}, "run_limit_s"),
        ({"keep_s": -1}, "keep_s"),
        ({"delete": "sometimes"}, "delete"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(settings: dict[str, object], named: str) -> None:
    with pytest.raises(InvalidRequest, match=named):
        read_settings(settings)


async def test_a_cluster_that_is_not_there_is_told_at_the_start(
    make_app: Callable[..., ASGIApp],
) -> None:
    with pytest.raises(InvalidRequest, match="elsewhere"):
        make_app(cluster="elsewhere")
