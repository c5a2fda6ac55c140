"""Every request that docs/reference/rest-api.md shows is sent, in its order, and answered as shown."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx

from headway.protocols.rest.plugin import rows
from headway.testing.server import ServerProcess

PAGE: Final = (Path(__file__).parents[3] / "docs/reference/rest-api.md").read_text("utf-8")
EXAMPLE: Final = re.compile(
    r"```http\n(?P<request>.*?)```\n\n```(?P<kind>json|text) (?P<status>\d+)\n(?P<answer>.*?)```",
    re.DOTALL,
)


def examples() -> Iterator[tuple[httpx.Request, re.Match[str]]]:
    for found in EXAMPLE.finditer(PAGE):
        head, _, body = found["request"].partition("\n\n")
        line, *fields = head.strip().split("\n")
        method, path = line.split(" ")
        headers = dict(field.split(": ", 1) for field in fields)
        yield httpx.Request(method, f"http://server{path}", headers=headers, content=body), found


def shows(shown: Any, answered: Any) -> bool:
    """Tell whether an answer has all that is shown; keys may be left out."""
    if isinstance(shown, dict):
        return isinstance(answered, dict) and all(
            key in answered and shows(value, answered[key]) for key, value in shown.items()
        )
    if isinstance(shown, list) and isinstance(answered, list):
        return len(shown) == len(answered) and all(map(shows, shown, answered))
    return bool(shown == answered)


def test_the_reference_shows_what_a_real_server_answers(server: ServerProcess) -> None:
    with httpx.Client(base_url=server.url, trust_env=False, timeout=60) as client:
        for request, shown in examples():
            answer = client.request(
                request.method,
                request.url.raw_path.decode(),
                headers={k: v for k, v in request.headers.items() if k != "host"},
                content=request.content,
            )
            assert str(answer.status_code) == shown["status"], (shown["request"], answer.text)
            if shown["kind"] == "text":
                assert answer.text.strip() == shown["answer"].strip()
            else:
                assert shows(json.loads(shown["answer"]), answer.json()), (shown[0], answer.text)


def test_every_request_that_is_shown_has_its_answer() -> None:
    assert PAGE.count("```http") == len(list(examples()))


def test_the_reference_speaks_of_every_route() -> None:
    missing = [
        row.path
        for row in rows()
        if not re.search(re.sub(r"\\{\w+\\}", "[^ /`?]+", re.escape(row.path)) + r"\b", PAGE)
    ]
    assert missing == []
