"""What a signal or an exit code mostly means, for somebody whose job has ended by it."""

from collections.abc import Mapping
from typing import Final

from headway.views.words import SIGNALS

SIGKILL: Final = 9
#: A shell that runs a program ends with so much more than the number of the signal that ended the program.
SHELLS_BASE: Final = 128

#: What mostly stands behind a signal.
_SIGNALS: Final[Mapping[str, str]] = {
    "SIGHUP": "the terminal or connection that it belonged to was closed",
    "SIGINT": "somebody pressed Ctrl-C, or something did the same",
    "SIGQUIT": "somebody asked it to end and to leave a core dump",
    "SIGILL": "it holds an instruction that this processor does not have; most often it was built for another one",
    "SIGABRT": "it gave up by itself, most often after a failed check or when its memory was found damaged",
    "SIGBUS": "a file that it had mapped into memory was cut short, or the disk behind it was full or broken",
    "SIGFPE": "it divided a whole number by zero",
    "SIGKILL": "nothing can catch this signal; a machine or scheduler that has no memory left most often sends it",
    "SIGSEGV": "it reached for memory that is not its own, a fault in the program or a stack that was too small",
    "SIGPIPE": "it wrote into a pipe that nobody reads any more",
    "SIGALRM": "a timer of its own ran out",
    "SIGTERM": "somebody or something asked it to end, as schedulers do at a limit",
    "SIGXCPU": "it used more CPU time than it may",
    "SIGXFSZ": "a file that it wrote grew larger than it may",
    "SIGSYS": "it made a system call that is not allowed here",
    "SIGUSR1": "something sent it; schedulers do before a limit, and it did not expect that",
    "SIGUSR2": "something sent it; schedulers do before a limit, and it did not expect that",
}
_EXIT_CODES: Final[Mapping[int, str]] = {
    126: "exit code 126 most often means: a program was found and could not be executed",
    127: "exit code 127 most often means: a program was not found",
}


def signal_meaning(number: int) -> str:
    """Say what mostly stands behind a signal; "" for one that says nothing by itself."""
    return _SIGNALS.get(SIGNALS.get(number, ""), "")


def shells_signal(exit_code: int | None) -> int | None:
    """Give the signal that a shell means by its exit code; None for a code that is no such thing."""
    if exit_code is None:
        return None
    number = exit_code - SHELLS_BASE
    return number if number in SIGNALS else None


def exit_code_meaning(code: int) -> str:
    """Say what an exit code mostly means; "" for one that is the program's own affair."""
    number = shells_signal(code)
    if number is None:
        return _EXIT_CODES.get(code, "")
    meaning = signal_meaning(number)
    ended = f"exit code {code} is how a shell says that {SIGNALS[number]} ended what it ran"
    return f"{ended}: {meaning}" if meaning else ended
