"""What every request passes first."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import pytest

from headway.core.errors import Forbidden
from headway.lib.asgi import Message, Receive, Scope, Send
from headway.protocols.http.access_log import shown_target
from headway.protocols.http.guards import Guards, GuardSettings, refuse_careless_write
from headway.protocols.http.origin import is_cross_site, is_prefetch

pytestmark = pytest.mark.anyio

Headers = Mapping[str, str]


def request(
    method: str = "GET", path: str = "/", query: str = "", **headers: str | list[str]
) -> dict[str, Any]:
    pairs = [
        (name.replace("_", "-").encode(), value.encode())
        for name, given in headers.items()
        for value in ([given] if isinstance(given, str) else given)
    ]
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "root_path": "",
        "query_string": query.encode(),
        "headers": pairs,
        "server": ("10.1.2.3", 9998),
        "client": ("127.0.0.1", 5),
        "state": {},
    }


class Seen:
    """What came out of a guarded application that answers with the path it was given."""

    scope: Scope

    def __init__(self) -> None:
        self.status = 0
        self.headers: Headers = {}
        self.body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"].endswith("response.start"):
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        elif message["type"].endswith("response.body"):
            self.body += message["body"]


async def passed(scope: Scope, **settings: Any) -> Seen:
    seen = Seen()

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        seen.scope = scope
        await send({"type": "http.response.start", "status": 200, "headers": [(b"a", b"b")]})
        await send({"type": "http.response.body", "body": b""})

    async def receive() -> Message:
        return {"type": "http.request"}

    await Guards(app, GuardSettings(**settings))(scope, receive, seen)
    return seen


@pytest.mark.parametrize(
    "host",
    ["localhost", "LocalHost:9998", "127.0.0.1:1", "[::1]:9998", "localhost.", "10.1.2.3:80"],
)
async def test_this_machines_names_and_the_address_connected_to_are_served(host: str) -> None:
    assert (await passed(request(host=host))).status == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "10.1.2.4", "", "a b"])
async def test_another_hosts_name_is_refused(host: str) -> None:
    seen = await passed(request(host=host))
    assert seen.status == 421
    assert msgspec.json.decode(seen.body)["code"] == "unknown-host"


async def test_a_configured_name_is_served() -> None:
    assert (await passed(request(host="hw.lab"), hosts=frozenset({"HW.lab"}))).status == 200
    assert (await passed(request(host="any.thing"), hosts=frozenset({"*"}))).status == 200


async def test_a_host_that_was_served_before_is_served_again_and_no_other() -> None:
    served: list[str] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        served.append(scope["path"])

    async def receive() -> Message:
        return {"type": "http.request"}

    guarded = Guards(app)
    for host, path in (("localhost", "/1"), ("localhost", "/2"), ("evil.example", "/3")):
        await guarded(request(path=path, host=host), receive, Seen())
    crossing = request("POST", "/4", host="localhost", origin="http://evil.example")
    await guarded(crossing, receive, Seen())
    await guarded(request(path="/5", host=["evil.example", "localhost"]), receive, Seen())
    assert served == ["/1", "/2"]


async def test_no_host_or_two_are_refused() -> None:
    assert (await passed(request())).status == 400
    assert (await passed(request(host=["localhost", "evil.example"]))).status == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:8000"},
        {"origin": "http://localhost:9998.evil.example"},
    ],
)
async def test_another_sites_page_changes_nothing(headers: dict[str, str]) -> None:
    asked = request("POST", host="localhost:9998", **headers)
    assert (await passed(asked)).status == 403
    assert is_cross_site(asked["headers"])
    assert (await passed({**asked, "type": "websocket"})).status in {0, 403}
    assert (await passed({**asked, "method": "GET"})).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec_fetch_site": "same-origin", "origin": "http://localhost:9998"},
        {"sec_fetch_site": "none"},
        {"origin": "https://localhost:9998"},
    ],
)
async def test_the_own_page_and_programs_change_things(headers: dict[str, str]) -> None:
    assert (await passed(request("POST", host="localhost:9998", **headers))).status == 200


def test_a_default_port_is_not_named_in_an_origin() -> None:
    assert not is_cross_site(request(host="hw.lab:443", origin="https://hw.lab")["headers"])
    assert not is_cross_site(request(host="hw.lab", origin="https://hw.lab")["headers"])


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_purpose": "prefetch;prerender"},
        {"purpose": "prefetch"},
        {"x_moz": "prefetch"},
        {"x_purpose": "preview"},
        {"sec_fetch_site": "cross-site"},
    ],
)
def test_a_get_that_changes_something_must_be_meant(headers: dict[str, str]) -> None:
    with pytest.raises(Forbidden):
        refuse_careless_write(request(host="localhost", **headers))


def test_head_changes_nothing() -> None:
    with pytest.raises(Forbidden, match="HEAD"):
        refuse_careless_write(request("HEAD", host="localhost"))


def test_a_program_s_get_is_meant() -> None:
    asked = request(host="localhost", purpose="testing")
    assert not is_prefetch(asked["headers"])
    refuse_careless_write(asked)


async def test_every_answer_says_what_a_page_may_do() -> None:
    for host in ("localhost", "evil.example"):
        seen = await passed(request(host=host), frame_ancestors="https://portal.example")
        policy = seen.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors https://portal.example" in policy
        assert seen.headers["x-content-type-options"] == "nosniff"
        assert seen.headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in seen.headers


async def test_what_an_answer_says_itself_stays() -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        headers = [(b"content-security-policy", b"own")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})

    async def receive() -> Message:
        return {"type": "http.request"}

    seen = Seen()
    await Guards(app)(request(host="localhost"), receive, seen)
    assert seen.headers["content-security-policy"] == "own"


@pytest.mark.parametrize(
    ("path", "settings", "headers", "expected"),
    [
        ("/a", {}, {}, ("", "/a")),
        ("//a//b", {}, {}, ("", "/a/b")),
        ("/a///b/", {}, {}, ("", "/a/b/")),
        ("//hw//a//b", {"prefix": "/hw"}, {}, ("/hw", "/hw/a/b")),
        ("/hw/a", {"prefix": "/hw"}, {}, ("/hw", "/hw/a")),
        ("/hw//a", {"prefix": "/hw"}, {}, ("/hw", "/hw/a")),
        ("/a", {"prefix": "/hw"}, {}, ("/hw", "/hw/a")),
        ("/hwa", {"prefix": "/hw"}, {}, ("/hw", "/hw/hwa")),
        ("/hw", {"prefix": "/hw"}, {}, ("/hw", "/hw/")),
        ("/a", {}, {"x_forwarded_prefix": "/hw"}, ("", "/a")),
        ("/a", {"behind_proxy": True}, {"x_forwarded_prefix": "/hw/"}, ("/hw", "/hw/a")),
        ("/a", {"behind_proxy": True}, {"x_forwarded_prefix": "//evil"}, ("", "/a")),
        ("/a", {"behind_proxy": True}, {"x_forwarded_prefix": "/<b>"}, ("", "/a")),
    ],
)
async def test_a_prefix_and_slashes_too_many_are_put_right(
    path: str, settings: dict[str, Any], headers: dict[str, str], expected: tuple[str, str]
) -> None:
    seen = await passed(request(path=path, host="localhost", **headers), **settings)
    assert (seen.scope["root_path"], seen.scope["path"]) == expected


async def test_behind_a_proxy_its_word_on_scheme_and_host_counts() -> None:
    asked = request(host="localhost", x_forwarded_proto="https", x_forwarded_host="hw.lab")
    seen = await passed(asked, behind_proxy=True, hosts=frozenset({"hw.lab"}))
    assert seen.scope["scheme"] == "https"
    assert (b"host", b"hw.lab") in seen.scope["headers"]
    assert (await passed(asked, behind_proxy=True)).status == 421


async def test_the_log_has_each_request_and_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "headway.access")
    await passed(request(path="/progress/update", query="jobid=a&k=s3cr3t", host="localhost"))
    assert "127.0.0.1 GET /progress/update?jobid=a&k=... 200" in caplog.text
    assert "s3cr3t" not in caplog.text


@pytest.mark.parametrize(
    ("path", "query", "shown"),
    [
        ("/a", "token=x&b=1&ACCESS_TOKEN=y", "/a?token=...&b=1&ACCESS_TOKEN=..."),
        ("/hwr_0123456789abcdef", "", "/..."),
        ("/a\x1b[2J", "", "/a\\x1b[2J"),
        ("/a\nb", "", "/a\\nb"),
    ],
)
def test_what_is_logged_is_harmless(path: str, query: str, shown: str) -> None:
    assert shown_target(request(path=path, query=query)) == shown


async def test_a_lifespan_is_passed_on() -> None:
    heard: list[str] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        heard.append(scope["type"])

    guarded: Callable[..., Any] = Guards(app)
    await guarded({"type": "lifespan"}, None, None)
    assert heard == ["lifespan"]
