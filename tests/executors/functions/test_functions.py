"""What functions are given, what they print and leave, and that nobody else's code is unpickled."""

import os
import pickle
from pathlib import Path
from typing import Any, Final

import pytest
from tests.executors.functions.scene import FunctionScene, FunctionWitness, signed
from tests.executors.functions.test_ends import error_of, value_of
from typing_extensions import override

from headway.core.errors import NotFound
from headway.core.model.state import Reason, State
from headway.core.ports.executor import Stream

pytestmark: Final = pytest.mark.anyio


async def test_a_function_is_given_what_it_takes_by_name_and_nothing_else(
    witness: FunctionWitness,
) -> None:
    def named(one: int, moi_context: str, *, moi_parent_id: str | None) -> list[object]:
        return [one, moi_context, moi_parent_id]

    def everything(**given: object) -> list[str]:
        return sorted(given)

    def nothing(one: int, two: int = 2) -> int:
        return one + two

    def own(counters: int) -> int:
        return counters

    launches = [
        witness.call(named, 1),
        witness.call(everything),
        witness.call(nothing, 1),
        witness.call(own, 7),
        witness.call(max, 1, 2),
        witness.python("return [moi_context, callable(progress)]"),
    ]
    assert [value_of(each) for each in await witness.run(*launches)] == [
        [1, "functions", None],
        [
            "counters",
            "moi_context",
            "moi_parent_id",
            "moi_update_status",
            "progress",
            "status_update",
        ],
        3,
        7,
        2,
        ["functions", True],
    ]


async def test_telling_how_far_it_is_is_silent_without_a_server_and_gives_the_words_before(
    witness: FunctionWitness,
) -> None:
    def tells(moi_update_status: Any, progress: Any, counters: Any) -> list[str]:
        progress(1, 10, "some")
        progress("no number")
        counters({"a": 1}, b=object())
        return [moi_update_status("one"), moi_update_status("two")]

    away = {"HEADWAY_URL": "http://127.0.0.1:1", "HEADWAY_JOB_ID": "x"}
    end = await witness.run_one(witness.call(tells, added=away))
    assert value_of(end) == ["Running", "one"]


async def test_environment_and_directory_are_the_functions_own(
    witness: FunctionWitness, scene: FunctionScene
) -> None:
    lines = (
        "import os",
        "os.environ['LEFT'] = 'behind'",
        "names = ('GIVEN_TO_ALL', 'OWN', 'BOTH', 'LEFT_BEFORE', 'PATH')",
        "return [os.getcwd(), *map(os.environ.get, names)]",
    )
    own = {"OWN": "1", "BOTH": "job"}
    given = witness.python(*lines, directory=scene.root, environment=own, added={"BOTH": "headway"})
    bare = witness.python(*lines, environment=own, inherit_environment=False)
    after = witness.python("import os; return [os.environ.get('LEFT'), os.environ.get('OWN')]")
    assert value_of(await witness.run_one(given)) == [
        scene.root,
        "server's",
        "1",
        "headway",
        None,
        os.defpath,
    ]
    found = value_of(await witness.run_one(bare))
    assert isinstance(found, list)
    assert found[1:] == [None, "1", "job", None, None]
    assert value_of(await witness.run_one(after)) == [None, None]


async def test_a_directory_that_is_not_there_is_named_and_nothing_runs(
    witness: FunctionWitness, scene: FunctionScene
) -> None:
    nowhere = f"{scene.root}/not-there"
    end = await witness.run_one(witness.python("return 1", directory=nowhere))
    assert (end.state, end.reason) == (State.FAILED, Reason.NOT_STARTED)
    assert nowhere in end.message


async def test_what_a_function_leaves_in_its_directory_is_its_own_until_it_is_forgotten(
    witness: FunctionWitness, scene: FunctionScene
) -> None:
    lines = (
        "import os; from pathlib import Path",
        "before = os.listdir(); Path('mine').touch(); return before",
    )
    ends = await witness.run(*(witness.python(*lines) for _ in range(4)))
    assert [value_of(each) for each in ends] == [[]] * 4
    kept = [scene.data / "jobs" / each.tag[34:36] / each.tag / "mine" for each in ends]
    assert all(map(Path.exists, kept))
    await witness.executor.forget([each.tag for each in ends])
    assert not any(map(Path.exists, kept))


async def test_a_function_that_spoils_its_outputs_and_directory_harms_no_other(
    witness: FunctionWitness,
) -> None:
    spoilers = (
        "import sys; sys.stdout.close(); sys.stdout = None",
        "import os, shutil; shutil.rmtree(os.getcwd())",
        "import os; os.chdir('/')",
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)",
        "import os; os.umask(0o777)",
    )
    ends = await witness.run(*map(witness.python, spoilers))
    assert {each.state for each in ends} == {State.SUCCEEDED}
    good = [witness.python("import os; print('here'); return os.listdir()") for _ in range(4)]
    for end in await witness.run(*good):
        assert value_of(end) == []
        assert await witness.output(end.tag) == b"here\n"


async def test_a_function_that_prints_nothing_has_no_log(witness: FunctionWitness) -> None:
    end = await witness.run_one(witness.python("return 1"))
    assert await witness.output(end.tag) == b""
    await witness.executor.settled([end.tag])
    with pytest.raises(NotFound):
        await witness.executor.read_log(end.tag, Stream.STDOUT, offset=0, limit=10)


async def test_a_pickle_that_its_owner_did_not_sign_is_not_unpickled(
    witness: FunctionWitness, scene: FunctionScene
) -> None:
    class Bomb:
        @override
        def __reduce__(self) -> tuple[Any, ...]:
            return open, (f"{scene.root}/went-off", "w")

    bomb = pickle.dumps((Bomb(), (), {}))
    ends = await witness.run(
        witness.pickled(bomb, signature=""),
        witness.pickled(bomb, signature=signed(bomb, "another's key")),
        witness.pickled(bomb, signature="é" * 64),
    )
    assert {error_of(each).type for each in ends} == {"PermissionError"}
    assert scene.get(f"{scene.root}/went-off") is None
    await witness.run_one(witness.pickled(bomb, signature=signed(bomb)))
    assert scene.get(f"{scene.root}/went-off") == b""


async def test_bytes_that_are_no_pickle_are_a_failure(witness: FunctionWitness) -> None:
    end = await witness.run_one(witness.pickled(b"\xff", signature=signed(b"\xff")))
    assert (end.state, end.reason) == (State.FAILED, Reason.EXCEPTION)


async def test_what_a_spec_asks_for_and_no_worker_does_is_named(witness: FunctionWitness) -> None:
    spec = witness.python("return 1", stdin_path="/dev/null", duration=60).spec
    assert list(witness.executor.unheeded(spec)) == ["stdin_path"]
