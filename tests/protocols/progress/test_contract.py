"""The progress protocol, call by call, as its contract says."""

import asyncio

import httpx
import msgspec
import pytest

from headway.core.core import Core
from headway.core.model.names import JobId, WorkerId
from headway.core.model.principal import Principal, Scope
from headway.core.model.state import Reason, State
from headway.core.operations.named import open_named
from headway.core.operations.tokens import create_token
from headway.protocols.progress import pictures
from headway.protocols.progress.wire import NAMESPACE
from headway.testing.fakes import FakeClock
from headway.views.picture import Picture
from headway.views.png import png

pytestmark = pytest.mark.anyio

JSON = {"Accept": "application/json"}


async def get(client: httpx.AsyncClient, address: str) -> httpx.Response:
    answer = await client.get(f"/progress/{address}")
    assert answer.status_code == 200, answer.text
    return answer


async def job_id_of(core: Core, key: str) -> JobId:
    alias = await core.store.alias(NAMESPACE, key)
    assert alias is not None
    return alias.job


async def test_create_and_update_answer_ok(client: httpx.AsyncClient) -> None:
    created = await get(client, "create?jobid=myjob123&desc=Testing")
    updated = await get(client, "update?jobid=myjob123&workid=1&current=5&total=22")
    assert (created.text, updated.text) == ("OK", "OK")
    assert created.headers["content-type"] == "text/plain; charset=utf-8"


async def test_create_tells_who_asks_for_json_where_to_look_and_report(
    client: httpx.AsyncClient, core: Core
) -> None:
    words = (await client.get("/progress/create?jobid=a+b", headers=JSON)).json()
    assert words["id"] == await job_id_of(core, "a b")
    assert words["view_url"] == "http://localhost/progress/show?jobid=a+b"
    assert words["update_url"].startswith("http://localhost/progress/update?jobid=a+b&k=")


async def test_an_update_without_a_create_makes_the_job_and_says_so(
    client: httpx.AsyncClient, core: Core
) -> None:
    await get(client, "update?jobid=new&workid=1&current=5&total=22")
    job = await core.store.job(await job_id_of(core, "new"))
    assert (job.labels, job.state) == (("implicit",), State.RUNNING)


async def test_a_second_create_takes_the_name_and_names_the_job_that_had_it(
    client: httpx.AsyncClient, core: Core
) -> None:
    first = (await client.get("/progress/create?jobid=x", headers=JSON)).json()
    second = (await client.get("/progress/create?jobid=x", headers=JSON)).json()
    old = await core.store.job(first["id"])
    assert second["superseded"] == first["id"]
    assert (old.state, old.reason) == (State.CANCELLED, Reason.SUPERSEDED)


async def test_a_late_worker_of_the_old_run_lands_on_the_new_job(
    client: httpx.AsyncClient, core: Core
) -> None:
    await get(client, "create?jobid=x")
    await get(client, "update?jobid=x&workid=1&current=1&total=2")
    await get(client, "create?jobid=x")
    await get(client, "update?jobid=x&workid=1&current=2&total=2")
    [worker] = await core.store.workers(await job_id_of(core, "x"), limit=9)
    assert worker.current == 2


async def test_so_does_one_with_the_key_of_the_old_run_where_none_is_needed(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, core: Core
) -> None:
    old = (await client.get("/progress/create?jobid=x", headers=JSON)).json()["update_url"]
    await get(client, "create?jobid=x")
    assert (await client.get(f"{old}&workid=1&current=2&total=2")).status_code == 200
    [worker] = await core.store.workers(await job_id_of(core, "x"), limit=9)
    assert worker.current == 2
    assert (await stranger.get(f"{old}&workid=1&current=3")).status_code == 403


async def test_ok_sticks_until_it_is_sent_again(client: httpx.AsyncClient, core: Core) -> None:
    async def is_ok(query: str) -> bool:
        await get(client, f"update?jobid=x&workid=1&total=9&{query}")
        [worker] = await core.store.workers(await job_id_of(core, "x"), limit=9)
        return worker.ok

    assert [await is_ok(q) for q in ("current=1&ok=0", "current=2", "current=3&ok=1")] == [
        False,
        False,
        True,
    ]


