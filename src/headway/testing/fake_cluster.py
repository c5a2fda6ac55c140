"""A batch scheduler and its file system in memory, whose jobs do what a test says; a Dialect and a Transport to reach it."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import count
from typing import Final

import msgspec
from msgspec.structs import replace

from headway.core.errors import ExecutorRejected, ExecutorUnavailable, NotFound
from headway.core.model.names import NativeId
from headway.core.model.spec import Spec
from headway.core.model.state import State
from headway.core.ports.clock import Clock
from headway.core.ports.executor import LogPart
from headway.executors.batch.command import Command, Output
from headway.executors.batch.detail import Detail, says
from headway.executors.batch.dialect import Source, Variables
from headway.executors.batch.native import NativeJob
from headway.executors.batch.request import Request
from headway.executors.batch.transport import File
from headway.executors.batch.words import not_there

_FILES: Final = "files"  #: what is away when the file system is


class FakeDialect:
    """Commands of a FakeCluster: their arguments and answers are JSON."""

    name = "fake"
    programs: Sequence[str] = ("submit", "list", "ask", "cancel", "detail", "recall", "version")
    variables = Variables(job_id="FAKE_ID", restarts="FAKE_RESTARTS")
    passes_environment = True

    def __init__(self) -> None:
        self.sources: Sequence[Source] = (FakeSource(),)
        self.details: Sequence[Detail] = tuple(
            Detail(program, partial(_command, program), knows_none=says(re.compile("no such job")))
            for program in ("detail", "recall")
        )

    def mark(self, tag: str) -> str:
        """Give a mark."""
        return f"mark:{tag}"

    def submit(self, request: Request) -> Command:
        """Submit."""
        return Command(argv=("submit", request.mark, request.script, request.name))

    def submitted(self, output: Output) -> NativeId:
        """Read an id."""
        if output.exit_code:
            raise ExecutorRejected(output.complaint)
        return NativeId(output.text)

    def printed(self, text: str) -> NativeId | None:
        """Find the last line that is a number."""
        numbers = [line for line in text.splitlines() if line.isascii() and line.isdigit()]
        return NativeId(numbers[-1]) if numbers else None

    def element(self, array: NativeId, index: int) -> NativeId:
        """Give the id of an element."""
        return NativeId(f"{array}.{index}")

    def listing(self) -> Command:
        """List."""
        return Command(argv=("list",))

    def listed(self, output: Output) -> Sequence[NativeJob]:
        """Read rows."""
        return read_rows(output)

    def cancel(self, ids: Sequence[NativeId]) -> Command:
        """Cancel."""
        return Command(argv=("cancel", *ids))

    def cancelled(self, output: Output) -> None:
        """Read a refusal."""
        if output.exit_code:
            raise ExecutorRejected(output.complaint)

    def version(self) -> Command:
        """Ask for the version."""
        return Command(argv=("version",))

    def read_version(self, output: Output) -> str:
        """Read it."""
        return output.text

    def unheeded(self, _: Spec) -> Sequence[str]:
        """Heed all."""
        return []


class FakeSource:
    """A memory that is longer than the listing's."""

    name = "ask"

    def ask(self, ids: Sequence[NativeId]) -> Command:
        """Ask about jobs."""
        return Command(argv=("ask", *ids))

    def read(self, output: Output) -> Sequence[NativeJob]:
        """Read rows."""
        return read_rows(output)


def _command(program: str, native_id: NativeId) -> Command:
    return Command(argv=(program, native_id))


def _described(jobs: Mapping[NativeId, NativeJob], ids: Sequence[str]) -> Output:
    job = jobs.get(NativeId(ids[0]))
    if job is None:
        return Output(stderr=b"no such job\n", exit_code=1)
    return Output(stdout=repr(job).encode())


def read_rows(output: Output) -> Sequence[NativeJob]:
    """Read rows of a listing.

    Raises:
        ExecutorUnavailable: it is none.
    """
    try:
        return msgspec.json.decode(output.stdout, type=list[NativeJob])
    except msgspec.DecodeError as error:
        raise ExecutorUnavailable(f"this is no listing: {error}") from None


