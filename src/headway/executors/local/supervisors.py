"""All helpers of one data directory: those that take jobs, those that drain, and what dead ones left."""

import asyncio
import logging
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, Protocol

from headway.core.errors import ExecutorUnavailable
from headway.executors import open_files
from headway.executors.local import daemon
from headway.executors.local.connection import Connection
from headway.executors.local.journal import NotAJournal, open_journal
from headway.executors.local.record import Record
from headway.executors.local.remains import Remains
from headway.executors.local.wire import Refused, Role, adopt

logger = logging.getLogger(__name__)

Holder = Connection | Remains
_START_S: Final = 10.0
_RETRY_S: Final = 0.2
#: -I: nothing of the starter's Python settings; -S: no site packages. The packages are bare ones, not their __init__, which
#: import what the server needs and helpers must not carry.
_PROGRAM: Final = """
import sys, types
for name, place in zip(("headway", "headway.executors", "headway.executors.local"), sys.argv[1:4]):
    sys.modules[name] = package = types.ModuleType(name)
    package.__path__ = [place]
from headway.executors.local.daemon import main
main(sys.argv[4:])
"""
_PACKAGE: Final = Path(__file__).parent


class Observer(Protocol):
    """Whoever wants to know of attempts. Called in the event loop; must not block."""

    def recorded(self, holder: Holder, slot: int, entry: Record) -> None:
        """Hear what a journal holds of an attempt now; the same may come again."""
        ...

    def refused(self, refusal: Refused) -> None:
        """Hear that an attempt was not started."""
        ...

    def unsure(self, connection: Connection) -> None:
        """Hear that helpers died: what was sent and not answered may or may not be there, ask the journals when whole."""
        ...


