"""Groups, as moi's module of this name had them."""

import asyncio
import json
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, suppress
from datetime import datetime
from typing import Any, Final, TypeAlias
from urllib.parse import urlencode
from uuid import uuid4  # noqa: TID251 -- a client has no Ids

from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import ClientConnection, connect

from headway.core.errors import HeadwayError, InvalidRequest
from headway.moi.contexts import default_context
from headway.moi.memory import CATCH_UP, Memory, Message
from headway.moi.service import PREFIX, Info, server, service

#: Takes messages, each a dict of one verb and its info object.
Forwarder: TypeAlias = Callable[[Iterable[Message]], object]

_OPEN_S: Final = 30.0
_PAUSES_S: Final = (0.1, 0.5, 2.0)


class Group:
    """A group, and all below it.

    Args:
        group: its id. One that is not there has nothing in it.
        forwarder: is told what happens below it, as messages, until ``close``: in the event loop of whoever made this, where one
            runs, else in a thread of its own.
    """

    def __init__(self, group: str, forwarder: Forwarder | None = None) -> None:
        self.group = group
        self.group_children = f"{group}:children"
        self.group_pubsub = f"{group}:pubsub"
        self.forwarder: Forwarder = forwarder or (lambda _: None)
        self._listening = None if forwarder is None else _Listening(group, forwarder)

    def traverse(self, id_: str | None = None) -> Iterator[Info]:
        """Give the info objects of all below this group, or another one."""
        yield from service().nodes(id_ or self.group) or []

    @property
    def jobs(self) -> list[str]:
        """The ids of all below it."""
        return [str(info["id"]) for info in self.traverse()]

    def close(self) -> None:
        """Be told of nothing more."""
        if self._listening is not None:
            self._listening.close()
            self._listening = None

    def __del__(self) -> None:
        with suppress(AttributeError):
            self.close()

    def action(self, verb: str, args: Collection[str]) -> None:
        """Do what ``verb`` says with these ids, and tell the forwarder of each: ``add``, ``remove`` or ``get``.

        Raises:
            TypeError: ``args`` is no list, set or tuple.
            ValueError: an unknown verb.
        """
        _check(args)
        if verb not in {"add", "remove", "get"}:
            raise ValueError(f"Unknown action: {verb}")
        if verb == "get":
            told = self._infos(args or self.jobs)
        elif verb == "remove":
            told = self._infos(args)
            self._say(verb, args)
        else:
            self._say(verb, args)
            told = self._infos(args)
        self.forwarder([{verb: info} for info in told])

    def job_action(self, verb: str, args: Collection[str]) -> None:
        """Tell the forwarder of these jobs: ``update``; or ``add`` them.

        Raises:
            TypeError: ``args`` is no list, set or tuple.
            ValueError: an unknown verb.
        """
        _check(args)
        if verb == "add":
            self.action(verb, args)
        elif verb == "update":
            self.forwarder([{verb: info} for info in self._infos(args)])
        else:
            raise ValueError(f"Unknown job action: {verb}")

    def _infos(self, ids: Iterable[str]) -> list[Info]:
        """Give these and all below them, each once."""
        found: dict[str, Info] = {}
        for one in ids:
            info = service().info(one)
            if info is None:
                continue
            found.setdefault(info["id"], info)
            if info["type"] == "group":
                found |= {
                    each["id"]: each for each in self.traverse(one) if each["id"] not in found
                }
        return list(found.values())

    def _say(self, verb: str, ids: Iterable[str]) -> None:
        """Have the server do something, and wait until it has.

        Raises:
            InvalidRequest: the server will not.
        """
        refusals: list[str] = []
        with _connected(self.group) as socket:
            socket.send(json.dumps({verb: list(ids)}))
            socket.send('{"close": null}')
            with suppress(ConnectionClosed):
                while True:
                    message = json.loads(socket.recv(_OPEN_S))
                    refusals += [message["error"]] if "error" in message else []
        if refusals:
            raise InvalidRequest(refusals[0])


