"""The command ``headway``: how a run begins and ends."""

import errno
import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Final, NoReturn

_PIPE_BROKEN: Final = 128 + 13  # as a shell shows the end by SIGPIPE
_NOT_WRITTEN: Final = 74  # EX_IOERR: nothing is told of any job
_UNWRITABLE: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
_WIDEST: Final = 80
_NARROWEST: Final = 52
_MANY_OBJECTS: Final = 50_000


def main() -> NoReturn:
    """Run the command line and exit."""
    _open_streams()
    # A short command makes little garbage: looking for it, and once more at the end, is an eighth of its time.
    gc.set_threshold(_MANY_OBJECTS)
    code = run(sys.argv[1:])
    gc.freeze()
    sys.exit(code)


def run(args: Sequence[str]) -> int:
    """Run one command; gives the exit status."""
    import click

    from headway.cli.failures import INTERRUPTED, USAGE, exit_code_of
    from headway.core.errors import HeadwayError

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        code = _invoke(list(args))
        sys.stdout.flush()
    except click.exceptions.Exit as end:
        code = end.exit_code
    except click.ClickException as error:
        error.show()
        code = USAGE
    except HeadwayError as error:
        _say(str(error))
        code = exit_code_of(error)
    except (KeyboardInterrupt, click.Abort):
        code = INTERRUPTED
    except BrokenPipeError:
        _drop_stdout()  # what reads us has gone, as `head` does
        code = _PIPE_BROKEN
    except OSError as error:
        if error.errno not in _UNWRITABLE:
            raise
        _drop_stdout()
        with suppress(OSError):
            _say(f"what there is to print cannot be written: {error.strerror}")
        code = _NOT_WRITTEN
    return code


def _open_streams() -> None:
    """Have words go nowhere where the caller has closed a stream (``>&-``). What we start finds it closed as without us."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 -- to the end


def _drop_stdout() -> None:
    """Let go of what was not written: the interpreter would complain when it flushes at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _invoke(args: list[str]) -> int:
    from headway.cli.commands import COMPLETE, PROG, app
    from headway.sdk.environment import environment

    instruction = environment().get(COMPLETE)
    if instruction:
        from click.shell_completion import shell_complete

        return shell_complete(app, {}, PROG, COMPLETE, instruction)
    # Told the width, click need not import shutil for it.
    with app.make_context(PROG, args, terminal_width=_width()) as context:
        code = app.invoke(context)
    return code if isinstance(code, int) else 0


def _width() -> int:
    """Give how wide help texts are to be."""
    try:
        columns = os.get_terminal_size(sys.stdout.fileno()).columns
    except (OSError, ValueError):
        columns = _WIDEST
    return max(_NARROWEST, min(_WIDEST, columns)) - 2


def _say(message: str) -> None:
    from headway.cli.output import say

    say(message)
