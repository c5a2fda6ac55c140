"""Functions that are submitted from a program: what comes back, when, and how it is stopped."""

import asyncio
import concurrent.futures
import functools
import itertools
import pickle

import pytest
from tests.functions.here import HereServer, cancelled
from typing_extensions import override

from headway.core.errors import (
    Forbidden,
    HeadwayError,
    InvalidRequest,
    NotFound,
    ServerUnreachable,
    TooLarge,
)
from headway.core.model.state import State
from headway.functions import FunctionsExecutor, RemoteError, Unread, as_completed, wait
from headway.functions.future import Future
from headway.sdk.client import Client

pytestmark = pytest.mark.anyio


def hang() -> None:
    """Begin, and never end."""


def test_a_function_gives_its_result_back(functions: FunctionsExecutor) -> None:
    assert functions.submit(pow, 2, 10).result() == 1024
    assert functions.submit(sorted, [3, 1, 2], reverse=True).result(timeout_s=60) == [3, 2, 1]


def test_a_function_of_a_notebook_travels_with_what_it_needs(functions: FunctionsExecutor) -> None:
    offset = 5
    assert functions.submit(lambda x: x + offset, 1).result() == 6


def test_a_result_that_is_no_json_comes_back_as_itself(functions: FunctionsExecutor) -> None:
    future = functions.submit(lambda: {1: complex(1, 2)})
    assert future.result() == {1: complex(1, 2)}
    assert future.result() is future.result()


def test_a_long_result_comes_back_as_itself(functions: FunctionsExecutor) -> None:
    assert functions.submit(lambda: "x" * 100_000).result() == "x" * 100_000


def test_results_that_are_pickles_can_be_left_unread(here: HereServer) -> None:
    with FunctionsExecutor(url=here.url, unpickle=False) as functions:
        unread: object = functions.submit(lambda: {1: 2}).result()
        plain = functions.submit(lambda: [1, 2]).result()
    assert isinstance(unread, Unread)
    assert (unread.type, pickle.loads(unread.data)) == ("dict", {1: 2})
    assert plain == [1, 2]


def test_a_pickle_is_opened_only_when_its_result_is_asked_for(functions: FunctionsExecutor) -> None:
    future = functions.submit(Bomb)
    wait([future])
    assert future.exception() is None
    with pytest.raises(RuntimeError, match="opened"):
        future.result()


class Bomb:
    """Something that tells when it is unpickled."""

    @override
    def __reduce__(self) -> tuple[object, ...]:
        return exec, ("raise RuntimeError('opened')",)


def test_an_exception_is_told_with_the_remote_traceback(functions: FunctionsExecutor) -> None:
    future = functions.submit(lambda: 1 // 0)
    with pytest.raises(RemoteError, match="ZeroDivisionError: integer division") as caught:
        future.result()
    assert "Traceback (most recent call last)" in caught.value.traceback
    assert (caught.value.type, caught.value.job) == ("ZeroDivisionError", future.job_id)
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.traceback) == (str(caught.value), caught.value.traceback)


def test_results_come_in_the_order_of_the_arguments(functions: FunctionsExecutor) -> None:
    assert list(functions.map(lambda x, y: x * y, range(300), range(300))) == [
        n * n for n in range(300)
    ]


def test_arguments_without_an_end_are_taken_as_results_are(functions: FunctionsExecutor) -> None:
    results = functions.map(lambda n: n + 1, itertools.count(), ahead=20)
    assert list(itertools.islice(results, 50)) == list(range(1, 51))
    results.close()  # type: ignore[attr-defined]
    with Client(functions.url) as client:
        assert len(list(client.jobs())) <= 71


def test_many_calls_can_share_a_job(functions: FunctionsExecutor) -> None:
    assert list(functions.map(lambda n: -n, range(10), chunksize=4)) == [-n for n in range(10)]
    with Client(functions.url) as client:
        assert len(list(client.jobs())) == 3