class Supervisors:
    """Keeps one pair of helpers taking jobs, and knows all others."""

    def __init__(
        self,
        home: Path,
        observer: Observer,
        *,
        now_s: Callable[[], float],
        environment: dict[str, str],
        pairs: list[bytes],
        grace_s: float,
        idle_s: float,
    ) -> None:
        self._home = home
        self._observer = observer
        self._now_s = now_s
        self._environment = environment
        self._pairs = pairs
        self._grace_s = grace_s
        self._idle_s = idle_s
        self._holders: dict[Path, Holder] = {}
        self._lock = asyncio.Lock()
        self._whole = asyncio.Event()
        self._mending: asyncio.Task[None] | None = None
        self._changed = False
        self._closed = False

    async def start(self) -> None:
        """Take up all helpers that run or ran, and have new ones where none takes jobs.

        Raises:
            ExecutorUnavailable: not now.
        """
        async with self._lock:
            self._changed = False
            try:
                await asyncio.to_thread(_make, self._home)
                for directory in await asyncio.to_thread(_directories, self._home):
                    if directory not in self._holders:
                        await self._take_up(directory)
                if self._taking() is None:
                    await self._start_new()
            except OSError as error:
                raise ExecutorUnavailable(f"{self._home} cannot be used now: {error}") from error
            self._hand_over_orphans()
            if not self._changed:
                self._whole.set()

    async def taking(self, *, timeout_s: float) -> Connection:
        """Give the helper that takes jobs, when all are known.

        Raises:
            ExecutorUnavailable: there is none in that time.
        """
        if self._closed:
            raise ExecutorUnavailable("this executor was closed")
        found = self.ready()  # mostly: no timer for that
        if found is not None:
            return found
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    await self._whole.wait()
                    found = self._taking()
                    if found is not None:
                        return found
                    self._mend()
        except TimeoutError:
            raise ExecutorUnavailable("the helper processes do not answer now") from None

    def ready(self) -> Connection | None:
        """Give the helper that takes jobs, if all are known now."""
        return self._taking() if self._whole.is_set() else None

    def close(self) -> None:
        """Let go of all; the helpers go on."""
        self._closed = True
        if self._mending is not None:
            self._mending.cancel()
        for holder in self._holders.values():
            holder.close()
        self._holders.clear()
        self._whole.clear()

    def settled(self, holder: Holder, slots: list[tuple[int, int]]) -> None:
        """Forget attempts in one journal; of dead helpers the whole, when nothing is left."""
        holder.settle(slots)
        if isinstance(holder, Remains) and not holder.records:
            self._holders.pop(holder.directory, None)
            holder.close()
            _remove(holder.directory)

    def recorded(self, holder: Connection, slot: int, entry: Record) -> None:
        """Pass on what a helper tells."""
        self._observer.recorded(holder, slot, entry)

    def refused(self, refusal: Refused) -> None:
        """Pass on what a helper refused."""
        self._observer.refused(refusal)

    def became(self, connection: Connection, role: Role) -> None:
        """Look for new helpers when old ones take no more jobs."""
        if role is Role.DRAINING and self._holders.get(connection.directory) is connection:
            self._mend()

    def hung_up(self, connection: Connection) -> None:
        """Find out what became of a helper."""
        if self._holders.get(connection.directory) is connection:
            del self._holders[connection.directory]
            self._mend()
            self._observer.unsure(connection)

    def _taking(self) -> Connection | None:
        for holder in self._holders.values():
            if isinstance(holder, Connection) and holder.role is Role.TAKING:
                return holder
        return None

    def _mend(self) -> None:
        self._changed = True  # a start that is under way may have passed this by
        self._whole.clear()
        if self._mending is None or self._mending.done():
            self._mending = asyncio.create_task(self._mend_until_whole())

    async def _mend_until_whole(self) -> None:
        while self._changed or self._taking() is None:
            try:
                await self.start()
            except ExecutorUnavailable as error:
                logger.warning("%s; trying again", error)
                await asyncio.sleep(_RETRY_S)
            except Exception:
                logger.exception("the helpers in %s cannot be taken up; trying again", self._home)
                await asyncio.sleep(_RETRY_S)

    async def _take_up(self, directory: Path) -> None:
        """Attach to the helper there, or read what it left."""
        connection = Connection(directory, self)
        self._holders[directory] = connection
        try:
            await connection.attach(grace_s=self._grace_s, environment=self._pairs)
            entries = await asyncio.to_thread(_read, directory)
        except (ConnectionError, FileNotFoundError, NotAJournal):
            connection.close()
            self._holders.pop(directory, None)
            await self._read_remains(directory)
        except BaseException:
            connection.close()
            self._holders.pop(directory, None)
            raise
        else:
            for slot, entry in entries:
                self._observer.recorded(connection, slot, entry)

    async def _read_remains(self, directory: Path) -> None:
        try:
            remains = await asyncio.to_thread(Remains, directory, now_s=self._now_s())
        except (NotAJournal, FileNotFoundError):
            await asyncio.to_thread(_remove, directory)  # they died before anything was started
            return
        if remains.damaged:
            logger.error("%s: %d records cannot be read", directory, remains.damaged)
        self._holders[directory] = remains
        for slot, entry in list(remains.records.items()):
            self._observer.recorded(remains, slot, entry)
        self.settled(remains, [])

    async def _start_new(self) -> None:
        directory = await asyncio.to_thread(self._start_helpers)
        logger.info("started helper processes in %s", directory)
        await self._take_up(directory)

    def _start_helpers(self) -> Path:
        directory = _next(self._home)
        directory.mkdir(mode=0o700)
        arguments = [
            str(_PACKAGE.parents[1]),
            str(_PACKAGE.parents[0]),
            str(_PACKAGE),
            str(directory),
            str(self._grace_s),
            str(self._idle_s),
            str(open_files.BEFORE),
        ]
        done = self._run_starter(arguments)
        if done.returncode == -signal.SIGINT:
            # Ctrl-C was pressed in the moment between its fork and its leaving of our session. It was not meant.
            done = self._run_starter(arguments)
        if done.returncode != 0:
            _remove(directory)
            words = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
            raise ExecutorUnavailable(f"the helper processes cannot be started: {words}")
        return directory

    def _run_starter(self, arguments: list[str]) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(  # noqa: S603 - our own interpreter and program
                [sys.executable, "-I", "-S", "-c", _PROGRAM, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=self._environment,
                start_new_session=True,
                timeout=_START_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            # What it may have started by then is found in its directory.
            raise ExecutorUnavailable(
                f"the helper processes did not start within {_START_S:g} s"
            ) from None

    def _hand_over_orphans(self) -> None:
        taking = self._taking()
        for holder in self._holders.values():
            if isinstance(holder, Remains) and taking is not None:
                taking.send(adopt(holder.orphans()))


def _read(directory: Path) -> list[tuple[int, Record]]:
    journal = open_journal(bytes(directory / daemon.JOURNAL))
    try:
        return journal.read()
    finally:
        journal.close()


def _make(home: Path) -> None:
    home.mkdir(mode=0o700, parents=True, exist_ok=True)


def _directories(home: Path) -> Iterable[Path]:
    return sorted(each for each in home.iterdir() if each.name.isdigit())


def _next(home: Path) -> Path:
    """Give the directory of the next helpers; numbers rise, so that the newest is known."""
    numbers = [int(each.name) for each in _directories(home)]
    return home / f"{max(numbers, default=0) + 1:06d}"


def _remove(directory: Path) -> None:
    shutil.rmtree(directory, ignore_errors=True)
