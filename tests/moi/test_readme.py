"""The Python examples of moi's README, with their imports changed, and nothing else."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from tests.faults.server.patience import eventually
from tests.moi.application import moved
from tests.moi.conftest import ORIGINALS

from headway.moi import get_id_from_user
from headway.moi.service import Info, service

pytestmark = pytest.mark.usefixtures("here")


def examples() -> list[str]:
    """Give the blocks of Python."""
    return re.findall(r"```python\n(.*?)```", (ORIGINALS / "README.md").read_text(), re.DOTALL)


def run(example: str) -> dict[str, Any]:
    """Run one as a program would; gives its names."""
    names: dict[str, Any] = {"__name__": "an_example_of_the_readme"}
    exec(moved(example), names)
    return names


def ended(group: str) -> Info:
    """Wait for the end of the only job of a group."""

    def look() -> Info | None:
        (job,) = service().nodes(group) or [{"date_end": None}]
        return job if job["date_end"] else None

    return eventually(look, what=f"the job of {group} ends")


def test_a_function_that_is_nobodys_is_submitted_and_run() -> None:
    first, _ = examples()
    run(first)
    job = ended("no-user")
    assert (job["name"], job["url"], job["status"], job["result"]) == (
        "unnamed",
        None,
        "Success",
        "hi!",
    )


def test_a_handler_submits_for_its_user_a_function_that_says_how_it_is() -> None:
    _, second = examples()
    user = get_id_from_user("a user of the readme")
    run(second)["Handler"].get(SimpleNamespace(current_user=user))
    job = ended(user)
    assert (job["name"], job["url"], job["context"], job["status"], job["result"]) == (
        "The hello job",
        "/hello_result",
        "default",
        "Success",
        "hi!",
    )