def test_what_is_mapped_stops_at_the_first_exception(functions: FunctionsExecutor) -> None:
    results = functions.map(lambda n: 1 // n, [1, 0, 2])
    assert next(results) == 1
    with pytest.raises(RemoteError, match="ZeroDivisionError"):
        next(results)


def test_the_standard_library_takes_the_futures_for_its_own(functions: FunctionsExecutor) -> None:
    futures = [functions.submit(abs, -n) for n in range(20)]
    done, not_done = concurrent.futures.wait(futures, 60)
    assert not not_done
    assert sorted(future.result() for future in done) == list(range(20))
    assert len(list(concurrent.futures.as_completed(futures))) == 20
    assert {future.result() for future in as_completed(futures, timeout_s=60)} == set(range(20))
    assert wait(futures) == (set(futures), set())


def test_a_callback_is_called_with_the_future(functions: FunctionsExecutor) -> None:
    told: list[object] = []
    future = functions.submit(abs, -1)
    future.result()
    future.add_done_callback(told.append)
    assert told == [future]


async def test_a_future_can_be_awaited(functions: FunctionsExecutor) -> None:
    assert await functions.submit(abs, -1) == 1
    assert await functions.submit(lambda: {1: 2}) == {1: 2}
    assert await asyncio.gather(*(functions.submit(abs, -n) for n in range(5))) == [0, 1, 2, 3, 4]
    with pytest.raises(RemoteError):
        await functions.submit(lambda: 1 // 0)


async def test_asyncio_takes_it_as_an_executor(functions: FunctionsExecutor) -> None:
    loop = asyncio.get_running_loop()
    assert await loop.run_in_executor(functions, functools.partial(pow, 2), 5) == 32


async def test_ends_can_be_awaited_as_they_come(functions: FunctionsExecutor) -> None:
    futures = [functions.submit(abs, -n) for n in range(10)]
    assert {await future async for future in as_completed(futures)} == set(range(10))


async def test_waiting_in_vain_ends_in_time(functions: FunctionsExecutor) -> None:
    future = functions.submit(hang)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await future
    with pytest.raises(TimeoutError):
        future.result(timeout_s=0.01)
    with pytest.raises(TimeoutError):
        [each async for each in as_completed([future], timeout_s=0.01)]
    assert not future.done()


def test_a_running_function_is_cancelled_for_real(
    here: HereServer, functions: FunctionsExecutor
) -> None:
    future = functions.submit(hang)
    assert future.document().state is not State.SUCCEEDED
    launch = here.launched()
    assert future.cancel()
    with Client(here.url) as client:
        assert client.job(future.job_id).cancel is not None
    here.do(lambda: here.executor.tell(cancelled(launch)))
    with pytest.raises(concurrent.futures.CancelledError):
        future.result(timeout_s=60)
    assert future.cancelled()
    assert future.cancel()


def test_what_has_ended_is_not_cancelled(functions: FunctionsExecutor) -> None:
    future = functions.submit(abs, -1)
    future.result()
    assert not future.cancel()


def test_a_future_is_found_again_by_its_job(here: HereServer, functions: FunctionsExecutor) -> None:
    job = functions.submit(abs, -7).job_id
    with FunctionsExecutor(url=here.url) as other:
        assert other.future(job).result() == 7
        with pytest.raises(NotFound):
            other.future("0198c0de-0000-7000-8000-000000000000")


def test_a_job_that_is_no_function_has_no_future(
    here: HereServer, functions: FunctionsExecutor
) -> None:
    with Client(here.url) as client:
        told = client.submit_report(name="elsewhere")
    with pytest.raises(InvalidRequest, match="is no function's but a report's"):
        functions.future(told.id)


def test_a_future_shows_its_job_and_how_far_it_is(functions: FunctionsExecutor) -> None:
    future = functions.submit(abs, -7)
    future.result()
    assert repr(future) == f"<headway Future of job {future.job_id}: done>"


def test_more_can_be_said_of_a_function(functions: FunctionsExecutor) -> None:
    labelled = functions.with_options(name="fit", labels=["a"], rerun=2)
    document = labelled.submit(abs, -1).document()
    assert (document.name, document.labels) == ("fit", ("a",))
    assert document.function is not None
    assert document.function["rerun"] == 2
    assert functions.submit(abs, -1).document().name == "abs"


def test_a_call_that_cannot_be_pickled_is_refused_at_once(functions: FunctionsExecutor) -> None:
    with pytest.raises(InvalidRequest, match="cannot be pickled"):
        functions.submit(id, (n for n in range(3)))


def test_a_call_that_is_too_long_is_refused_at_once(functions: FunctionsExecutor) -> None:
    with pytest.raises(TooLarge, match="8,388,608"):
        functions.submit(len, b"x" * (9 << 20))


def test_one_bad_job_among_many_does_not_harm_the_others(functions: FunctionsExecutor) -> None:
    futures: list[Future[int]] = [functions.submit(abs, -1) for _ in range(50)]
    bad = functions.with_options(cluster="nowhere").submit(abs, -1)
    futures += [functions.submit(abs, -1) for _ in range(50)]
    with pytest.raises(InvalidRequest, match="nowhere"):
        bad.result()
    assert [future.result() for future in futures] == [1] * 100


def test_a_restart_of_the_server_loses_nothing(
    here: HereServer, functions: FunctionsExecutor
) -> None:
    before = functions.submit(abs, -1)
    before.result()
    here.stop()
    futures = [functions.submit(abs, -n) for n in range(10)]
    here.start()
    assert [future.result(timeout_s=60) for future in futures] == list(range(10))


def test_an_end_that_came_while_the_stream_was_away_is_heard(
    here: HereServer, functions: FunctionsExecutor
) -> None:
    future = functions.submit(hang)
    assert future.document().id == future.job_id
    launch = here.launched()
    here.stop()
    here.start()
    here.do(lambda: here.executor.tell(cancelled(launch)))
    with pytest.raises(concurrent.futures.CancelledError):
        future.result(timeout_s=60)


def test_a_server_that_stays_away_is_told_to_all_who_wait(here: HereServer) -> None:
    functions = FunctionsExecutor(url=here.url, patience_s=0.2)
    waiting = functions.submit(hang)
    assert waiting.job_id
    here.stop()
    with pytest.raises(ServerUnreachable):
        waiting.result(timeout_s=60)
    with pytest.raises(ServerUnreachable):
        functions.submit(abs, -1).result(timeout_s=60)
    here.start()
    assert functions.submit(abs, -2).result(timeout_s=60) == 2
    functions.shutdown()


def test_nothing_is_taken_after_the_end(functions: FunctionsExecutor) -> None:
    functions.shutdown()
    with pytest.raises(RuntimeError, match="after shutdown"):
        functions.submit(abs, -1)


def test_who_may_not_run_functions_is_told_so(here: HereServer) -> None:
    with Client(here.url) as client:
        reader = client.create_token(["read"], user="bob").token
    with FunctionsExecutor(url=here.url, token=reader) as functions, pytest.raises(Forbidden):
        functions.submit(abs, -1)


def test_no_server_is_an_error_at_the_first_call() -> None:
    functions = FunctionsExecutor(url="http://127.0.0.1:9", patience_s=0)
    with pytest.raises(HeadwayError, match="no server answers"):
        functions.submit(abs, -1)


def test_one_user_never_hears_of_anothers_ends(here: HereServer) -> None:
    with Client(here.url) as client:
        token = client.create_token(["read", "run"], user="bob").token
    with (
        FunctionsExecutor(url=here.url, token=token) as bobs,
        FunctionsExecutor(url=here.url) as own,
    ):
        assert bobs.submit(abs, -1).result() == 1
        job = own.submit(abs, -2)
        assert job.result() == 2
        with pytest.raises(NotFound):
            bobs.future(job.job_id)


def test_the_card_shows_what_a_job_says_and_runs_nothing_of_it(
    functions: FunctionsExecutor,
) -> None:
    future = functions.with_options(name="<script>alert(1)</script>").submit(lambda: 1 // 0)
    wait([future])
    card = future._repr_html_()
    assert "<script>" not in card
    assert "&lt;script&gt;" in card
    assert f"/j/{future.document().number}" in card
    assert "ZeroDivisionError" in card


def test_outside_of_a_notebook_a_job_is_shown_in_lines(
    functions: FunctionsExecutor, capsys: pytest.CaptureFixture[str]
) -> None:
    future = functions.submit(abs, -1)
    wait([future])
    future.show()
    assert capsys.readouterr().err == f"job {future.document().number}  abs  succeeded\n"
