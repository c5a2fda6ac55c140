"""The two files that an attempt is run by: the batch script, and the job that it becomes. Pure.

Nothing of the job travels through the scheduler: the batch script names the attempt's directory, and argv and environment are
in a file there that only its owner can read. So no scheduler's quoting, size limit or accounting touches them.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from shlex import quote
from types import MappingProxyType
from typing import Final

import msgspec

from headway.core.errors import InvalidRequest
from headway.core.model.spec import Spec
from headway.executors.batch import inherited as inheriting
from headway.executors.batch.dialect import Variables

_INDEX: Final = re.compile(r"[0-9]{1,9}")
_SHELL_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
#: Names that shells keep for themselves, and may refuse to set: these go through env(1).
_SHELLS_OWN: Final = frozenset(
    {
        "BASHOPTS",
        "BASH_VERSINFO",
        "EUID",
        "IFS",
        "OLDPWD",
        "OPTARG",
        "OPTIND",
        "PPID",
        "PWD",
        "SHELLOPTS",
        "SHLVL",
        "UID",
        "_",
    }
)
#: What a job without the server's environment still has, so that shells and schedulers' own tools work.
_KEPT: Final = ("PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "LANG", "TZ")
# Only names become arguments of env(1), which every user of the node can read: ``env -i`` would be told the values, too.
_UNSET: Final = """\
set -f
IFS='
'
for name in $(PATH=/usr/bin:/bin
    {{ cat /proc/$$/environ 2>/dev/null || env -0; }} | LC_ALL=C tr '\\n\\000' ' \\n' | LC_ALL=C cut -s -d= -f1); do
    case $name in
    {kept}) ;;
    *) set -- "$@" -u "$name" ;;
    esac
done
set -- "$@" {shells}
unset IFS
set +f\
"""

_SCRIPT: Final = """\
#!/bin/sh
# Written by Headway. {what}
place={place}
if [ ! -r "$place/{job}" ]; then
    echo "headway: $(uname -n) does not see $place: the cluster's directory must be one that all its nodes share" >&2
    exit 126
fi
{native}
for python in {python}; do
    if "$python" -I -S -c 'import sys; sys.exit(sys.version_info < (3, 6))' 2>/dev/null; then
        exec "$python" -I -S {wrapper_py} "$place" "$job${{index:+.$index}}" "$restarts" "{orders}" "{warnings}"
    fi
done
exec /bin/sh {wrapper_sh} "$place" "$job${{index:+.$index}}" "$restarts" "{orders}" "{warnings}"
"""


class Wrappers(msgspec.Struct, frozen=True, kw_only=True):
    """Where the wrapper is on the cluster, in Python and in shell, and which Pythons to try."""

    python: str
    shell: str
    interpreters: tuple[str, ...] = ("python3", "/usr/bin/python3", "/usr/libexec/platform-python")


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What the wrapper is told beside the job: where to tell of start and end (empty for nowhere), and the limit.

    Attributes:
        elements: the path of the list of elements, for an array.
    """

    api_url: str = ""
    token: str = ""
    limit_s: float | None = None
    elements: str = ""


def batch_script(*, what: str, place: str, variables: Variables, wrappers: Wrappers) -> bytes:
    """Give the script that the scheduler starts; ``what`` is a line for people who find it."""
    return _SCRIPT.format(
        what=_one_line(what),
        place=quote(place),
        job="job",
        native=_native(variables),
        orders=",".join(map(str, variables.orders)),
        warnings=",".join(variables.warnings),
        python=" ".join(map(quote, wrappers.interpreters)),
        wrapper_py=quote(wrappers.python),
        wrapper_sh=quote(wrappers.shell),
    ).encode("utf-8", "surrogateescape")


def _native(variables: Variables) -> str:
    """Give shell that finds out as which native job it runs: ``job``, ``index`` of an array's element, ``restarts``."""
    job = f"${{{variables.job_id}:-?}}"
    if variables.array_id:
        job = f"${{{variables.array_id}:-{job}}}"
    index = f"${{{variables.index}:-}}" if variables.index else ""
    restarts = f"${{{variables.restarts}:-}}" if variables.restarts else ""
    lines = [f'job="{job}"', f'index="{index}"', f'restarts="{restarts}"']
    if variables.unset:
        lines.append(f'[ "$index" = {quote(variables.unset)} ] && index=')
    if variables.first:
        lines.append(f'[ -n "$index" ] && index=$((index - {variables.first}))')
    return "\n".join(lines)


def job_script(
    spec: Spec,
    environment: Mapping[str, str],
    *,
    told: Told,
    variables: Variables,
    own: Sequence[str] = (),
    inherited: Mapping[str, str] = MappingProxyType({}),
) -> bytes:
    """Give the script that becomes the job: exports, its directory, and ``exec`` with its exact argv.

    Args:
        spec: what is to be run.
        environment: what Headway adds; it wins over the spec's own.
        own: names of variables that the wrapper sets for each element of an array.
        inherited: what the node's environment lacks of that which a job is to inherit; see headway.executors.batch.inherited.
        told: for the wrapper, which reads the lines that begin with ``#:``.
        variables: of the scheduler, which a job without inherited environment still has.

    Raises:
        InvalidRequest: a word holds a NUL or half a surrogate pair, a variable has an impossible name, or there is no command.
    """
    if not spec.command or not spec.command[0]:
        raise InvalidRequest("there is no command; give at least the executable", field="command")
    every = {**spec.environment, **environment}
    for name in every:
        if not name or "=" in name:
            raise InvalidRequest(
                f"environment: {name!r} cannot name a variable: it is empty or holds '='",
                field="environment",
            )
    plain, odd = _divided(every)
    lent, odd_lent = _divided(_lent(spec, inherited, every))
    lines = [
        "#!/bin/sh",
        f"#: api_url={quote(told.api_url)}",
        f"#: elements={quote(told.elements)}",
        f"#: token={quote(told.token)}",
        f"#: limit_s={quote('' if told.limit_s is None else f'{told.limit_s:.3f}')}",
        *_without_inherited(spec, (*own, *_own(variables), *plain)),
        *_directory(spec),
        *inheriting.lines(lent),
        *(f"export {name}={_word(value, 'environment')}" for name, value in plain.items()),
        *_program_is_there(spec.command[0]),
        *_input_is_there(spec),
        _exec(spec, {**odd_lent, **odd}),
    ]
    return ("\n".join(lines) + "\n").encode("utf-8", "surrogateescape")


