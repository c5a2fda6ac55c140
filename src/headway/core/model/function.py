"""What a job runs when it is no program: a Python function, lines of Python, or a line for the shell."""

from typing import Final

import msgspec

MOST_PICKLED_BYTES: Final = 8 << 20
MOST_SOURCE_BYTES: Final = 1 << 20
MOST_RERUNS: Final = 100


class Function(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Exactly one of ``pickled``, ``source`` and ``shell``.

    Attributes:
        pickled: what cloudpickle makes of ``(callable, args, kwargs)``; base64 in JSON. Unpickled in the worker that runs it
            and nowhere else.
        signature: of ``pickled``, in hexadecimal: HMAC-SHA256 with the owner's key (see operations.functions). The server
            looks at it when it stores the job, and the worker again before it unpickles.
        source: the body of a Python function of no arguments; ``return`` gives the result.
        shell: a line for /bin/sh. Its result is ``[stdout, stderr, exit code]``; it has failed unless the code is 0.
        rerun: how often it may be run once more when nobody can tell how far it came (its worker died, say); 0 for never.
        within: the first group that its job was submitted into, or else the job's parent: told to the function. Set when it is
            submitted.
    """

    pickled: bytes = b""
    signature: str = ""
    source: str = ""
    shell: str = ""
    rerun: int = 0
    within: str = ""
