"""How functions end: by returning, by raising whatever can be raised, by taking their worker with them."""

import signal
from typing import Final

import msgspec
import pytest
from tests.executors.functions.scene import FunctionWitness

from headway.core.model.job import JobError
from headway.core.model.state import Reason, State
from headway.core.ports.executor import Observation

pytestmark: Final = pytest.mark.anyio

_HOSTILE: Final = (
    "class Hostile(Exception):",
    "    def __str__(self): raise RuntimeError('no text')",
    "    __repr__ = __str__",
    "raise Hostile",
)


def error_of(end: Observation) -> JobError:
    """Give what a function raised."""
    assert end.error is not None, end
    return end.error


def value_of(end: Observation) -> object:
    """Give the JSON that a function returned."""
    assert end.result is not None, end
    assert end.result.media_type == "application/json"
    return msgspec.json.decode(end.result.data)


_JSON: Final = {
    "return 3": 3,
    "return None": None,
    "pass": None,
    "return {'a': [1.5, True, None, 'é']}": {"a": [1.5, True, None, "é"]},
    "return (1, (2, 3))": [1, [2, 3]],
    "return 2 ** 64 - 1": 2**64 - 1,
}
_NO_JSON: Final = {
    "return {1: 2}": "dict",
    "return {1, 2}": "set",
    "return b'bytes'": "bytes",
    "return float('nan')": "float",
    "return [float('inf')]": "list",
    "return 2 ** 64": "int",
    "return '\\ud800'": "str",
    "return lambda: 1": "function",
    "import datetime; return datetime.date(2026, 1, 1)": "datetime.date",
    "a = []; a.append(a); return a": "list",
}


async def test_what_json_gives_back_is_json_and_tuples_are_lists(
    witness: FunctionWitness,
) -> None:
    ends = await witness.run(*map(witness.python, _JSON))
    assert {each.state for each in ends} == {State.SUCCEEDED}
    assert [value_of(each) for each in ends] == list(_JSON.values())


async def test_what_is_no_json_is_kept_as_a_pickle_of_its_type(witness: FunctionWitness) -> None:
    ends = await witness.run(*map(witness.python, _NO_JSON))
    results = [each.result for each in ends if each.result is not None]
    assert [each.type for each in results] == list(_NO_JSON.values())
    assert {each.media_type for each in results} == {"application/vnd.python.pickle"}
    assert {each.data[:1] for each in results} == {b"\x80"}


async def test_a_function_that_raises_has_failed_with_its_traceback(
    witness: FunctionWitness,
) -> None:
    def outer(divisor: int) -> float:
        return 1 / divisor

    end = await witness.run_one(witness.call(outer, 0))
    assert (end.state, end.reason, end.exit_code) == (State.FAILED, Reason.EXCEPTION, None)
    error = error_of(end)
    assert (error.type, error.message) == ("ZeroDivisionError", "division by zero")
    assert "in outer" in error.traceback
    assert "runner.py" not in error.traceback
    assert "division by zero" in end.message


_RAISED: Final = {
    "raise KeyboardInterrupt": "KeyboardInterrupt",
    "raise BaseException('base')": "BaseException",
    "raise GeneratorExit": "GeneratorExit",
    "\n".join(_HOSTILE): "Hostile",
    "raise type('E', (Exception,), {'__class__': None})()": "E",
    "raise Exception('\\ud800 half a pair')": "Exception",
    "raise Exception('x' * 1_000_000)": "Exception",
    "def f(): f()\nf()": "RecursionError",
    "return 1 +": "SyntaxError",
    "from headway.lib.job_cancelled import JobCancelled\nraise JobCancelled": "JobCancelled",
    "raise ExceptionGroup('many', [ValueError(1), KeyError(2)])": "ExceptionGroup",
}
_UNKEPT: Final = {
    "class C:\n    def __reduce__(self): raise OSError('no')\nreturn C()": "ResultNotKept",
    "import threading; return threading.Lock()": "ResultNotKept",
    "class C:\n    def __reduce__(self): raise SystemExit(2)\nreturn C()": "SystemExit",
}
_EXITS: Final = {"": 0, "0": 0, "3": 3, "1000": 1, "'words'": 1}


async def test_whatever_is_raised_is_a_failure_that_can_be_read(witness: FunctionWitness) -> None:
    ends = await witness.run(*map(witness.python, _RAISED))
    assert {(each.state, each.reason) for each in ends} == {(State.FAILED, Reason.EXCEPTION)}
    assert [error_of(each).type for each in ends] == list(_RAISED.values())
    assert all(error_of(each).traceback for each in ends)
    assert max(len(msgspec.json.encode(each)) for each in ends) < 200_000


