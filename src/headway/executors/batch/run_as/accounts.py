"""Which Unix account a Headway user's jobs run as."""

import asyncio
import pwd
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, TypeVar

import msgspec

from headway.core.errors import ExecutorSlow, ExecutorUnavailable, InvalidRequest
from headway.executors.batch.run_as.program import checked_user
from headway.executors.batch.threads import Threads

_LIMIT_S: Final = 10.0  #: a directory service that does not answer holds up nobody for longer

_Found = TypeVar("_Found")


class Account(msgspec.Struct, frozen=True):
    """A Unix account that jobs may run as."""

    name: str
    home: str


class NoAccount(ExecutorUnavailable):
    """There is no such account, or nothing may run as it. Unavailable to its own jobs only."""


class Accounts:
    """Finds accounts on this machine.

    Args:
        users: accounts by Headway's names of users; a user who is not in it has the account of the same name.
        own_uid: of the server itself, as whom no job runs.
    """

    def __init__(self, users: Mapping[str, str], *, own_uid: int) -> None:
        self._users = users
        self._own_uid = own_uid
        self._threads = Threads(1, name="headway-accounts")

    def name_for(self, owner: str) -> str:
        """Give the name of a user's account; whether there is one is not looked at."""
        return self._users.get(owner, owner)

    async def named(self, name: str) -> Account:
        """Give an account.

        Raises:
            NoAccount: there is none, or nothing may run as it.
            ExecutorUnavailable: the machine does not say who its users are.
        """
        return await self._in_time(partial(self._named, name))

    def _named(self, name: str) -> Account:
        if not name:
            raise NoAccount(
                "jobs of nobody in particular cannot run here: there is no account for them"
            )
        try:
            found = pwd.getpwnam(checked_user(name))
        except (InvalidRequest, KeyError, ValueError):
            raise NoAccount(
                f"this machine has no account {name[:64]!r} that a job can run as;"
                " the cluster's setting users names the accounts of those whose names differ"
            ) from None
        if found.pw_uid in {0, self._own_uid} or found.pw_name != name:
            raise NoAccount(
                f"no job runs as {name}: it is root, or the account of the server itself"
            )
        return Account(name, found.pw_dir)

    async def _in_time(self, find: Callable[[], _Found]) -> _Found:
        try:
            async with asyncio.timeout(_LIMIT_S):
                return await self._threads.run(find)
        except TimeoutError:
            raise ExecutorSlow(
                f"this machine did not say within {_LIMIT_S:g} s who its users are"
            ) from None
        except OSError as error:
            raise ExecutorUnavailable(
                f"this machine does not say who its users are: {error}"
            ) from error

    def close(self) -> None:
        """Let the thread go."""
        self._threads.close()
