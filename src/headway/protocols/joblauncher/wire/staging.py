"""Which file goes where: the rules of prestaged, poststaged, stdout and stderr.

What comes in is flattened: ``input/data.in`` is ``data.in`` in the sandbox. What goes out is found there by its last part and
lands below jobdir under the whole of it, a leading slash taken away.
"""

from typing import Final

from headway.core.errors import InvalidRequest
from headway.core.model.spec import Deletion, Sandbox, Transfer
from headway.protocols.joblauncher.wire.request import Request

_NO_NAMES: Final = frozenset({"", ".", ".."})


def sandbox_of(request: Request, *, delete: Deletion, keep_s: float) -> Sandbox:
    """Give the sandbox that a request asks for.

    Raises:
        InvalidRequest: an entry names no file, or two would be one in the sandbox or in jobdir.
    """
    for field in ("stdout", "stderr"):
        _last(getattr(request, field), field)
    stdout, stderr = _below(request, request.stdout), _below(request, request.stderr)
    if stdout == stderr:
        raise InvalidRequest(
            "stdout and stderr must be two files: the one would replace the other", field="stderr"
        )
    return Sandbox(
        stage_in=_incoming(request),
        stage_out=_outgoing(request, logs=frozenset({stdout, stderr})),
        stdout=stdout,
        stderr=stderr,
        delete=delete,
        keep_s=keep_s,
    )


def _incoming(request: Request) -> tuple[Transfer, ...]:
    placed: dict[str, Transfer] = {}
    for place, entry in enumerate(request.prestaged):
        field = f"prestaged[{place}]"
        source = entry if entry.startswith("/") else f"{request.jobdir.rstrip('/')}/{entry}"
        transfer = Transfer(source=source, target=_last(entry, field))
        known = placed.setdefault(transfer.target, transfer)
        if known != transfer:
            raise InvalidRequest(
                f"{field}: {entry!r} and {known.source!r} would both be {transfer.target!r} in the"
                " sandbox; give one of them another name",
                field=field,
            )
    return tuple(placed.values())


def _outgoing(request: Request, *, logs: frozenset[str]) -> tuple[Transfer, ...]:
    """Give what is fetched; the outputs' own files are there already, and not in the sandbox."""
    found = {
        Transfer(source=_last(entry, f"poststaged[{place}]"), target=_below(request, entry)): None
        for place, entry in enumerate(request.poststaged)
    }
    return tuple(transfer for transfer in found if transfer.target not in logs)


def _below(request: Request, entry: str) -> str:
    return f"{request.jobdir.rstrip('/')}/{entry.strip('/')}"


def _last(entry: str, field: str) -> str:
    name = entry.rstrip("/").rpartition("/")[2]
    if name in _NO_NAMES:
        raise InvalidRequest(f"{field}: {entry!r} names no file or directory", field=field)
    return name
