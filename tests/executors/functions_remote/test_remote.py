"""Functions on the workers of real Dask and ipyparallel clusters."""

import concurrent.futures
import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from tests.executors.functions_remote.clusters import until
from tests.executors.functions_remote.conftest import Both

from headway.cli.main import run
from headway.core.model.state import State
from headway.functions import RemoteError
from headway.moi import contexts, get_id_from_user, job, r_client, service, submit
from headway.sdk import answers, requests
from headway.sdk.client import Client

_LONG_S = 120.0


def test_results_errors_and_what_is_printed_come_back(shared: Both) -> None:
    functions = shared.functions
    printed = functions.submit(lambda: [sys.stdout.write("seen\n")])
    pickled = functions.submit(lambda: {1: complex(2)})
    failed = functions.submit(lambda: 1 // 0)
    left = functions.submit(sys.exit, 3)
    assert printed.result(timeout_s=_LONG_S) == [5]
    assert pickled.result(timeout_s=_LONG_S) == {1: complex(2)}
    with pytest.raises(RemoteError, match="ZeroDivisionError") as caught:
        failed.result(timeout_s=_LONG_S)
    assert "1 // 0" in caught.value.traceback
    assert "inside.py" not in caught.value.traceback
    with pytest.raises(RemoteError):
        left.result(timeout_s=_LONG_S)
    assert left.document().exit_code == 3
    with Client(shared.server.url) as client:
        assert client.log(printed.job_id) == b"seen\n"


def test_a_function_tells_how_far_it_is(shared: Both) -> None:
    def reports(progress: object = None, status_update: object = None) -> str:
        progress(5, 10)  # type: ignore[operator]
        return str(status_update("half"))  # type: ignore[operator]

    future = shared.functions.submit(reports)
    assert future.result(timeout_s=_LONG_S) == "Running"
    document = future.document()
    assert (document.status_text, document.progress) == ("half", 1.0)


def test_a_running_function_is_ended_and_a_waiting_one_never_begins(
    shared: Both, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    functions = shared.functions

    def spin(place: str) -> None:
        try:
            while True:
                time.sleep(0.01)
        finally:
            Path(place).touch()

    running = [functions.submit(spin, str(mark)) for _ in range(2)]
    until(lambda: all(each.document().state is State.RUNNING for each in running))
    waiting = functions.submit(Path(tmp_path / "never").touch)
    assert waiting.job_id
    for each in (waiting, *running):
        each.cancel()
    for each in (waiting, *running):
        with pytest.raises(concurrent.futures.CancelledError):
            each.result(timeout_s=_LONG_S)
    assert mark.exists()
    assert not (tmp_path / "never").exists()


def test_a_line_of_shell_runs_and_is_ended(shared: Both) -> None:
    where = {"kind": "function", "cluster": shared.cluster.engine}
    with Client(shared.server.url) as client:
        said = answers.job(
            client.send(requests.submit({**where, "function": {"shell": "echo hi"}}))
        )
        long = answers.job(
            client.send(requests.submit({**where, "function": {"shell": "exec sleep 100"}}))
        )
        assert client.wait(said.id, timeout_s=_LONG_S).result == ["hi\n", "", 0]
        until(lambda: client.job(long.id).state is State.RUNNING)
        client.cancel(long.id)
        assert client.wait(long.id, timeout_s=_LONG_S).state is State.CANCELLED


def test_a_function_whose_time_is_over_is_ended(shared: Both) -> None:
    def spin() -> None:
        while True:
            time.sleep(0.01)

    future = shared.functions.with_options(attributes={"duration": 0.3}).submit(spin)
    with pytest.raises(RemoteError):
        future.result(timeout_s=_LONG_S)
    assert future.document().reason == "timeout"


def tells(**given: Any) -> list[Any]:
    """Do what functions of moi do with what they are given."""
    old = given["moi_update_status"]("half")
    return [old, given["status_update"]("done"), given["moi_context"], given["moi_parent_id"]]


def test_programs_and_commands_of_moi_run_there(
    shared: Both, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    context = shared.cluster.engine
    for name, value in shared.server.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("MOI_CONFIG_FP", raising=False)
    monkeypatch.setattr(contexts.ctxs, "_known", {})
    try:
        group = get_id_from_user("example")
        job_id, parent, result = submit(context, group, "told", "/results", tells)
        assert result.get(_LONG_S) == ["Running", "half", context, group]
        info = json.loads(r_client.get(job_id) or b"")
        assert parent == group
        assert {key: info[key] for key in ("context", "parent", "status", "url", "name")} == {
            "context": context,
            "parent": group,
            "status": "Success",
            "url": "/results",
            "name": "told",
        }
        words = ("--context", context, "--cmd", "return moi_context", "--block")
        assert run(["moi", "submit", "--user", "example", *words]) == 0
        assert f"context\t\t: {context}\n" in capsys.readouterr().out
    finally:
        for executor in job._made.values():
            executor.shutdown()
        for one in service._made.values():
            one.close()
        for made in (job._made, job._parents, service._made):
            made.clear()
