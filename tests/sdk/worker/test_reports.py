"""What a job's program says, and what reaches the server of it."""

import json
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from tests.sdk.worker.conftest import JOB, TOKEN, Capture, Job


def test_a_loop_reports_its_start_and_its_end(job: Job, server: Capture) -> None:
    ended = job.run("for item in progress(range(50), desc='flagging'): pass")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")
    last = server.last("main")
    assert (last["current"], last["total"], last["ok"]) == (50, 50, True)
    assert last["desc"] == "flagging"


def test_a_report_goes_to_the_job_with_its_token(job: Job, server: Capture) -> None:
    job.run("for item in progress('abc'): pass")
    request = server.requests[-1]
    assert (request.method, request.path) == ("POST", f"/api/v1/jobs/{JOB}/report")
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert request.headers["Content-Type"] == "application/json"


def test_an_instant_is_utc_with_microseconds(job: Job, server: Capture) -> None:
    job.run("for item in progress('abc'): pass")
    assert len(server.last("main")["at"]) == len("2026-01-01T00:00:00.000000Z")
    assert server.last("main")["at"].endswith("Z")


def test_a_url_with_a_prefix_keeps_it(job: Job, server: Capture) -> None:
    job.run("status('x')", environment={"HEADWAY_URL": server.url + "/behind/a/proxy/"})
    assert server.requests[-1].path == f"/behind/a/proxy/api/v1/jobs/{JOB}/report"


def test_a_url_may_be_written_without_its_scheme(job: Job, server: Capture) -> None:
    bare = server.url.partition("://")[2]
    job.run("status('x')", environment={"HEADWAY_URL": bare})
    job.run(f"for x in progress('ab', job='demo1', url={bare + '/'!r}): pass")
    assert {request.path for request in server.requests} == {
        f"/api/v1/jobs/{JOB}/report",
        "/progress/update",
    }


def test_a_with_block_counts_what_it_is_told(job: Job, server: Capture) -> None:
    job.run("with progress(total=100, worker='w1') as bar: bar.update(1); bar.update(2.5)")
    last = server.last("w1")
    assert (last["current"], last["total"], last["ok"]) == (3.5, 100, True)


def test_an_exception_in_a_with_block_is_shown_and_goes_on(job: Job, server: Capture) -> None:
    ended = job.run("with progress(total=9) as bar: bar.update(4); raise KeyError('mine')")
    assert ended.returncode == 1
    assert b"KeyError: 'mine'" in ended.stderr
    assert (server.last("main")["current"], server.last("main")["ok"]) == (4, False)


def test_leaving_a_with_block_by_exit_0_is_no_problem(job: Job, server: Capture) -> None:
    job.run("with progress(total=9) as bar: bar.update(4); raise SystemExit(0)")
    assert server.last("main")["ok"] is True


def test_an_iterable_that_raises_is_shown_and_goes_on(job: Job, server: Capture) -> None:
    ended = job.run(
        "def items():\n    yield 1\n    raise OSError('gone')\n"
        "try:\n    for item in progress(items()): pass\n"
        "except OSError as error: print(error)"
    )
    assert ended.stdout == b"gone\n"
    assert (server.last("main")["current"], server.last("main")["ok"]) == (1, False)


def test_a_loop_left_early_tells_how_far_it_came(job: Job, server: Capture) -> None:
    job.run("for item in progress(range(9)):\n    if item == 4: break")
    assert (server.last("main")["current"], server.last("main")["ok"]) == (4, True)


def test_set_changes_only_what_it_is_given(job: Job, server: Capture) -> None:
    job.run(
        "bar = progress(total=10, desc='a')\n"
        "bar.set(current=3)\nbar.set(total=20, ok=0)\nbar.set(desc='b')\nbar.close()"
    )
    last = server.last("main")
    assert (last["current"], last["total"], last["ok"], last["desc"]) == (3, 20, False, "b")


def test_a_total_that_is_not_known_is_not_said(job: Job, server: Capture) -> None:
    job.run("for item in progress(x for x in 'abc'): pass")
    assert server.last("main")["current"] == 3
    assert "total" not in server.last("main")


def test_a_bar_that_was_never_closed_is_reported_at_the_end(job: Job, server: Capture) -> None:
    job.run("bar = progress(total=3)\nbar.update(2)")
    assert server.last("main")["current"] == 2


def test_a_bar_that_nobody_holds_any_more_keeps_its_last_value(job: Job, server: Capture) -> None:
    job.run("progress(total=3, worker='gone').update(2)\nimport gc; gc.collect()")
    assert server.last("gone")["current"] == 2


