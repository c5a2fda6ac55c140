"""What an administrator says of the bus, and what is said where it cannot be."""

import sys
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from tests.protocols.moi.bus.conftest import Noticed, RedisProcess, info, until

from headway.app.environment import own_user
from headway.cli.configuration import exposed_keys, read_configuration
from headway.core.core import Core
from headway.core.errors import InvalidRequest
from headway.protocols.http.context import HttpContext
from headway.protocols.http.identity import IdentitySettings
from headway.protocols.http.live.hub import Hub
from headway.protocols.moi import plugin
from headway.sdk.client import Client
from headway.testing.server import ServerProcess, running_server

pytestmark = pytest.mark.anyio

BUS = "headway.protocols.moi.bus.bus"


def background(core: Core, **moi: Any) -> object:
    context = HttpContext(
        identity=IdentitySettings(own_user="alice"), hub=Hub(core.store), settings={"moi": moi}
    )
    return plugin.background(core, context, Noticed())


async def test_without_a_setting_there_is_no_bus_and_no_client_of_redis(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, BUS, None)
    assert background(core) is None


@pytest.mark.parametrize(
    ("moi", "words"),
    [
        ({"redis": "redis://localhost"}, "needs moi.user"),
        ({"user": "alice"}, "say moi.redis too"),
        ({"redis": "redis://localhost", "user": ""}, "must be a user's name"),
        ({"redis": "redis://localhost", "user": "a\nb"}, "must be a user's name"),
        ({"redis": 7, "user": "alice"}, "Expected `str"),
        ({"redis": "http://localhost", "user": "alice"}, "such as redis://host"),
        ({"redis": "redis://:p/w@localhost", "user": "alice"}, "such as redis://host"),
        ({"redis": "redis://localhost?speed=1", "user": "alice"}, "such as redis://host"),
        ({"redis": "unix://", "user": "alice"}, "such as redis://host"),
        ({"redis": "", "user": "alice"}, "such as redis://host"),
        ({"speed": 1}, "unknown field `speed`"),
    ],
)
async def test_what_cannot_be_is_told_when_the_server_starts(
    core: Core, moi: dict[str, Any], words: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        background(core, **moi)
    assert words in str(caught.value)
    assert "p/w" not in str(caught.value)


async def test_without_the_client_of_redis_the_server_says_what_to_install(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("headway.protocols.moi.bus.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "redis.asyncio.connection", None)
    with pytest.raises(InvalidRequest, match=r"pip install 'headway\[redis\]'"):
        background(core, redis="redis://localhost", user="alice")


def test_the_table_is_read_and_a_file_with_a_password_is_the_administrators_own(
    tmp_path: Path,
) -> None:
    file = tmp_path / "headway.toml"
    file.write_text('[moi]\nredis = "redis://:secret@localhost:6379/1"\nuser = "ada"\n')
    file.chmod(0o644)
    said = read_configuration(file)
    assert said.protocols["moi"] == {"redis": "redis://:secret@localhost:6379/1", "user": "ada"}
    assert "chmod 600" in exposed_keys(said)
    file.write_text('[moi]\nredis = "redis://localhost"\nuser = "ada"\n')
    assert exposed_keys(read_configuration(file)) == ""


@pytest.mark.service("redis-server")
async def test_a_server_with_a_bus_writes_there_and_tells_when_it_cannot(
    tmp_path: Path, redis_process: RedisProcess, redis: "Redis"
) -> None:
    file = tmp_path / "headway.toml"
    file.write_text(f'[moi]\nredis = "{redis_process.url}"\nuser = "{own_user()}"\n')
    with (
        running_server(tmp_path / "data", arguments=("--config", str(file))) as server,
        Client(server.url) as client,
    ):
        group = client.create_group("herd").id
        job = client.submit_report(name="ada").id
        client.add_to_group(group, jobs=[job])
        await until(lambda: redis.exists(job))
        assert (await info(redis, job))["parent"] == group
        redis_process.kill()
        await until(lambda: _is_said(server, "is away"))
        await redis_process.start()
        await until(lambda: redis.exists(job))
    assert server.log.read_text().count("is away") == 1


async def _is_said(server: ServerProcess, words: str) -> bool:
    return words in server.log.read_text()
