"""Whoever has an account can have its sessions say anything: each answer is one, or is told as none, soon and in bounds."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

import pytest

from headway.core.errors import ExecutorUnavailable, NotFound
from headway.executors.batch.command import Command
from headway.executors.batch.run_as.sudo import Sudo, SudoWay
from headway.executors.batch.shell_sessions import Passage
from headway.executors.batch.through_shell import ThroughShell
from headway.executors.batch.transport import File

pytestmark = pytest.mark.anyio

_ENVIRONMENT: Final = {"PATH": "/usr/bin:/bin"}
_MOST_BYTES: Final = 1 << 20
#: Reads the question, takes the marks from it, and puts an answer of its own between them.
_FORGED: Final = """\
IFS= read -r s
m=$(printf "%b" "$s" | grep -ao "headway-[0-9a-f]\\{{32\\}}" | head -1)
printf "%s\\n" $m-begin; printf "%s\\n" $m-begin >&2
{answer}
printf "\\n%s {code}\\n" $m-end; printf "\\n%s {code}\\n" $m-end >&2
"""
_NO_ANSWER: Final = {
    "rubbish": "head -c 300000 /dev/urandom",
    "nothing": "exit 0",
    "a flood": "yes",
    "a flood of complaints": "yes >&2",
    "half an answer": 'IFS= read -r s; printf "%b" "$s"',
}
_ANSWERS: Final = {
    "numbers of no files": 'printf "%s\\n" "-1 0 99999999999999999999 x"',
    "numbers that are huge": 'printf "%s\\n" "99999999999999999999999999999999999999"',
    "too much": "head -c 3000000 /dev/zero",
    "names that lead elsewhere": 'printf "a\\0../../x\\0"',
    "bytes": "head -c 5000 /dev/urandom",
    "no words": ":",
}
_FORGERIES: Final = {
    f"{name}, exit code {code}": _FORGED.format(answer=answer, code=code)
    for name, answer in _ANSWERS.items()
    for code in (0, 3, 9999)
}

Ask = Callable[[ThroughShell], Awaitable[object]]
_QUESTIONS: Final[dict[str, Ask]] = {
    "run": lambda it: it.run(Command(argv=("true",))),
    "write": lambda it: it.write([File(path="/nowhere/x", data=b"x")]),
    "write_new": lambda it: it.write_new(File(path="/nowhere/x", data=b"x")),
    "collect": lambda it: it.collect(["/a/b", "/c/d", "/e"]),
    "missing_directories": lambda it: it.missing_directories(["/a", "/b"]),
    "names": lambda it: it.names("/a"),
    "read": lambda it: it.read("/a", offset=0, limit=100),
    "remove": lambda it: it.remove(["/nowhere/x"]),
}


class Played(SudoWay):
    """A way to a shell whose owner answers as this text does."""

    def __init__(self, text: str) -> None:
        super().__init__(
            "games", Sudo(program="/no/program", directory="/nowhere", environment=_ENVIRONMENT)
        )
        self._passage = Passage(argv=("sh", "-c", text), environment=_ENVIRONMENT)


@pytest.fixture(params=[*_NO_ANSWER.items(), *_FORGERIES.items()], ids=lambda one: one[0])
async def hostile(request: pytest.FixtureRequest) -> AsyncIterator[ThroughShell]:
    """A transport to such a shell."""
    made = ThroughShell(
        Played(request.param[1]), {}, {}, timeout_s=20.0, most_output_bytes=_MOST_BYTES
    )
    yield made
    await made.close()


async def test_whatever_a_session_says_is_an_answer_or_is_told_as_none(
    hostile: ThroughShell,
) -> None:
    told = [await _told(ask, hostile) for ask in _QUESTIONS.values()]
    assert all(words.isprintable() and len(words) < 1000 for words in told)


async def _told(ask: Ask, hostile: ThroughShell) -> str:
    """Ask; gives what is said of an answer that is none, or nothing."""
    try:
        await ask(hostile)
    except (ExecutorUnavailable, NotFound) as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", sorted(_NO_ANSWER))
async def test_what_is_no_answer_is_never_taken_for_one(name: str) -> None:
    hostile = ThroughShell(Played(_NO_ANSWER[name]), {}, {}, most_output_bytes=_MOST_BYTES)
    for ask in _QUESTIONS.values():
        with pytest.raises(ExecutorUnavailable):
            await ask(hostile)
    await hostile.close()
