"""For whom requests are counted."""

import pytest

from headway.core.errors import TooMany
from headway.lib.asgi import Scope
from headway.protocols.http.connection import CONNECTION
from headway.protocols.progress.limits import RateLimit, source_of
from headway.testing.fakes import NOON


class Local:
    """A connection from this machine."""

    def __init__(self, uid: int) -> None:
        self.uid = uid
        self.is_own_user = False

    def abort(self) -> None:
        """Nothing is to be dropped here."""


def asked(client: str, *, uid: int | None = None, forwarded: str | None = None) -> Scope:
    state = {} if uid is None else {CONNECTION: Local(uid)}
    headers = [] if forwarded is None else [(b"x-forwarded-for", forwarded.encode())]
    return {"type": "http", "headers": headers, "client": (client, 1), "state": state}


def test_a_user_of_this_machine_is_one_whichever_loopback_address_they_take() -> None:
    first = source_of(asked("127.0.0.1", uid=1000), behind_proxy=False)
    assert source_of(asked("127.9.9.9", uid=1000), behind_proxy=False) == first
    assert source_of(asked("127.0.0.1", uid=1001), behind_proxy=False) != first


def test_addresses_of_one_holder_are_one() -> None:
    first = source_of(asked("2001:db8::1"), behind_proxy=False)
    assert source_of(asked("2001:db8::ffff:2"), behind_proxy=False) == first
    assert source_of(asked("2001:db8:0:1::1"), behind_proxy=False) != first
    assert source_of(asked("10.0.0.1"), behind_proxy=False) == "10.0.0.1"


def test_behind_a_proxy_it_is_the_client_that_counts() -> None:
    scope = asked("127.0.0.1", uid=33, forwarded="10.0.0.7")
    assert source_of(scope, behind_proxy=True) == "10.0.0.7"


def test_one_source_that_asks_too_much_is_refused_and_no_other() -> None:
    limit = RateLimit(per_s=1, burst=2)
    limit.take("a", at=NOON)
    limit.take("a", at=NOON)
    with pytest.raises(TooMany, match="from a"):
        limit.take("a", at=NOON)
    limit.take("b", at=NOON)
