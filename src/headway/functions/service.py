"""What a future asks of the server that its function is at."""

from collections.abc import Iterator
from typing import Protocol

from headway.sdk import model


class Service(Protocol):
    """The calls on one job, by its id. Each may raise the errors of ``headway.core.errors``."""

    @property
    def url(self) -> str:
        """The server's address."""
        ...

    def cancel(self, job: str) -> model.JobDocument:
        """Ask for the job's end."""
        ...

    def document(self, job: str) -> model.JobDocument:
        """Give the job as it is now."""
        ...

    def result(self, job: str) -> bytes:
        """Give all that the function gave back."""
        ...

    def picture(self, job: str) -> str:
        """Give an address of the job's picture that a browser can show without being asked who it is."""
        ...

    def frames(self, job: str, *, after: int) -> Iterator[model.Frame | None]:
        """Give a job's changes as they happen."""
        ...
