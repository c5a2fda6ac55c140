"""The client for threads against a real server."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from headway import (
    Client,
    Conflict,
    Forbidden,
    InvalidRequest,
    KeyReused,
    NotFound,
    ServerUnreachable,
    State,
    TimedOut,
    Unauthenticated,
)
from headway.sdk import model
from headway.testing.server import ServerProcess, running_server


def test_a_job_is_submitted_waited_for_and_read(client: Client) -> None:
    job = client.submit(["sh", "-c", "echo out; exit 3"], name="n", labels=["a"])
    ended = client.wait(job.id, timeout_s=60)
    assert (ended.state, ended.reason, ended.exit_code) == (State.FAILED, "nonzero_exit", 3)
    assert (ended.name, ended.labels) == ("n", ("a",))
    assert client.log(job.number) == b"out\n"
    assert [event.type for event in client.events(job.id)][-1] == "job.failed"


def test_the_same_key_gives_the_same_job_and_no_other(client: Client) -> None:
    first = client.submit(["true"], key="one")
    assert client.submit(["true"], key="one").id == first.id
    with pytest.raises(KeyReused):
        client.submit(["false"], key="one")


def test_jobs_come_page_by_page(client: Client) -> None:
    made = [client.submit(["true"], labels=["paged"]).number for _ in range(5)]
    assert [job.number for job in client.jobs(labels=["paged"], limit=3)] == made[:1:-1]
    assert [job.number for job in client.jobs(labels=["paged"])] == made[::-1]


def test_a_job_that_reports_is_told_of_and_finished(client: Client) -> None:
    job_id = client.submit_report(name="told").id
    assert client.report(job_id, "w/1", current=3, total=4, desc="x") > 0
    client.report(job_id, "w2", current=1, ok=False)
    client.set_counters(job_id, {"events": 12, "rate": [1.5, "red"]})
    client.set_status_text(job_id, "calibrating")
    client.change_labels(job_id, add=["x", "y"])
    client.change_labels(job_id, remove=["x"])
    workers = {worker.id: worker for worker in client.workers(job_id)}
    assert (workers["w/1"].fraction, workers["w2"].ok) == (0.75, False)
    job = client.finish(job_id, exit_code=2)
    assert (job.state, job.status_text, job.labels) == (State.FAILED, "calibrating", ("y",))
    assert [(c.key, c.value, c.colour) for c in client.job(job_id).counters] == [
        ("events", 12, None),
        ("rate", 1.5, "red"),
    ]


def test_an_ended_job_is_tried_again_as_itself(client: Client) -> None:
    job = client.wait(client.submit(["sh", "-c", "exit 3"]).id, timeout_s=60)
    again = client.retry(job.id)
    assert (again.id, again.attempt) == (job.id, 2)
    [before, *_] = client.wait(job.id, timeout_s=60).attempts
    assert (before.state, before.reason, before.exit_code) == (State.FAILED, "nonzero_exit", 3)
    with pytest.raises(Conflict):
        client.retry(client.submit(["sleep", "60"]).id)


def test_a_log_is_read_by_lines_and_searched(client: Client) -> None:
    script = "for i in $(seq 1 500); do echo $i hay; done; echo 501 Needle; echo KeyError: x"
    job = client.wait(client.submit(["bash", "-c", script]).id, timeout_s=60)
    found = client.log_lines(job.number, first=-3, count=2)
    assert (found.first, found.lines, found.total) == (500, ("500 hay", "501 Needle"), 502)
    assert (found.ended, found.cut, found.ends) == (True, (), ())
    matches = list(client.search_log(job.id, text="needle"))
    assert [(match.line, match.text) for match in matches] == [(501, "501 Needle")]
    assert (matches[0].start, matches[0].end) == (4, 10)
    assert list(client.search_log(job.id, text="needle", match_case=True)) == []
    assert len(list(client.search_log(job.id, text=r"^\d+ hay$", regex=True))) == 500
    some = client.search_log(job.id, text="hay", after=100, until=250)
    assert [match.line for match in some] == list(range(101, 251))
    assert [match.line for match in client.search_log(job.id, errors=True)] == [502]
    assert client.log_lines(job.id, "stderr").lines == ()


def test_a_link_shows_a_job_to_whoever_has_it(client: Client) -> None:
    job = client.submit_report(name="shown")
    assert "share" in job.may
    link = client.make_link(job.id, "badge", expires_in_s=3600)
    assert link.url.partition("link=")[2]
    assert abs((link.expires - job.created).total_seconds() - 3600) < 60
    assert (link.stderr_url, "/j/" in client.make_link(job.number).url) == (None, True)
    with pytest.raises(InvalidRequest):
        client.make_link(job.id, "everything")


def test_a_clone_is_another_job_with_the_edits(client: Client) -> None:
    job = client.submit(["echo", "a"], name="one", resources={"memory": "1G"})
    clone = client.clone(job.number, name="two", arguments=["b"], resources=None)
    assert (clone.name, clone.command, clone.resources) == ("two", ("echo", "b"), {})
    assert clone.origin is not None
    assert clone.origin.job == job.id
    assert client.clone(job.id, key="k").id == client.clone(job.id, key="k").id


def test_many_jobs_are_changed_at_once(client: Client) -> None:
    jobs = [client.submit(["true"], labels=["many"]) for _ in range(2)]
    plan = client.bulk("hide", q="label:many", dry_run=True)
    assert set(plan.ids) == {job.id for job in jobs}
    done = client.bulk("hide", [jobs[0].number, 999_999])
    assert (done.matched, done.done, done.ids) == (1, 1, (jobs[0].id,))
    assert [one.id for one in done.failed] == ["999999"]
    assert [job.id for job in client.jobs(labels=["many"])] == [jobs[1].id]
    assert client.unhide(jobs[0].id).hidden is None


def test_errors_come_back_as_themselves(client: Client) -> None:
    with pytest.raises(NotFound, match="999999"):
        client.job(999999)
    with pytest.raises(InvalidRequest) as caught:
        client.submit(["true"], resources={"memory": "lots"})
    assert caught.value.field == "resources.memory"


def test_nobody_without_a_good_token_is_let_in(client: Client, server: ServerProcess) -> None:
    with Client(server.url, token="hw_wrong") as stranger, pytest.raises(Unauthenticated):
        stranger.whoami()
    token = client.create_token(["read"], note="reader", expires_in_s=60)
    with Client(server.url, token=token.token) as reader:
        assert reader.whoami().scopes == ("read",)
        with pytest.raises(Forbidden):
            reader.submit(["true"])
        client.revoke_token(token.id)
        with pytest.raises(Unauthenticated):
            reader.whoami()
    assert token.id in [known.id for known in client.tokens()]


def test_a_log_is_followed_while_it_is_written(client: Client, server: ServerProcess) -> None:
    gate = server.data.parent / "gate-of-sync"
    job = client.submit(["sh", "-c", f"echo a; while [ ! -e {gate} ]; do sleep 0.02; done; echo b"])
    parts = client.follow_log(job.id)
    assert next(parts) == b"a\n"
    gate.touch()
    assert b"".join(parts) == b"b\n"


def test_changes_come_as_they_happen(client: Client) -> None:
    job_id = client.submit_report(name="live").id
    after = client.job(job_id).seq
    frames = client.frames(after=after, job=job_id, tick_s=0.05)
    client.report(job_id, "w1", current=1, total=2)
    changes = (change for frame in frames if frame is not None for change in frame.changes)
    step = next(change for change in changes if isinstance(change, model.WorkerChange))
    assert (step.job, step.worker.id, step.worker.fraction) == (job_id, "w1", 0.5)


def test_waiting_ends_with_the_time_that_was_given(client: Client) -> None:
    job = client.submit(["sleep", "60"])
    with pytest.raises(TimedOut, match="it goes on"):
        client.wait(job.id, timeout_s=0.2)
    client.cancel(job.id)
    assert client.wait(job.id, timeout_s=60).state is State.CANCELLED


def test_several_threads_may_share_a_client(client: Client) -> None:
    numbers: list[int] = []

    def submit_some() -> None:
        numbers.extend(client.submit(["true"]).number for _ in range(10))

    threads = [threading.Thread(target=submit_some) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(numbers)) == 40


def test_a_restart_of_the_server_is_waited_through(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    script = f"while [ ! -e {gate} ]; do sleep 0.02; done"
    with running_server(tmp_path / "data") as server, Client(server.url) as client:
        job = client.submit(["sh", "-c", script])
        server.kill()
        with ThreadPoolExecutor(1) as beside:
            restart = beside.submit(server.start, port=port_of(server))
            gate.touch()
            assert client.wait(job.id, timeout_s=60).state is State.SUCCEEDED
            restart.result()


def port_of(server: ServerProcess) -> int:
    return int(server.url.rpartition(":")[2])


def test_without_a_server_the_first_call_says_so() -> None:
    with Client("http://127.0.0.1:9") as client, pytest.raises(ServerUnreachable):
        client.wait(1, timeout_s=60)
