"""Functions by way of a real server: what they tell of themselves is there before their end, and no pickle runs in the server."""

import base64
import hashlib
import hmac
import pickle
import time
from pathlib import Path
from typing import Any, Final

import cloudpickle
import pytest
import requests
from tests.faults.functions.watched import Bomb

from headway.testing.server import ServerProcess

_DEADLINE_S: Final = 60.0
_LOOK_S: Final = 0.02


class Site:
    """A server's functions."""

    def __init__(self, server: ServerProcess) -> None:
        self.server = server
        self._key = self.ask("GET", "/functions/key").json()["key"]

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:
        """Ask the native protocol."""
        return requests.request(method, f"{self.server.url}/api/v1{path}", timeout=30, **more)

    def run(self, pickled: bytes, **fields: object) -> Any:  # JSON
        """Run a function to its end; gives its document."""
        signature = hmac.new(self._key.encode(), pickled, hashlib.sha256).hexdigest()
        function = {"pickled": base64.b64encode(pickled).decode(), "signature": signature}
        made = self.ask("POST", "/jobs", json={"kind": "function", "function": function, **fields})
        assert made.status_code == 201, made.text
        until = time.monotonic() + _DEADLINE_S
        while True:
            job = self.ask("GET", f"/jobs/{made.json()['id']}").json()
            if job["ended"] is not None:
                return job
            assert time.monotonic() < until, job
            time.sleep(_LOOK_S)


@pytest.fixture
def site(server: ServerProcess) -> Site:
    """Give a running server's functions."""
    return Site(server)


def test_what_a_function_tells_is_there_when_it_has_ended(site: Site) -> None:
    def tells(moi_update_status: Any, progress: Any, counters: Any) -> str:
        moi_update_status("half way")
        progress(5, 10, "five")
        counters({"events": 12000}, plots=3)
        before: str = moi_update_status("nearly done")
        return before

    job = site.run(cloudpickle.dumps((tells, (), {})))
    assert (job["state"], job["result"]) == ("succeeded", "half way")
    assert job["status_text"] == "nearly done"
    (worker,) = site.ask("GET", f"/jobs/{job['id']}/workers").json()["workers"]
    assert (worker["id"], worker["current"], worker["total"]) == ("main", 5, 10)
    assert {each["key"]: each["value"] for each in job["counters"]} == {"events": 12000, "plots": 3}


def test_the_log_of_a_function_is_what_it_printed_and_empty_where_it_printed_nothing(
    site: Site,
) -> None:
    silent = site.run(cloudpickle.dumps((int, (), {})))
    loud = site.run(cloudpickle.dumps((print, ("words",), {})))
    logs = [site.ask("GET", f"/jobs/{job['id']}/log/stdout") for job in (silent, loud)]
    assert [each.status_code for each in logs] == [200, 200]
    assert [each.text for each in logs] == ["", "words\n"]


def test_no_pickle_runs_in_the_server(site: Site, tmp_path: Path) -> None:
    went_off = tmp_path / "went-off"
    result = pickle.dumps(Bomb(went_off))

    class Returned:
        def __reduce__(self) -> tuple[Any, ...]:  # type: ignore[explicit-override]
            return pickle.loads, (result,)

    given = site.run(pickle.dumps((Bomb(went_off), (), {})))
    assert given["state"] == "failed"
    (by,) = went_off.read_text().split()
    assert int(by) != site.server.pid
    back = site.run(cloudpickle.dumps((Returned, (), {})))
    assert back["result"]["$opaque"]["media_type"] == "application/vnd.python.pickle"
    kept = site.ask("GET", f"/jobs/{back['id']}/result")
    assert kept.headers["content-type"] == "application/vnd.python.pickle"
    assert went_off.read_text().split() == [by]


def test_a_bomb_that_its_owner_did_not_sign_is_not_even_stored(site: Site, tmp_path: Path) -> None:
    bomb = pickle.dumps((Bomb(tmp_path / "went-off"), (), {}))
    function = {"pickled": base64.b64encode(bomb).decode(), "signature": "0" * 64}
    answer = site.ask("POST", "/jobs", json={"kind": "function", "function": function})
    assert answer.status_code == 403
    assert not (tmp_path / "went-off").exists()
    assert site.ask("GET", "/jobs").json()["jobs"] == []


def test_a_function_is_told_what_its_job_is_in(site: Site) -> None:
    def where(moi_parent_id: str | None, moi_context: str) -> list[str | None]:
        return [moi_parent_id, moi_context]

    group = site.ask("POST", "/groups", json={"name": "of the function"}).json()["id"]
    job = site.run(cloudpickle.dumps((where, (), {})), groups=[group])
    assert job["result"] == [group, "functions"]