@pytest.mark.parametrize("query", ["total=0", "total=-3", "", "total="])
async def test_an_update_without_a_usable_total_is_taken(
    client: httpx.AsyncClient, core: Core, query: str
) -> None:
    await get(client, f"update?jobid=x&workid=1&current=5&{query}")
    [worker] = await core.store.workers(await job_id_of(core, "x"), limit=9)
    assert (worker.current, worker.fraction) == (5, None)


@pytest.mark.parametrize(
    ("address", "field", "right"),
    [
        ("create?desc=x", "jobid", "jobid=myjob123"),
        ("create?jobid=", "jobid", "jobid=myjob123"),
        ("create?jobid=x&maxage=0", "maxage", "seconds above 0"),
        ("create?jobid=x&workers=1.5", "workers", "a whole number from 1"),
        ("update?jobid=x&current=1", "workid", "workid=node32"),
        ("update?jobid=x&workid=1", "current", "current=5"),
        ("update?jobid=x&workid=1&current=nan", "current", "a number such as 7"),
        ("update?jobid=x&workid=1&current=1&current=2", "current", "give it once"),
        ("show?interval=3", "jobid", "jobid=myjob123"),
        ("show?jobid=x&interval=0", "interval", "seconds from 1 to 86400"),
        ("render?jobid=x&style=nice", "style", "one of health, status"),
        ("render?jobid=x&width=10", "width", "pixels from 320 to 4000"),
    ],
)
async def test_a_bad_call_says_which_parameter_and_what_would_be_right(
    client: httpx.AsyncClient, address: str, field: str, right: str
) -> None:
    answer = await client.get(f"/progress/{address}")
    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert right in answer.json()["detail"]


async def test_head_and_prefetch_write_nothing(client: httpx.AsyncClient, core: Core) -> None:
    await client.head("/progress/create?jobid=x")
    await client.get("/progress/create?jobid=x", headers={"Sec-Purpose": "prefetch"})
    await client.get("/progress/create?jobid=x", headers={"Sec-Fetch-Site": "cross-site"})
    await client.head("/progress/update?jobid=x&workid=1&current=1")
    assert await core.store.alias(NAMESPACE, "x") is None


async def test_an_unknown_name_gets_a_page_and_a_picture_that_say_so(
    client: httpx.AsyncClient,
) -> None:
    page = await client.get("/progress/show?jobid=nobody")
    picture = await client.get("/progress/render?jobid=nobody")
    assert (page.status_code, picture.status_code) == (404, 404)
    assert "No job is called nobody" in page.text
    assert 'http-equiv="refresh"' in page.text
    assert picture.content.startswith(b"\x89PNG")


async def test_the_page_works_without_a_script(client: httpx.AsyncClient) -> None:
    await get(client, "update?jobid=x&workid=1&current=5&total=22")
    page = (await get(client, "show?jobid=x&interval=7")).text
    assert '<noscript><meta http-equiv="refresh" content="7"></noscript>' in page
    assert 'src="render.svg?jobid=x&amp;theme=auto' in page


async def test_the_picture_comes_as_png_and_as_svg(client: httpx.AsyncClient) -> None:
    await get(client, "update?jobid=x&workid=1&current=5&total=22")
    png = await get(client, "render?jobid=x")
    svg = await get(client, "render.svg?jobid=x")
    assert (png.headers["content-type"], svg.headers["content-type"]) == (
        "image/png",
        "image/svg+xml",
    )
    assert png.content.startswith(b"\x89PNG")
    assert svg.text.startswith("<svg")


async def test_hostile_words_are_shown_and_do_nothing(client: httpx.AsyncClient) -> None:
    words = "%3Cscript%3Ealert(1)%3C/script%3E"
    await get(client, f"create?jobid={words}&desc={words}")
    await get(client, f"update?jobid={words}&workid={words}&current=1&desc={words}")
    page = (await get(client, f"show?jobid={words}")).text
    svg = (await get(client, f"render.svg?jobid={words}")).text
    assert "<script>alert" not in page
    assert "<script" not in svg


