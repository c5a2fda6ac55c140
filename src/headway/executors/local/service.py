"""The helper's loop: hear the server, start, reap, journal, tell. One thread, one fdatasync before starts.

Ends are told before they are synced: the server's own commit makes an end durable, in less time than a sync here and one
there would take side by side. What it has not stored soon is synced here; when there is no server, at once.

The spawner runs it as TAKING. When its partner, the reaper, dies, the spawner goes on as DRAINING; when the spawner dies,
the reaper runs it as DRAINING. A drainer ends when its jobs have.
"""

import os
import resource
import select
import socket
import time
from collections import deque
from struct import error as StructError  # noqa: N812 - it is a class

from headway.executors.local import wire
from headway.executors.local.attempts import Attempts
from headway.executors.local.ending import Endings
from headway.executors.local.expected import Expected
from headway.executors.local.mounts import Mounts
from headway.executors.local.peer import Peer
from headway.executors.local.places import LIMIT_S, Places, Unanswered
from headway.executors.local.record import Cause, Phase, unpack
from headway.executors.local.spawn import NotStarted, settle_down
from headway.executors.local.waking import drain, wake_on_child
from headway.executors.local.wire import Kind, Launch, Refused, Role

_AT_ONCE = 32  #: attempts started in one turn, so that those which end are not kept waiting
_SHORT_S = 0.003  #: a start is told so much later, unless there is other news: with it the end of a job that short
_SYNC_S = 0.02  #: what the server was told and has not settled after so long is synced here
_SPARE_FILES = 64  #: what a helper has open beside the jobs that it has adopted
_POLL = select.EPOLLIN


