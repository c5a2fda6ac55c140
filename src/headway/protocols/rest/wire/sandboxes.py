"""A job's sandbox as callers write it."""

from typing import Annotated, Final, Literal

from msgspec import Meta, field

from headway.core.errors import InvalidRequest
from headway.core.model.spec import Deletion, Sandbox, Transfer
from headway.protocols.rest.wire.body import Body
from headway.protocols.rest.wire.words import FilePath, Path

_MOST: Final = 10_000


class StageInBody(Body, frozen=True, kw_only=True):
    """A file or directory to be brought into the sandbox."""

    source: Annotated[Path, Meta(description="Absolute, on the server's machine.")]
    target: (
        Annotated[FilePath, Meta(description="In the sandbox; else the source's own name.")] | None
    ) = None


class StageOutBody(Body, frozen=True, kw_only=True):
    """A file or directory to be fetched from the sandbox when the job has ended by itself."""

    source: Annotated[FilePath, Meta(description="In the sandbox.")]
    target: Annotated[
        Path, Meta(description="Absolute, on the server's machine; replaced if it is there.")
    ]


class SandboxBody(Body, frozen=True, kw_only=True):
    """A private directory for the job to run in, with what is brought into it and fetched from it."""

    stage_in: Annotated[list[StageInBody], Meta(max_length=_MOST)] = field(default_factory=list)
    stage_out: Annotated[list[StageOutBody], Meta(max_length=_MOST)] = field(default_factory=list)
    stdout: (
        Annotated[Path, Meta(description="Where a copy of the standard output goes.")] | None
    ) = None
    stderr: Annotated[Path, Meta(description="Where a copy of the standard error goes.")] | None = (
        None
    )
    delete: Annotated[
        Literal["always", "on_success", "never"],
        Meta(description="Which ends of the job the sandbox does not outlive."),
    ] = "on_success"
    keep_s: Annotated[
        float, Meta(ge=0, le=1e9, description="How long it stays even so, in seconds.")
    ] = 0.0


def sandbox_of(body: SandboxBody) -> Sandbox:
    """Give the sandbox that is asked for.

    Raises:
        InvalidRequest: a path that must be absolute is not, or the other way round.
    """
    return Sandbox(
        stage_in=tuple(
            Transfer(
                source=_absolute(one.source, f"sandbox.stage_in[{n}].source"),
                target=one.target or one.source.rstrip("/").rpartition("/")[2],
            )
            for n, one in enumerate(body.stage_in)
        ),
        stage_out=tuple(
            Transfer(
                source=one.source, target=_absolute(one.target, f"sandbox.stage_out[{n}].target")
            )
            for n, one in enumerate(body.stage_out)
        ),
        stdout=body.stdout and _absolute(body.stdout, "sandbox.stdout"),
        stderr=body.stderr and _absolute(body.stderr, "sandbox.stderr"),
        delete=Deletion(body.delete),
        keep_s=body.keep_s,
    )


def sandbox_body(sandbox: Sandbox) -> SandboxBody:
    """Give a sandbox as somebody would have asked for it."""
    return SandboxBody(
        stage_in=[StageInBody(source=one.source, target=one.target) for one in sandbox.stage_in],
        stage_out=[StageOutBody(source=one.source, target=one.target) for one in sandbox.stage_out],
        stdout=sandbox.stdout,
        stderr=sandbox.stderr,
        delete=sandbox.delete.value,
        keep_s=sandbox.keep_s,
    )


def _absolute(path: str, field: str) -> str:
    if not path.startswith("/"):
        raise InvalidRequest(f"{field} must be an absolute path, not {path!r}", field=field)
    return path
