"""The directories that users may bring files from and fetch them to."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from headway.core.errors import InvalidRequest
from headway.core.model.spec import Sandbox
from headway.files.bounds import Bounds, closing
from headway.files.names import is_below, is_inside, is_text_of_path, normal
from headway.files.opening import Opening
from headway.files.places import Top
from headway.files.refusal import failed, refused, shown
from headway.files.trusted import open_trusted


class Roots:
    """The allowed roots of each user."""

    def __init__(
        self, roots_for: Callable[[str], Sequence[Path]], opening: Opening, *, own_uid: int
    ) -> None:
        self._roots_for = roots_for
        self._opening = opening
        self._own_uid = own_uid

    def check(self, sandbox: Sandbox, owner: str) -> None:
        """Check that paths are well formed and below allowed roots, by their text.

        Raises:
            InvalidRequest: the message names the entry.
        """
        for transfer in sandbox.stage_in:
            self._check_outside(transfer.source, "stage_in", owner)
            _check_inside(transfer.target, "stage_in", may_be_all=False)
        for transfer in sandbox.stage_out:
            _check_inside(transfer.source, "stage_out", may_be_all=True)
            self._check_outside(transfer.target, "stage_out", owner)
        for path, field in ((sandbox.stdout, "stdout"), (sandbox.stderr, "stderr")):
            if path is not None:
                self._check_outside(path, field, owner)

    @contextmanager
    def top(self, path: str, owner: str, bounds: Bounds) -> Iterator[tuple[Top, str]]:
        """Open the root that a path is below; gives it and the way from there.

        Raises:
            Refused: it is below none, or the root itself cannot be used.
        """
        plain = normal(path)
        roots = self._roots_of(plain, owner)
        if not roots:
            raise refused(path, "it is not below a directory that may be used")
        root = min(roots, key=len)  # the widest: links may lead anywhere in it
        try:
            opened = open_trusted(root, own_uid=self._own_uid)
        except OSError as error:
            raise failed(path, error) from error
        with closing(opened) as directory:
            way = plain[len(root) :].strip("/") or "."
            yield Top(opening=self._opening, directory=directory, links=True, bounds=bounds), way

    def _roots_of(self, plain: str, owner: str) -> list[str]:
        roots = [normal(str(root)) for root in self._roots_for(owner)]
        return [root for root in roots if is_below(plain, root)]

    def _check_outside(self, path: str, field: str, owner: str) -> None:
        _check_text(path, field)
        if not path.startswith("/"):
            raise InvalidRequest(
                f"{shown(path)}: a path outside of the sandbox is absolute", field=field
            )
        if self._roots_of(normal(path), owner):
            return
        roots = [shown(str(root)) for root in self._roots_for(owner)]
        if not roots:
            raise InvalidRequest(
                f"{shown(path)}: this server brings and fetches no files until it is told from and to"
                " which directories: headway serve --stage-root DIRECTORY",
                field=field,
            )
        raise InvalidRequest(
            f"{shown(path)}: it is not below {', '.join(roots)}; another directory is allowed by"
            " headway serve --stage-root DIRECTORY",
            field=field,
        )


def _check_text(path: str, field: str) -> None:
    if not is_text_of_path(path):
        raise InvalidRequest(
            f"{path[:100]!a} is no path: it is empty, too long, or has a character that no path"
            " can have",
            field=field,
        )


def _check_inside(path: str, field: str, *, may_be_all: bool) -> None:
    _check_text(path, field)
    if not is_inside(path):
        raise InvalidRequest(
            f"{shown(path)}: a path in the sandbox is relative and does not lead out of it",
            field=field,
        )
    if normal(path) == "." and not may_be_all:
        raise InvalidRequest(f"{shown(path)}: this names the sandbox itself", field=field)
