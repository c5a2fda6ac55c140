"""``headway adopt``."""

import json

from tests.cli.conftest import Headway


def test_a_server_without_schedulers_says_so(headway: Headway) -> None:
    done = headway("adopt")
    assert (done.returncode, done.stdout) == (0, "")
    assert "no cluster with a scheduler of its own" in done.stderr


def test_programs_are_told_of_every_cluster(headway: Headway) -> None:
    told = json.loads(headway("adopt", "--json").stdout)["clusters"]
    assert [(each["name"], each["adopts"], each["others"]) for each in told] == [
        ("functions", False, None),
        ("local", False, None),
    ]