async def test_a_stranger_may_not_report_without_the_key(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    words = (await client.get("/progress/create?jobid=x", headers=JSON)).json()
    bare = "/progress/update?jobid=x&workid=1&current=1"
    assert (await stranger.get(bare)).status_code == 401
    assert (await stranger.get(f"{words['update_url']}&workid=1&current=1")).status_code == 200
    assert (await stranger.get(f"{bare}&k=wrong")).status_code == 403


async def test_the_name_of_a_known_users_job_is_not_anybodys(
    client: httpx.AsyncClient, core: Core, alice: Principal
) -> None:
    await open_named(
        core,
        actor=alice,
        protocol="progress",
        namespace=NAMESPACE,
        key="hers",
        shown="hers",
        name="hers",
    )
    assert (await client.get("/progress/create?jobid=hers")).status_code == 403
    assert (await client.get("/progress/update?jobid=hers&workid=1&current=1")).status_code == 200


async def test_somebody_nobody_knows_cannot_count_through_the_jobs(
    client: httpx.AsyncClient, core: Core
) -> None:
    words = (await client.get("/progress/create?jobid=x", headers=JSON)).json()
    for what in ("show", "render", "render.svg"):
        counted = await client.get(f"/progress/{what}?id={words['number']}")
        known = await client.get(f"/progress/{what}?id={words['id']}")
        assert (counted.status_code, known.status_code) == (404, 200)


async def test_the_id_of_a_job_that_a_name_means_is_not_told_to_whom_it_is_not_there(
    client: httpx.AsyncClient, core: Core, alice: Principal
) -> None:
    words = (await client.get("/progress/create?jobid=x", headers=JSON)).json()
    admin = msgspec.structs.replace(alice, scopes=frozenset(Scope))
    made = await create_token(core, actor=admin, user="bob", scopes=frozenset({Scope.REPORT}))
    answer = await client.get(
        "/progress/update?jobid=x&workid=1&current=1",
        headers={"Authorization": f"Bearer {made.secret}"},
    )
    assert answer.status_code == 404
    assert words["id"] not in answer.text


async def test_a_page_leads_nowhere_that_its_viewer_may_not_go(
    client: httpx.AsyncClient, core: Core, alice: Principal
) -> None:
    words = (await client.get("/progress/create?jobid=x", headers=JSON)).json()
    key = httpx.URL(words["update_url"]).params["k"]
    admin = msgspec.structs.replace(alice, scopes=frozenset(Scope))
    token = await create_token(core, actor=admin, user="bob", scopes=frozenset({Scope.ADMIN}))
    known = {"Authorization": f"Bearer {token.secret}"}
    pages = [
        await client.get("/progress/show?jobid=x", headers=known),
        await client.get("/progress/show?jobid=x"),
        await client.get(f"/progress/show?jobid=x&k={key}"),
    ]
    assert [page.status_code for page in pages] == [200] * 3
    assert ["/api/v1/" in page.text for page in pages] == [True, False, False]
    assert ["render?" in page.text for page in pages] == [True] * 3


async def test_reports_are_limited_for_callers_nobody_knows(
    client: httpx.AsyncClient, clock: FakeClock
) -> None:
    address = "/progress/update?jobid=x&workid=1&current=1"
    codes = {(await client.get(address)).status_code for _ in range(2001)}
    assert codes == {200, 429}
    clock.advance(seconds=1)
    assert (await client.get(address)).status_code == 200


async def test_workers_come_in_the_order_of_their_ids(
    client: httpx.AsyncClient, core: Core
) -> None:
    for worker in ("b", "a"):
        await get(client, f"update?jobid=x&workid={worker}&current=1")
    found = await core.store.workers(await job_id_of(core, "x"), limit=9)
    assert [worker.id for worker in found] == [WorkerId("a"), WorkerId("b")]


async def test_a_picture_that_many_ask_for_at_once_is_drawn_once(
    client: httpx.AsyncClient, core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    await get(client, "update?jobid=x&workid=1&current=5&total=22")
    drawn: list[int] = []

    def counted(picture: Picture, *, scale: int) -> bytes:
        drawn.append(scale)
        return png(picture, scale=scale)

    monkeypatch.setattr(pictures, "png", counted)
    answers = await asyncio.gather(*(get(client, "render?jobid=x") for _ in range(20)))
    assert len({answer.content for answer in answers}) == 1
    assert drawn == [1]