class Service:
    """One helper's work, from ``run`` to the end of the process.

    Attributes:
        role: what the helper is ready for.
    """

    def __init__(
        self,
        attempts: Attempts,
        *,
        listener: socket.socket,
        role: Role,
        grace_s: float,
        idle_s: float,
    ) -> None:
        self.role = role
        self._attempts = attempts
        self._endings = Endings(attempts, grace_s=grace_s)
        self._expected = Expected(attempts)
        self._listener = listener
        self._idle_s = idle_s
        self._idle_since = time.monotonic()
        self._peers: dict[int, Peer] = {}
        self._strangers: dict[int, int] = {}
        self._queue: deque[tuple[Launch, Peer]] = deque()
        self._tell_at = 0.0  # starts that nobody was told of are told then (monotonic)
        self._waiting: list[tuple[Launch, Peer, Unanswered]] = []  # for places that may hang
        self._poll = select.epoll()
        self._partner = -1
        self._wake, write_end = wake_on_child()
        self._places = Places(write_end, Mounts().any_may_hang)
        listener.settimeout(0)
        self._poll.register(listener, _POLL)
        self._poll.register(self._wake, _POLL)

    def watch_partner(self, pid: int) -> None:
        """Become a drainer when this process dies."""
        try:
            self._partner = os.pidfd_open(pid)
        except ProcessLookupError:
            self.role = Role.DRAINING
        else:
            self._poll.register(self._partner, _POLL)

    def run(self) -> None:
        """Serve until there is nothing to do and nobody to do it for."""
        for slot in list(self._attempts.living):
            self._endings.watch(slot)
        while True:
            self._turn()
            if self._is_over():
                return
            self._hear(self._poll.poll(self._wait_s()))

    def _turn(self) -> None:
        reserved = self._reserve()
        any_news = self._look()
        self._expected.drop_late()
        if self._attempts.intends:
            # What may have run is never run again: the intent is on disk before the process is.
            self._attempts.sync()
        self._tell(at_once=any_news)
        if reserved:
            self._start(reserved)
            self._tell(at_once=self._look())
        if self._sync_left_s() == 0.0:
            self._attempts.sync()
        self._expected.make_ready()

    def _look(self) -> bool:
        """See what has ended and do what is due; gives whether there is news beside starts."""
        self._attempts.reap()
        self._endings.act()
        return self._attempts.write_noted()

    def _tell_left_s(self) -> float | None:
        """Tell how long starts may still wait for news to be told with; None when none waits."""
        if not self._attempts.changed:
            return None
        return max(0.0, self._tell_at - time.monotonic())

    def _sync_left_s(self) -> float | None:
        """Tell how long what was journalled may still wait for the server to make it durable; None when nothing waits."""
        if not self._attempts.unsynced:
            return None
        if not self._peers or (self.role is Role.DRAINING and not self._attempts.living):
            return 0.0
        return max(0.0, self._attempts.unsynced_since + _SYNC_S - time.monotonic())

    def _wait_s(self) -> float:
        if self._queue:
            return 0.0
        own = (
            self._endings.wait_s(),
            self._idle_left_s(),
            self._tell_left_s(),
            self._sync_left_s(),
            self._expected.wait_s(),
        )
        waits = [w for w in own if w is not None]
        now = time.monotonic()
        waits += [max(0.0, silent.since + LIMIT_S - now) for _, _, silent in self._waiting]
        return min(waits, default=-1.0)

    def _idle_left_s(self) -> float | None:
        if self._peers or self._attempts.living or self._queue or self._waiting:
            self._idle_since = time.monotonic()
            return None
        return max(0.0, self._idle_since + self._idle_s - time.monotonic())

    def _is_over(self) -> bool:
        if self.role is Role.DRAINING:
            return not self._attempts.living
        return self._idle_left_s() == 0.0

    def _hear(self, events: list[tuple[int, int]]) -> None:
        for file, _ in events:
            if file == self._wake:
                drain(file)
            elif file == self._listener.fileno():
                self._accept()
            elif file == self._partner:
                self._become_drainer()
            elif file in self._strangers:
                self._stranger_ended(file)
            elif file in self._peers:
                self._converse(self._peers[file], file)

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return  # it went away again, or no descriptor is free: it will ask again
        peer = Peer(connection)
        if not peer.is_own_user():
            connection.close()
            return
        self._peers[connection.fileno()] = peer
        self._poll.register(connection, _POLL)

    def _converse(self, peer: Peer, file: int) -> None:
        try:
            for kind, body in peer.receive():
                self._obey(Kind(kind), body, peer)
        except (OSError, wire.BadFrame, ValueError, StructError):
            self._forget(peer, file)

    def _forget(self, peer: Peer, file: int) -> None:
        """Let go of a server that has gone, with what it asked for and was neither started nor answered."""
        self._poll.unregister(file)
        del self._peers[file]
        peer.close()
        self._expected.drop_of(peer)
        self._queue = deque(asked for asked in self._queue if asked[1] is not peer)
        self._waiting = [asked for asked in self._waiting if asked[1] is not peer]

    def _obey(self, kind: Kind, body: bytes, peer: Peer) -> None:
        if kind is Kind.ATTACH:
            self._endings.grace_s, environment = wire.read_attach(body)
            peer.environment = dict(pair.split(b"=", 1) for pair in environment)
            for file, other in list(self._peers.items()):
                if other is not peer:
                    # A data directory has one server: this one replaced it.
                    self._forget(other, file)
            peer.say(wire.hello(self.role))
        elif kind is Kind.LAUNCH:
            self._queue.extend((launch, peer) for launch in wire.read_launch(body))
        elif kind is Kind.EXPECT and self.role is Role.TAKING:
            self._expected.add(wire.read_launch(body), peer)
        elif kind is Kind.START:
            self._start_expected(wire.parts(body), peer)
        elif kind is Kind.CANCEL:
            number, tags = wire.read_cancel(body)
            self._cancel(tags)
            peer.say(wire.heard(number))
        elif kind is Kind.SETTLED:
            self._settle(wire.read_settled(body))
        elif kind is Kind.ADOPT and self.role is Role.TAKING:
            self._adopt(wire.read_adopt(body))

    def _start_expected(self, tags: list[bytes], peer: Peer) -> None:
        for tag in tags:
            launch = self._expected.launch_of(tag)
            if launch is not None:
                self._queue.append((launch, peer))
            elif tag in self._attempts.slots:
                self._attempts.note(self._attempts.slots[tag])
            else:
                peer.say(_refusal(tag, "it was not asked for in time", later=True))

    def _cancel(self, tags: list[bytes]) -> None:
        self._attempts.reap()  # what has ended by now has ended by itself
        for tag in tags:
            slot = self._attempts.slots.get(tag)
            if slot is not None:
                self._endings.cut(slot, Cause.CANCEL)

    def _settle(self, slots: list[tuple[int, int]]) -> None:
        for slot, serial in slots:
            record = self._attempts.records.get(slot)
            if record is not None and record.serial == serial and record.phase is Phase.GONE:
                self._attempts.drop(slot)

    def _adopt(self, orphans: list[bytes]) -> None:
        # Before they are looked at: who cannot open a file more takes the living for dead.
        _allow_files(len(self._strangers) + len(orphans) + _SPARE_FILES)
        for raw in orphans:
            record = unpack(raw)
            if record is None or record.tag in self._attempts.slots:
                continue
            slot = self._attempts.adopt(record)
            self._endings.watch(slot)
            if record.phase is Phase.RUNNING:
                self._watch_stranger(slot, record.pid)

    def _watch_stranger(self, slot: int, pid: int) -> None:
        """Be woken when a process that is not our child ends."""
        try:
            held = os.pidfd_open(pid)
        except ProcessLookupError:
            self._attempts.lost(slot)
        else:
            self._strangers[held] = slot
            self._poll.register(held, _POLL)

    def _stranger_ended(self, held: int) -> None:
        slot = self._strangers.pop(held)
        self._poll.unregister(held)
        os.close(held)
        self._attempts.lost(slot)

    def _become_drainer(self) -> None:
        self._poll.unregister(self._partner)
        self.role = Role.DRAINING
        self._expected.drop_all()
        self._broadcast(wire.hello(self.role))

    def _reserve(self) -> list[tuple[int, Launch, Peer]]:
        reserved: list[tuple[int, Launch, Peer]] = []
        waiting, self._waiting = self._waiting, []
        self._queue.extend((launch, peer) for launch, peer, _ in waiting)
        while self._queue and len(reserved) < _AT_ONCE:
            launch, peer = self._queue.popleft()
            if self.role is Role.DRAINING:
                peer.say(_refusal(launch.tag, "its helper takes no more jobs", later=True))
            elif launch.tag in self._attempts.slots and launch.tag not in self._expected:
                self._attempts.note(self._attempts.slots[launch.tag])
            elif (silent := self._places.unanswered(launch, peer.environment)) is not None:
                self._put_aside(launch, peer, silent)
            else:
                try:
                    slot = self._expected.take(launch.tag) or self._attempts.reserve(launch)
                except OSError as error:
                    words = f"no room for its exit record: {error}"
                    peer.say(_refusal(launch.tag, words, later=True))
                else:
                    reserved.append((slot, launch, peer))
        return reserved

    def _put_aside(self, launch: Launch, peer: Peer, silent: Unanswered) -> None:
        if silent.is_late():
            shown = os.fsdecode(silent.place)
            peer.say(_refusal(launch.tag, f"{shown!r} does not answer; it may hang", later=True))
        else:
            self._waiting.append((launch, peer, silent))

    def _start(self, reserved: list[tuple[int, Launch, Peer]]) -> None:
        if not self._attempts.changed:
            self._tell_at = time.monotonic() + _SHORT_S
        for slot, launch, peer in reserved:
            try:
                self._attempts.start(slot, launch, peer.environment)
            except NotStarted as error:
                peer.say(_refusal(launch.tag, str(error), later=error.later))
            else:
                self._endings.watch(slot)
        settle_down()

    def _tell(self, *, at_once: bool) -> None:
        """Tell what has changed, if there is more than starts or they have waited long enough; and what else there is to say."""
        if at_once or self._tell_left_s() == 0.0:
            self._broadcast(wire.records(list(self._attempts.changed.items())))
            self._attempts.changed.clear()
        for file, peer in list(self._peers.items()):
            try:
                if peer.flush():
                    self._poll.modify(file, _POLL | (select.EPOLLOUT if peer.unsent else 0))
            except OSError:
                self._forget(peer, file)

    def _broadcast(self, message: bytes) -> None:
        for peer in self._peers.values():
            peer.say(message)


def _allow_files(count: int) -> None:
    """See that so many files may be open here; if that is more than jobs are to have, those started from now on have more, too."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft not in (hard, resource.RLIM_INFINITY) and soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _refusal(tag: bytes, message: str, *, later: bool) -> bytes:
    return wire.refused([Refused(tag=tag, message=message, later=later)])
