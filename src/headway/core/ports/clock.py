"""Time, identity and secrets, so that tests can choose them."""

from datetime import datetime
from typing import Protocol

from headway.core.model.names import JobId


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Give the present time, aware, in UTC."""
        ...


class Ids(Protocol):
    """Makes ids and secrets."""

    def new_job_id(self) -> JobId:
        """Give an id never given before; ids made later sort later."""
        ...

    def new_secret(self) -> str:
        """Give 256 random bits as text that is safe in URLs and headers."""
        ...


class Seal(Protocol):
    """Signs short texts with the server's own secret, so that capabilities need no storage."""

    def sign(self, text: str) -> str:
        """Give 128 bits or more, safe in URLs, that only this server can make from the text."""
        ...

    def matches(self, text: str, signature: str) -> bool:
        """Tell whether ``signature`` is this server's for the text, in constant time."""
        ...
