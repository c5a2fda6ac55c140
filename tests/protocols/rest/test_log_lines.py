"""GET /jobs/{id}/log/{stream}/lines and /search."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from headway.core.model.names import Tag
from headway.core.ports.executor import Stream
from headway.lib.whole_lines import LONGEST_LINE_BYTES
from headway.testing.fakes import FakeExecutor

pytestmark = pytest.mark.anyio
Dispatched = Callable[[str], Awaitable[Tag]]
Write = Callable[[bytes], None]


@pytest.fixture
async def job(client: httpx.AsyncClient, dispatched: Dispatched) -> str:
    job_id = str((await client.post("/jobs", json={"command": ["true"]})).json()["id"])
    await dispatched(job_id)
    return job_id


@pytest.fixture
def write(executor: FakeExecutor, job: str) -> Write:
    def put(data: bytes) -> None:
        executor.logs[Tag(f"{job}.1"), Stream.STDOUT] = data

    return put


async def _lines(client: httpx.AsyncClient, job: str, **query: object) -> dict[str, Any]:
    answer = await client.get(f"/jobs/{job}/log/stdout/lines", params=query)  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def _search(client: httpx.AsyncClient, job: str, **query: object) -> dict[str, Any]:
    answer = await client.get(f"/jobs/{job}/log/stdout/search", params=query)  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_lines_are_read_by_their_numbers(
    client: httpx.AsyncClient, write: Write, job: str
) -> None:
    write(b"".join(b"line %d\n" % n for n in range(1, 11)))
    assert await _lines(client, job, first=3, count=2) == {
        "first": 3,
        "lines": ["line 3", "line 4"],
        "total": 10,
        "counted": True,
        "size_bytes": 71,
        "ended": False,
        "cut": [],
        "ends": [],
    }


async def test_a_line_without_its_end_counts_as_one(
    client: httpx.AsyncClient, write: Write, job: str
) -> None:
    write(b"one\ntw")
    found = await _lines(client, job)
    assert (found["lines"], found["total"]) == (["one", "tw"], 2)


async def test_lines_are_counted_from_the_end_too(
    client: httpx.AsyncClient, write: Write, job: str
) -> None:
    write(b"a\nb\nc\nd\n")
    found = await _lines(client, job, first=-2)
    assert (found["first"], found["lines"]) == (3, ["c", "d"])
    assert (await _lines(client, job, first=-100))["first"] == 1


async def test_behind_the_last_line_there_is_none(
    client: httpx.AsyncClient, write: Write, job: str
) -> None:
    write(b"a\n")
    found = await _lines(client, job, first=2)
    assert (found["first"], found["lines"], found["total"]) == (2, [], 1)


async def test_a_log_that_has_not_begun_has_no_lines(client: httpx.AsyncClient) -> None:
    job_id = (await client.post("/jobs", json={"command": ["true"]})).json()["id"]
    found = await _lines(client, job_id)
    assert (found["lines"], found["total"], found["ended"]) == ([], 0, False)


@pytest.mark.parametrize("query", ["first=0", "count=5001", "first=x", "line=3", "attempt=0"])
async def test_a_query_that_makes_no_sense_is_refused(
    client: httpx.AsyncClient, job: str, query: str
) -> None:
    answer = await client.get(f"/jobs/{job}/log/stdout/lines?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid-request")


async def test_any_bytes_are_shown_as_text(
    client: httpx.AsyncClient, write: Write, job: str
) -> None:
    write(b"\x1b[31mred\x1b[0m\x00\xff\xfe end\r\n")
    found = await _lines(client, job)
    assert found["lines"] == ["\x1b[31mred\x1b[0m\x00�� end\r"]


async def test_a_long_line_is_cut_and_the_one_behind_it_is_found(
    client: httpx.AsyncClient, write: Write, job: str
) -> None:
    write(b"short\n" + "ü".encode() * 1_000_000 + b"\nnext\n")
    found = await _lines(client, job)
    assert (found["total"], found["cut"]) == (3, [2])
    assert found["lines"] == ["short", "ü" * (LONGEST_LINE_BYTES // 2), "next"]


@pytest.mark.parametrize("states", [500, 100_000])
@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\nnext\n"])
async def test_of_a_long_line_that_writes_over_itself_the_last_state_is_given(
    client: httpx.AsyncClient, write: Write, job: str, states: int, end: str
) -> None:
    bar = "".join(f"\r{n:8}/{states} |====ü====|" for n in range(1, states + 1))
    write(("first\nbegin" + bar + end).encode())
    for first in (1, 2, -1):
        found = await _lines(client, job, first=first)
        (line,) = [one for one in found["lines"] if "|" in one] or [""]
        if line:
            assert (found["cut"], found["ends"]) == ([2], [2])
            assert line.rstrip("\r").rpartition("\r")[2] == f"{states:8}/{states} |====ü====|"
            assert len(line.encode()) <= LONGEST_LINE_BYTES
    found = await _search(client, job, text=f"{states}/{states} ")
    assert [match["line"] for match in found["matches"]] == [2]
    (match,) = found["matches"]
    assert match["text"][match["start"] : match["end"]] == f"{states}/{states} "
    assert (await _search(client, job, text="begin"))["matches"] == []


async def test_a_long_line_with_a_windows_end_is_shown_from_its_beginning(
    client: httpx.AsyncClient, write: Write, job: str
) -> None:
    write(b"begin " + b"x" * 20_000 + b"\r\n")
    found = await _lines(client, job)
    assert found["lines"][0].startswith("begin x")
    assert (found["cut"], found["ends"]) == ([1], [])


async def test_a_log_that_grows_is_counted_on(
    client: httpx.AsyncClient, write: Write, job: str
) -> None:
    log = b"x" * 30 + b"\n" * 3
    write(log)
    assert (await _lines(client, job, count=0))["total"] == 3
    write(log + b"more")
    assert (await _lines(client, job, first=-1))["lines"] == ["more"]
    write(log + b"more of it\nand\n")
    found = await _lines(client, job, first=-2)
    assert (found["first"], found["lines"], found["total"]) == (4, ["more of it", "and"], 5)


@pytest.mark.parametrize("new", [b"cut\n", b"n" * 500 + b"\nlonger\n", b""])
async def test_a_log_that_was_replaced_is_counted_anew(
    client: httpx.AsyncClient, write: Write, job: str, new: bytes
) -> None:
    write(b"a\n" * 100)
    assert (await _lines(client, job))["total"] == 100
    write(new)
    found = await _lines(client, job)
    assert (found["total"], found["lines"]) == (new.count(b"\n"), new.decode().splitlines())


async def test_text_is_found_with_its_line_and_place(
    client: httpx.AsyncClient, write: Write, job: str
) -> None:
    write("first\nÜber the Moon\nlast moon".encode())
    assert await _search(client, job, text="moon") == {
        "matches": [
            {"line": 2, "text": "Über the Moon", "start": 9, "end": 13},
            {"line": 3, "text": "last moon", "start": 5, "end": 9},
        ],
        "scanned_lines": 3,
        "complete": True,
        "next": None,
    }
    assert [m["line"] for m in (await _search(client, job, text="moon", case=1))["matches"]] == [3]


async def test_a_search_goes_on_where_it_stopped(
    client: httpx.AsyncClient, write: Write, job: str
) -> None:
    write(b"".join(b"%d hit\nmiss\n" % n for n in range(50)))
    seen: list[str] = []
    after: int | None = 0
    while after is not None:
        found = await _search(client, job, text="hit", limit=7, after=after)
        seen += [match["text"] for match in found["matches"]]
        after = found["next"]
    assert seen == [f"{n} hit" for n in range(50)]


async def test_an_expression_finds_what_it_describes(
    client: httpx.AsyncClient, write: Write, job: str
) -> None:
    write(b"step 1 loss=0.5\nstep 2 loss=nan\n")
    found = await _search(client, job, text=r"loss=(nan|inf)\b", regex=1)
    assert found["matches"] == [{"line": 2, "text": "step 2 loss=nan", "start": 7, "end": 15}]


@pytest.mark.parametrize(
    "text", ["(", "a**", r"(a)\1", "(?=x)", "[z-a]", "x{1001}", "((a{99}){99})"]
)
async def test_an_expression_that_is_not_understood_is_refused_with_words(
    client: httpx.AsyncClient, job: str, text: str
) -> None:
    answer = await client.get(f"/jobs/{job}/log/stdout/search", params={"text": text, "regex": "1"})
    assert (answer.status_code, answer.json()["field"]) == (400, "text")
    assert "regular expression" in answer.json()["detail"]


@pytest.mark.parametrize(
    "text", ["(a*)*b", "(a|aa)+$", "(x+x+)+y", "(.*a){9}b", "(a|b)*a(a|b){40}c"]
)
async def test_an_expression_that_would_take_for_ever_elsewhere_is_answered(
    client: httpx.AsyncClient, write: Write, job: str, text: str
) -> None:
    write((b"ab" * 3000 + b"a" * 2000 + b"c\n") * 3)
    after: int | None = 0
    while after is not None:
        found = await _search(client, job, text=text, regex=1, after=after)
        assert found["next"] is None or found["next"] > after
        after = found["next"]


@pytest.mark.parametrize(
    "line",
    [
        "Traceback (most recent call last):",
        "ValueError: ü",
        "error: no such option",
        "src/a.c:3: error: expected ';'",
        "FATAL could not open",
        "Segmentation fault (core dumped)",
        "java.lang.NullPointerException",
        "[ERROR] disk",
        "sh: 1: frobnicate: command not found",
    ],
)
async def test_what_looks_like_an_error_is_found(
    client: httpx.AsyncClient, write: Write, job: str, line: str
) -> None:
    write(f"0 errors\nerror rate 0.1\nterror\nno exceptions\n\xff{line}\n".encode("latin-1"))
    found = await _search(client, job, errors=1)
    assert [match["line"] for match in found["matches"]] == [5]


@pytest.mark.parametrize("query", ["", "errors=1&text=x", "text=a%0Ab", "text=x&limit=0"])
async def test_a_search_for_nothing_is_refused(
    client: httpx.AsyncClient, job: str, query: str
) -> None:
    answer = await client.get(f"/jobs/{job}/log/stdout/search?{query}")
    assert answer.status_code == 400


async def test_of_a_long_line_only_what_is_shown_is_searched(
    client: httpx.AsyncClient, write: Write, job: str
) -> None:
    write(b"a" * 20_000 + b"needle" + b"b" * 500_000 + b"needle\nneedle\n")
    assert [m["line"] for m in (await _search(client, job, text="needle"))["matches"]] == [2]


async def test_a_search_ends_with_the_line_that_is_given(
    client: httpx.AsyncClient, write: Write, job: str
) -> None:
    write(b"".join(b"%d needle\n" % n for n in range(1, 1001)))
    found = await _search(client, job, text="needle", after=10, until=13)
    assert [match["line"] for match in found["matches"]] == [11, 12, 13]
    assert (found["complete"], found["scanned_lines"]) == (True, 3)
    found = await _search(client, job, text="needle", after=10, until=13, limit=2)
    assert (found["complete"], found["next"]) == (False, 12)
    found = await _search(client, job, text="999 needle", regex=1, after=0, until=998)
    assert (found["matches"], found["complete"], found["scanned_lines"]) == ([], True, 998)
    assert (await _search(client, job, text="needle", after=20, until=10))["matches"] == []


async def test_a_job_that_only_reports_has_no_lines(client: httpx.AsyncClient) -> None:
    await client.post("/jobs", json={"kind": "report"})
    assert (await client.get("/jobs/1/log/stdout/lines")).status_code == 404
    assert (await client.get("/jobs/1/log/stdout/search?text=x")).status_code == 404


async def test_a_line_that_is_longer_than_one_answer_looks_at_is_passed_over(
    client: httpx.AsyncClient, write: Write, job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("headway.core.operations.log_search._FAST_BYTES", 1 << 20)
    write(b"begin\n" + b"x" * (5 << 20) + b"\nneedle\n")
    after: int | None = 0
    seen: list[int] = []
    calls = 0
    while after is not None:
        found = await _search(client, job, text="needle", after=after)
        seen += [match["line"] for match in found["matches"]]
        after, calls = found["next"], calls + 1
    assert seen == [3]
    assert 2 <= calls <= 12