def _divided(environment: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Divide into what a shell can export, and what only env(1) can set."""
    plain = {
        name: value
        for name, value in environment.items()
        if _SHELL_NAME.fullmatch(name) and name not in _SHELLS_OWN
    }
    return plain, {name: value for name, value in environment.items() if name not in plain}


def _lent(spec: Spec, inherited: Mapping[str, str], every: Mapping[str, str]) -> Mapping[str, str]:
    """Give what is inherited: nothing that the job has of its own, and only what a shell can export if env(1) cannot start it."""
    if not spec.inherit_environment:
        return {}
    only_plain = "=" in spec.command[0]
    return {
        name: value
        for name, value in inherited.items()
        if name not in every and not (only_plain and not _SHELL_NAME.fullmatch(name))
    }


def _directory(spec: Spec) -> list[str]:
    if spec.directory is None:
        return ['mkdir -p -m 700 "$HEADWAY_PLACE/work" && cd "$HEADWAY_PLACE/work" || exit 126']
    directory = _word(spec.directory, "directory")
    said = _word(f"its directory {spec.directory} cannot be entered on the node", "directory")
    return [f"cd {directory} || {_refuse(said, 126)}"]


def _program_is_there(program: str) -> list[str]:
    said = _word(f"its program {program} is not there on the node, or cannot be run", "command")
    word = _word(program, "command")
    if "/" in program:  # not every shell's "command -v" looks whether it can be executed
        return [f"[ -x {word} ] && [ ! -d {word} ] || {_refuse(said, 127)}"]
    return [f"command -v -- {word} >/dev/null 2>&1 || {_refuse(said, 127)}"]


def _input_is_there(spec: Spec) -> list[str]:
    if spec.stdin_path is None:
        return []
    path = _word(spec.stdin_path, "stdin_path")
    said = _word(
        f"its standard input {spec.stdin_path} is no file that can be read on the node",
        "stdin_path",
    )
    # A shell opens a pipe for ever, and its words about a file that is not there name our script, not the job's.
    return [f"[ -r {path} ] && [ ! -d {path} ] && [ ! -p {path} ] || {_refuse(said, 126)}"]


def _refuse(said: str, code: int) -> str:
    return f'{{ printf "%s\\n" {said} >"$HEADWAY_PLACE/not_started"; exit {code}; }}'


def _without_inherited(spec: Spec, own: Sequence[str]) -> list[str]:
    """Give lines that have ``$@`` name to env(1) what a job that inherits nothing is not to have; before any export."""
    if spec.inherit_environment:
        return []
    shells = " ".join(f"-u {name}" for name in ("PWD", "OLDPWD", "SHLVL", "_"))
    return [_UNSET.format(kept="|".join((*_KEPT, *own)), shells=shells)]


def _exec(spec: Spec, odd: Mapping[str, str]) -> str:
    words = [_word(word, "command") for word in spec.command]
    inputs = "" if spec.stdin_path is None else f" <{_word(spec.stdin_path, 'stdin_path')}"
    pairs = [_word(f"{name}={value}", "environment") for name, value in odd.items()]
    if spec.inherit_environment:
        before = ["/usr/bin/env", "--", *pairs] if pairs else []
    else:
        before = ["/usr/bin/env", '"$@"', "--", *pairs]
    if before and "=" in spec.command[0]:
        raise InvalidRequest(
            f"command: {spec.command[0]!r} holds '=' and so cannot be started with this environment",
            field="command",
        )
    return " ".join(["exec", *before, *words]) + inputs


def _own(variables: Variables) -> Sequence[str]:
    return [name for name in (variables.job_id, variables.array_id, variables.index) if name]


def _word(text: str, field: str) -> str:
    if "\0" in text:
        raise InvalidRequest(
            f"{field}: {text!r} holds a NUL character, which no program can be given", field=field
        )
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise InvalidRequest(
            f"{field}: {text!r} holds half a surrogate pair, which is no text", field=field
        ) from None
    return quote(text)


def element_lines(elements: Iterable[tuple[int, str, Mapping[str, str]]]) -> bytes:
    """Give the list of an array's elements: index, directory below the root, environment; a line each, words as a shell has them.

    Raises:
        InvalidRequest: a value cannot be given to a program.
    """
    return "".join(
        " ".join(
            [
                str(index),
                quote(directory),
                *(_word(f"{name}={value}", "environment") for name, value in environment.items()),
            ]
        )
        + "\n"
        for index, directory, environment in elements
    ).encode("utf-8", "surrogateescape")


def read_elements(raw: bytes) -> Mapping[int, str]:
    """Read the directories of an array's elements, by index; lines that are none are left out."""
    found: dict[int, str] = {}
    for line in raw.decode("utf-8", "replace").splitlines():
        words = line.split(" ", 2)
        if len(words) > 1 and _INDEX.fullmatch(words[0]):
            found[int(words[0])] = words[1]
    return found


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:200]