def test_a_bar_that_was_never_touched_is_not_reported(job: Job, server: Capture) -> None:
    job.run("progress(range(3), worker='idle')\nstatus('x')")
    assert server.workers() == set()


def test_bars_alive_at_once_have_ids_of_their_own(job: Job, server: Capture) -> None:
    job.run("for a in progress('ab'):\n    for b in progress('xyz'): pass")
    assert server.workers() == {"main", "main.2"}
    assert server.last("main.2")["current"] == 3


def test_bars_one_after_the_other_share_an_id(job: Job, server: Capture) -> None:
    job.run("for a in progress('ab'): pass\nfor b in progress('xyz'): pass")
    assert server.workers() == {"main"}
    assert server.last("main")["current"] == 3


def test_threads_that_start_bars_together_get_an_id_each(job: Job, server: Capture) -> None:
    job.run(
        "import threading\nbarrier = threading.Barrier(8)\n"
        "def work():\n"
        "    with progress(total=1) as bar: barrier.wait(); bar.update()\n"
        "threads = [threading.Thread(target=work) for _ in range(8)]\n"
        "[t.start() for t in threads]; [t.join() for t in threads]"
    )
    assert server.workers() == {"main", *(f"main.{n}" for n in range(2, 9))}


def test_counters_and_status_are_sent(job: Job, server: Capture) -> None:
    job.run("counters({'a': 1, 'b': [2, 'red'], 'c': None})\ncounters({'a': 3})\nstatus('hello')")
    counters = {k: v for body in server.reports() for k, v in body.get("counters", {}).items()}
    assert counters == {"a": 3, "b": [2, "red"], "c": None}
    assert [body["status_text"] for body in server.reports() if "status_text" in body] == ["hello"]


@pytest.mark.parametrize(
    "call",
    [
        "progress(total='many', desc=object(), worker='w').update(1)",
        "progress(total=3, worker='w').update('x')",
        "progress(total=3, worker='w').set(current=object())",
        "progress(total=float('nan'), worker='w').set(float('inf'))",
        "progress(worker='w').update(10 ** 400)",
        "progress(range(3), url=object(), job=object())",
        "progress(range(3), update_url=7)",
        "counters(7)",
        "counters({'a': object(), 'b': float('nan')})",
        "status(object())",
        "status('\\udc80')",
        "flush(float('-inf'))",
    ],
)
def test_a_bad_argument_does_not_reach_the_job(job: Job, call: str) -> None:
    ended = job.run(f"{call}\nprint('went on')")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"went on\n", b"")


def test_with_debug_the_reason_for_silence_is_said(job: Job) -> None:
    ended = job.run("counters(7)", environment={"HEADWAY_DEBUG": "1"})
    assert ended.stderr.startswith(b"headway: counters: AttributeError")


def test_numbers_of_other_kinds_are_understood(job: Job, server: Capture) -> None:
    job.run(
        "from fractions import Fraction\nfrom decimal import Decimal\n"
        "bar = progress(total=Decimal('2.5'))\nbar.update(Fraction(1, 2))\nbar.close()"
    )
    assert (server.last("main")["current"], server.last("main")["total"]) == (0.5, 2.5)


def test_text_that_utf8_cannot_say_is_sent_as_far_as_it_can(job: Job, server: Capture) -> None:
    job.run("progress(total=1, desc='a\\udc80b' * 1000).update()")
    assert server.last("main")["desc"] == ("a?b" * 1000)[:1000]


def test_outside_a_job_nothing_is_sent_and_all_works(job: Job, server: Capture) -> None:
    ended = job.run(
        "counters({'a': 1}); status('x')\nprint(sum(progress([1, 2, 3])), flush())",
        environment={"HEADWAY_JOB_ID": None},
    )
    assert ended.stdout == b"6 True\n"
    assert server.requests == []


def test_requests_share_one_connection(job: Job, server: Capture) -> None:
    job.run("for n in range(5): status(str(n)); flush()")
    assert len(server.requests) == 5
    assert len({request.connection for request in server.requests}) == 1


def test_a_bar_is_asked_for_once_a_second_at_most(job: Job, server: Capture) -> None:
    job.run(
        "import time\nend = time.monotonic() + 3.5\n"
        "for item in progress(iter(lambda: time.monotonic() < end, False)): pass"
    )
    # By the job's clock: on a busy machine a report may be long on its way. The last is the end, which need not wait.
    running = [datetime.fromisoformat(entry["at"]) for entry in server.worker("main")][:-1]
    assert 2 <= len(running) <= 5
    assert all(later - earlier > timedelta(seconds=0.9) for earlier, later in pairwise(running))


