"""What a function that did not succeed raises where somebody asks for its result."""

from typing_extensions import override

from headway.core.errors import HeadwayError


class RemoteError(HeadwayError):
    """A function raised an exception, or its job failed in another way.

    The exception itself stays where it was raised: nothing of it is unpickled here.

    Attributes:
        job: the job's id.
        type: the exception's class, with its module where that is not ``builtins``; "" when the function raised none:
            its worker died, say.
        message: what the exception said, or why the job failed.
        traceback: the remote traceback, as Python prints it; "" without one.
    """

    code = "remote"

    def __init__(self, *, job: str, kind: str, message: str, traceback: str = "") -> None:
        said = f"{kind}: {message}" if kind and message else kind or message or "the job failed"
        super().__init__(said if not traceback else f"{said}\n\n{traceback.rstrip()}")
        self.job = job
        self.type = kind
        self.message = message
        self.traceback = traceback

    @override
    def __reduce__(self) -> tuple[object, ...]:
        """Let it be pickled: a function may wait for functions of its own."""
        return _remade, (self.job, self.type, self.message, self.traceback)


def _remade(job: str, kind: str, message: str, traceback: str) -> RemoteError:
    return RemoteError(job=job, kind=kind, message=message, traceback=traceback)
