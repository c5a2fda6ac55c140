"""What a job is called when nobody says: its program, the script that this runs, or what it has a shell do. Pure."""

import re
from collections.abc import Sequence
from typing import Final

MOST_CHARACTERS: Final = 40
_SHELLS: Final = frozenset({"sh", "bash", "dash", "ash", "ksh", "zsh"})
_TAKES_LINE: Final = re.compile(r"-[a-z]*c")  #: -c, -ec, -lc
_INTERPRETER: Final = re.compile(
    r"(?:python|pypy|perl|ruby|lua)[\d.]*|Rscript|julia|node|php|tclsh|csh|tcsh"
)
_TAKES_CODE: Final = re.compile(r"-[A-Za-z]*[cem]|--eval")  #: of one of them: -c, -ne, -m
#: A word that names a script, and is no value of an option before it: it has a short suffix of letters.
_SCRIPT: Final = re.compile(r"[\w.+-]*\w\.[A-Za-z]\w{0,3}")
_STEP: Final = re.compile(r"\s*(?:;|&&|\n)\s*")
#: Steps that only prepare what is done, or ask whether it is.
_PREPARES: Final = frozenset(
    {
        *(
            "set",
            "cd",
            "export",
            "unset",
            "source",
            ".",
            "module",
            "umask",
            "ulimit",
            "shopt",
            "trap",
        ),
        *("if", "while", "until", "elif", "[", "[[", "test", "case", ":"),
    }
)
#: What a step may begin with that says nothing of it.
_BEFORE: Final = frozenset({"then", "do", "else", "{", "(", "!", "exec", "nohup", "time"})
#: Values, addresses with somebody in them, what the shell fills in, and where the output goes.
_IS_NOT_TOLD: Final = re.compile(r"[=@$`<>|&]")
_SETS: Final = re.compile(r"\w+=\S*")


def name_of_command(command: Sequence[str]) -> str:
    """Give the last part of a command's first word, or of the script's that it runs, or how the line begins that a shell is to do.

    "" for no command.

    Of a line only the first words are taken, up to an option or a value: what comes later may be a secret, and a name is shown to
    everybody who uses the cluster.
    """
    if not command:
        return ""
    program = command[0].rstrip("/").rpartition("/")[2]
    if _INTERPRETER.fullmatch(program):
        return _script(command, _TAKES_CODE) or program
    if program not in _SHELLS:
        return program
    if script := _script(command, _TAKES_LINE):
        return script
    options = [n for n, word in enumerate(command) if n and _TAKES_LINE.fullmatch(word)]
    if not options or options[0] + 1 >= len(command):
        return program
    return _beginning(command[options[0] + 1]) or program


def _script(command: Sequence[str], takes_code: re.Pattern[str]) -> str:
    """Give the name of the script that an interpreter is to run; "" for code among its arguments, and where none is told."""
    before = ""
    for word in command[1:]:
        if takes_code.fullmatch(word):
            return ""
        if not word.startswith("-"):
            name = word.rpartition("/")[2]
            if _SCRIPT.fullmatch(name):
                return name if len(name) <= MOST_CHARACTERS else ""
            if not before.startswith("-"):  # else it may be that option's value
                return ""
        before = word
    return ""


def _beginning(line: str) -> str:
    """Give the first words of what a line does, with an ellipsis where it goes on."""
    steps = _STEP.split(line.strip())
    does = [_words(step) for step in steps]
    first = next((n for n, words in enumerate(does) if words and words[0] not in _PREPARES), None)
    if first is None:
        return ""
    words, taken = does[first], 0
    while (
        taken < len(words)
        and _is_told(words[taken])
        and _length(words[: taken + 1]) < MOST_CHARACTERS
    ):
        taken += 1
    if not taken:
        return f"{words[0][: MOST_CHARACTERS - 1]}…" if _is_told(words[0]) else ""
    goes_on = taken < len(words) or any(does[first + 1 :])
    return " ".join(words[:taken]) + ("…" if goes_on else "")


def _words(step: str) -> list[str]:
    """Give a step's words without the variables that are set for it; none of a comment."""
    words = "".join(c if c.isprintable() else " " for c in step).split()
    while words and (words[0] in _BEFORE or _SETS.fullmatch(words[0])):
        del words[0]
    return [] if words and words[0].startswith("#") else words


def _is_told(word: str) -> bool:
    return not (word.startswith("-") or _IS_NOT_TOLD.search(word))


def _length(words: Sequence[str]) -> int:
    return len(" ".join(words))