@pytest.mark.parametrize(
    ("document", "headers"), [({"next_report_s": 60}, {}), ({}, {"Headway-Next-Report": "60"})]
)
def test_a_server_that_asks_for_less_gets_less(
    job: Job, server: Capture, document: object, headers: dict[str, str]
) -> None:
    server.answers["/report"] = (200, document, headers)
    job.run(
        "import time\nend = time.monotonic() + 2.5\n"
        "for item in progress(iter(lambda: time.monotonic() < end, False)): pass"
    )
    assert len(server.requests) == 2  # the start, and the end of the process


def test_many_bars_go_in_few_requests(job: Job, server: Capture) -> None:
    job.run("bars = [progress(total=1) for n in range(250)]\n[bar.update() for bar in bars]")
    assert len(server.workers()) == 250
    assert max(len(body["workers"]) for body in server.reports()) <= 100


def test_a_rank_of_0_is_a_workers_name(job: Job, server: Capture) -> None:
    job.run("for x in progress('ab', worker=0): pass")
    assert server.workers() == {"0"}


def test_a_counter_that_the_server_would_refuse_is_left_out(job: Job, server: Capture) -> None:
    job.run(
        "counters({'a': {'b': 1}, 'c': [1, 2, 3], 'd': [1, 'no colour!'], 'e': 10 ** 400, 'f': 1,\n"
        "          'g' * 300: 'x', 'h': (2, '#ff0000'), 'i': [True, None]})"
    )
    counters = {k: v for body in server.reports() for k, v in body.get("counters", {}).items()}
    assert counters == {"f": 1, "g" * 200: "x", "h": [2, "#ff0000"], "i": [True, None]}


def test_values_that_cannot_be_compared_harm_no_other_bar(job: Job, server: Capture) -> None:
    job.run(
        "class Odd(int):\n    def __eq__(self, other): raise ValueError('array')\n    __hash__ = None\n"
        "odd = progress(worker='odd')\nodd.set(Odd(1))\nflush()\nodd.set(Odd(2))\n"
        "for x in progress('abc', worker='w'): pass"
    )
    assert server.last("w")["current"] == 3


def test_values_that_did_not_change_are_not_sent_again(job: Job, server: Capture) -> None:
    job.run("bar = progress(total=2)\nbar.update()\nflush()\nflush()\nbar.close()\nflush()")
    assert [entry["current"] for entry in server.worker("main")] in ([1], [0, 1])


def test_a_users_token_is_used_where_there_is_no_report_token(job: Job, server: Capture) -> None:
    job.run("status('x')", environment={"HEADWAY_REPORT_TOKEN": None, "HEADWAY_TOKEN": "hw_u"})
    assert server.requests[-1].headers["Authorization"] == "Bearer hw_u"


def test_a_progress_name_is_reported_by_get(job: Job, server: Capture) -> None:
    job.run(
        f"for x in progress('ab', desc='a b&c', job='alice:1+00:00', worker='w 1', url={server.url!r}): pass"
    )
    request = server.requests[-1]
    assert (request.method, request.path) == ("GET", "/progress/update")
    assert request.query == {
        "jobid": "alice:1+00:00",
        "workid": "w 1",
        "current": "2",
        "total": "2",
        "ok": "1",
        "desc": "a b&c",
    }


def test_a_problem_under_a_progress_name_is_ok_0(job: Job, server: Capture) -> None:
    job.run(f"with progress(job=7, url={server.url!r}) as bar: bar.set(ok=False)")
    assert server.requests[-1].query["ok"] == "0"


def test_an_update_address_keeps_its_key(job: Job, server: Capture) -> None:
    update_url = f"{server.url}/sub/progress/update?jobid=demo1&k=abc123"
    job.run(f"for x in progress('ab', update_url={update_url!r}): pass")
    request = server.requests[-1]
    assert request.path == "/sub/progress/update"
    assert (request.query["jobid"], request.query["k"]) == ("demo1", "abc123")
    assert request.query["current"] == "2"


def test_a_body_is_small_and_plain_json(job: Job, server: Capture) -> None:
    job.run("for x in progress('ab'): pass")
    assert len(json.dumps(server.reports()[-1])) < 200


def test_the_bar_has_the_length_of_its_iterable(job: Job) -> None:
    ended = job.run("bar = progress([1, 2, 3]); print(len(bar), bool(progress([])), bar.total)")
    assert ended.stdout == b"3 True 3\n"