async def test_a_result_that_cannot_be_pickled_is_a_failure(witness: FunctionWitness) -> None:
    ends = await witness.run(*map(witness.python, _UNKEPT))
    assert [(each.state, each.result) for each in ends] == [(State.FAILED, None)] * len(ends)
    errors = list(map(error_of, ends))
    assert [each.type for each in errors] == list(_UNKEPT.values())
    # The frames are those of what was called, and none of what called it.
    assert [each.traceback.count("/executors/functions/") for each in errors] == [0, 0, 0]
    assert errors[0].traceback.count("in __reduce__") == 1
    assert "cannot pickle '_thread.lock' object" in errors[1].traceback
    assert errors[1].traceback.endswith("ResultNotKept: " + errors[1].message + "\n")


async def test_sys_exit_ends_a_function_as_it_ends_a_program(witness: FunctionWitness) -> None:
    ends = await witness.run(
        *(witness.python(f"import sys; sys.exit({argument})") for argument in _EXITS)
    )
    assert [each.exit_code for each in ends] == list(_EXITS.values())
    assert [each.state for each in ends] == [State.SUCCEEDED] * 2 + [State.FAILED] * 3
    assert {each.reason for each in ends} == {None, Reason.NONZERO_EXIT}


async def test_a_line_of_shell_that_fails_says_so_in_the_words_of_moi(
    witness: FunctionWitness,
) -> None:
    end = await witness.run_one(witness.line("echo out; echo err >&2; exit 3"))
    assert (end.state, end.reason, end.exit_code) == (State.FAILED, Reason.NONZERO_EXIT, 3)
    assert error_of(end).type == "ValueError"
    assert error_of(end).message == (
        "Failed to execute: echo out; echo err >&2; exit 3\nstdout: out\n\nstderr: err\n"
    )
    assert value_of(end) == ["out\n", "err\n", 3]


async def test_a_worker_that_is_killed_fails_its_function_by_that_signal_and_there_is_another(
    witness: FunctionWitness,
) -> None:
    end = await witness.run_one(witness.python("import os; os.kill(os.getpid(), 11)"))
    assert (end.state, end.reason) == (State.FAILED, Reason.SIGNAL)
    assert end.signal == signal.SIGSEGV
    assert "signal 11" in end.message
    others = [witness.python("return 1") for _ in range(6)]
    assert [value_of(each) for each in await witness.run(*others)] == [1] * 6


async def test_a_function_that_ends_its_worker_has_failed_and_is_not_run_again(
    witness: FunctionWitness,
) -> None:
    ends = await witness.run(
        *(witness.python(f"import os; os._exit({code})", rerun=3) for code in (0, 7))
    )
    assert [each.reason for each in ends] == [Reason.EXCEPTION, Reason.NONZERO_EXIT]
    assert [(each.state, each.exit_code, each.again) for each in ends] == [
        (State.FAILED, 0, False),
        (State.FAILED, 7, False),
    ]


async def test_a_function_whose_worker_dies_is_run_again_as_often_as_its_policy_says(
    witness: FunctionWitness,
) -> None:
    launch = witness.python("import os; os.kill(os.getpid(), 9)", rerun=1)
    await witness.submit(launch)

    async def put_back() -> Observation | None:
        return next((each for each in witness.said.get(launch.tag, []) if each.again), None)

    again = await witness.poll(put_back, "the first attempt to be over")
    assert (again.state, again.reason, again.signal) == (State.ACCEPTED, Reason.SIGNAL, 9)
    second = msgspec.structs.replace(launch, tag=launch.tag.removesuffix("1") + "2")
    end = await witness.run_one(second)
    assert (end.state, end.reason) == (State.FAILED, Reason.SIGNAL)


async def test_a_child_that_a_function_forked_and_that_returns_too_ends_nothing_twice(
    witness: FunctionWitness,
) -> None:
    end = await witness.run_one(witness.python("import os", "return os.fork() and 'parent'"))
    assert value_of(end) == "parent"
    assert value_of(await witness.run_one(witness.python("return 2"))) == 2


async def test_an_asynchronous_function_is_awaited(witness: FunctionWitness) -> None:
    async def later() -> int:
        return 5

    assert value_of(await witness.run_one(witness.call(later))) == 5