class FakeCluster:
    """A Transport to a scheduler in memory.

    Attributes:
        rows: what it lists, by id; ``accounts``: what it answers when it is asked about single jobs.
        files: by path.
        away: programs that cannot be asked now, and ``"files"``.
        lacks: programs that are not installed.
        closed: directories that a job has made unusable: nothing can be written there.
        loses_answers: a submission is taken, and its answer is lost.
        mute: names of jobs whose submission takes nothing and says nothing.
        refuses: why a submission is refused; "" takes it.
        commands: every command that came, in order.
    """

    def __init__(self, clock: Clock) -> None:
        self.rows: dict[NativeId, NativeJob] = {}
        self.accounts: dict[NativeId, NativeJob] = {}
        self.files: dict[str, bytes] = {}
        self.away: set[str] = set()
        self.lacks: set[str] = set()
        self.closed: set[str] = set()
        self.mute: set[str] = set()
        self.loses_answers = False
        self.refuses = ""
        self.commands: list[tuple[str, ...]] = []
        self._clock = clock
        self._ids = count(1)
        self._places: dict[NativeId, str] = {}
        self._runs: dict[NativeId, int] = {}

    # What happens on it

    def id_of(self, tag: str) -> NativeId:
        """Give the id of the last job that was submitted for an attempt."""
        return [each for each, place in self._places.items() if place.endswith(f"/{tag}")][-1]

    def change(self, native_id: NativeId, **fields: object) -> None:
        """Have a job listed otherwise."""
        self.rows[native_id] = replace(self.rows[native_id], **fields)

    def begin(self, native_id: NativeId) -> bool:
        """Start a job as the wrapper does; False, and it ends at once, when its attempt is another's."""
        claim = f"{self._places[native_id]}/claim"
        taken = self.files.setdefault(claim, _json({"native_id": native_id}))
        if json.loads(taken)["native_id"] != native_id:
            self.change(native_id, state=State.SUCCEEDED, word="DONE", exit_code=0)
            return False
        self.change(native_id, state=State.RUNNING, word="RUN", started=self._clock.now())
        self._record(native_id, "started")
        return True

    def write_end(
        self, native_id: NativeId, *, exit_code: int | None = 0, signal: int | None = None
    ) -> None:
        """Write an exit record."""
        signals = [] if signal is None else [signal]
        self._record(native_id, "ended", exit_code=exit_code, signal=signal, signals=signals)

    def end(self, native_id: NativeId, *, exit_code: int = 0) -> None:
        """End a job as the wrapper does, and list its end."""
        self.write_end(native_id, exit_code=exit_code)
        state = State.FAILED if exit_code else State.SUCCEEDED
        self.change(
            native_id, state=state, word="DONE", exit_code=exit_code, ended=self._clock.now()
        )

    def requeue(self, native_id: NativeId) -> None:
        """Put a job back into the queue."""
        self._runs[native_id] = run = self._runs.get(native_id, 0) + 1
        self.change(native_id, state=State.QUEUED, word="PEND", restarts=run, started=None)

    def forget(self, native_id: NativeId) -> None:
        """List a job no more; what accounts have of it stays."""
        del self.rows[native_id]

    def _record(self, native_id: NativeId, name: str, **fields: object) -> None:
        run = self._runs.get(native_id, 0)
        path = f"{self._places[native_id]}/{name}{f'.{run}' if run else ''}"
        now_s = self._clock.now().timestamp()
        plain = {"native_id": native_id, "host": "node", "run": run, "at": now_s, "started": now_s}
        self.files.setdefault(path, _json(plain | fields))

    # Transport

    async def start(self) -> None:
        """Do nothing; see Transport."""

    async def run(self, command: Command) -> Output:
        """Run a command of FakeDialect's; see Transport."""
        program, *arguments = command.argv
        self.commands.append(command.argv)
        self._reach(program)
        answers: dict[str, Callable[[Sequence[str]], Output]] = {
            "submit": self._submit,
            "list": lambda _: Output(stdout=msgspec.json.encode(list(self.rows.values()))),
            "ask": self._ask,
            "cancel": self._cancel,
            "detail": lambda ids: _described(self.rows, ids),
            "recall": lambda ids: _described(self.accounts, ids),
            "version": lambda _: Output(stdout=b"1.0"),
            "id": lambda _: Output(stdout=b"me\n"),
        }
        return answers[program](arguments)

    def _submit(self, arguments: Sequence[str]) -> Output:
        if self.refuses:
            return Output(stderr=self.refuses.encode(), exit_code=1)
        mark, script, name = arguments
        if name in self.mute:
            raise ExecutorUnavailable("it said no id")
        native_id = NativeId(str(next(self._ids)))
        self._places[native_id] = script.rpartition("/")[0]
        self.rows[native_id] = NativeJob(
            id=native_id, mark=mark, name=name, state=State.QUEUED, word="PEND", restarts=0
        )
        if self.loses_answers:
            raise ExecutorUnavailable("the answer was lost")
        return Output(stdout=native_id.encode())

    def _ask(self, arguments: Sequence[str]) -> Output:
        known = [self.accounts[NativeId(each)] for each in arguments if each in self.accounts]
        return Output(stdout=msgspec.json.encode(known))

    def _cancel(self, arguments: Sequence[str]) -> Output:
        for each in map(NativeId, arguments):
            row = self.rows.get(each)
            if row is not None and row.state is State.RUNNING:
                self.write_end(each, exit_code=None, signal=15)
            if row is not None:
                self.change(each, state=State.CANCELLED, word="CANC", ended=self._clock.now())
        return Output()

    async def write(self, files: Sequence[File]) -> None:
        """Write; see Transport."""
        self._reach(_FILES, *files)
        self.files |= {file.path: file.data for file in files}

    async def write_new(self, file: File) -> bool:
        """Write unless there is one; see Transport."""
        self._reach(_FILES, file)
        is_new = file.path not in self.files
        self.files.setdefault(file.path, file.data)
        return is_new

    async def write_new_each(self, files: Sequence[File]) -> Sequence[bool | None]:
        """Write each; see Transport."""
        written: list[bool | None] = []
        for file in files:
            try:
                written.append(await self.write_new(file))
            except ExecutorUnavailable:
                written.append(None)
        return written

    async def collect(self, paths: Sequence[str]) -> Mapping[str, bytes]:
        """Read several; see Transport."""
        self._reach(_FILES)
        return {path: self.files[path] for path in paths if path in self.files}

    async def names(self, directory: str) -> Sequence[str]:
        """List a directory; see Transport."""
        self._reach(_FILES)
        begin = f"{directory}/"
        return sorted(
            {
                path.removeprefix(begin).split("/")[0]
                for path in self.files
                if path.startswith(begin)
            }
        )

    async def missing_directories(self, paths: Sequence[str]) -> Sequence[str]:
        """Have every directory but those that are called ``missing``; see Transport."""
        self._reach(_FILES)
        return [path for path in paths if path.endswith("/missing")]

    async def read(
        self,
        path: str,
        *,
        offset: int,
        limit: int,
        is_ours: bool = True,  # noqa: ARG002 -- nobody else has any here
    ) -> LogPart:
        """Read a part; see Transport."""
        self._reach(_FILES)
        if path not in self.files:
            raise NotFound(f"there is no file {path}")
        data = self.files[path]
        return LogPart(data=data[offset : offset + limit], size=len(data))

    async def remove(self, directories: Sequence[str]) -> None:
        """Delete; see Transport."""
        self._reach(_FILES)
        for path in list(self.files):
            if any(path.startswith(f"{directory}/") for directory in directories):
                del self.files[path]

    async def close(self) -> None:
        """Do nothing; see Transport."""

    def _reach(self, what: str, *written: File) -> None:
        if what in self.away:
            raise ExecutorUnavailable(f"{what} is away")
        if what in self.lacks:
            raise not_there(what, what, "No such file or directory", where="this machine")
        for file in written:
            if file.path.rpartition("/")[0] in self.closed:
                raise ExecutorUnavailable(f"{file.path} cannot be written")


def _json(value: Mapping[str, object]) -> bytes:
    return json.dumps(value).encode() + b"\n"