def create_info(
    name: str,
    info_type: str,
    url: str | None = None,
    parent: str | None = None,
    id: str | None = None,  # noqa: A002 -- as moi called it
    context: str | None = None,
    store: bool = False,  # noqa: FBT001, FBT002 -- as moi had it
) -> Info:
    """Give an info object; a group's is stored when ``store`` is said. Jobs are stored by ``submit``.

    Raises:
        InvalidRequest: a job is to be stored, or ``info_type`` is neither 'job' nor 'group'.
        HeadwayError: the server does not answer, or will not have it.
    """
    if info_type not in {"job", "group"} or (store and info_type == "job"):
        raise InvalidRequest(
            "create_info makes groups, and jobs that are not stored: submit stores a job"
        )
    if store:
        return service().group(name=name, url=url, parent=parent, id=id)
    made = id or str(uuid4())
    return {
        "id": made,
        "type": info_type,
        "pubsub": f"{made}:pubsub",
        "url": url,
        "parent": parent,
        "context": context or default_context(),
        "name": name,
        "status": "Queued" if info_type == "job" else None,
        "date_start": None,
        "date_end": None,
        "date_created": str(datetime.now()),  # noqa: DTZ005, TID251 -- local, as moi's; a client has no Clock
        "result": None,
    }


def get_id_from_user(user: str) -> str:
    """Give the id of a user's group; it is made, where there is none."""
    return service().user(user)


def get_user_from_id(id: str) -> str | None:  # noqa: A002 -- as moi called it
    """Give the name of the user whose group has an id; None where there is none."""
    names = {group: user for user, group in service().users().items()}
    return names.get(id)


class _Listening:
    """A thread that hears what happens below a group, also over a restart of the server."""

    def __init__(self, group: str, forwarder: Forwarder) -> None:
        self._group = group
        self._forwarder = forwarder
        self._loop = _running_loop()
        self._memory = Memory()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"moi {group}", daemon=True)
        self._connect()
        self._thread.start()

    def close(self) -> None:
        self._closed.set()
        self._socket.close()

    def _connect(self) -> None:
        self._stack = ExitStack()
        self._socket = self._stack.enter_context(_connected(self._group))

    def _run(self) -> None:
        tries = 0
        while not self._closed.is_set():
            with self._stack, suppress(ConnectionClosed):
                while True:
                    self._tell(self._memory.take(str(self._socket.recv())))
                    tries = 0
            if self._closed.wait(_PAUSES_S[min(tries, len(_PAUSES_S) - 1)]):
                return
            tries += 1
            with suppress(OSError, HeadwayError, InvalidHandshake, ConnectionClosed, TimeoutError):
                self._connect_again()

    def _connect_again(self) -> None:
        self._connect()
        self._memory.cut_off()
        for text in CATCH_UP:
            self._socket.send(text)

    def _tell(self, messages: list[Message]) -> None:
        if not messages:
            return
        if self._loop is None:
            self._forwarder(messages)
        else:
            with suppress(RuntimeError):  # the loop has been closed
                self._loop.call_soon_threadsafe(self._forwarder, messages)


def address_of(group: str) -> tuple[str, dict[str, str]]:
    """Give the websocket's address for one group, and the headers to say who asks.

    Raises:
        ServerUnreachable: no server is known.
    """
    found = server()
    scheme, _, rest = found.url.partition("://")
    secure = "wss" if scheme == "https" else "ws"
    headers = {} if found.token is None else {"Authorization": f"Bearer {found.token}"}
    return f"{secure}://{rest.rstrip('/')}{PREFIX}/?{urlencode({'group': group})}", headers


def _connected(group: str) -> AbstractContextManager[ClientConnection]:
    address, headers = address_of(group)
    return connect(
        address, additional_headers=headers, open_timeout=_OPEN_S, max_size=None, compression=None
    )


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _check(args: Any) -> None:  # noqa: ANN401 -- whatever was given
    if not isinstance(args, list | set | tuple):
        raise TypeError(f"args is unknown type: {type(args)}")
