"""The two forms in which ``qstat -f`` tells of jobs, read into the same attributes. Pure.

As JSON (``-F json``), with nested objects; PBS Professional 18 and 19 leave quotation marks and backslashes in values as they are, so a
line that is no JSON is read by itself. As text with one line for each attribute (``-w``), where the server can be asked for one user's
jobs only. Both become ``{"Resource_List.walltime": "00:05:00"}``.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Final

from headway.core.errors import ExecutorUnavailable
from headway.executors.batch.command import Output
from headway.executors.batch.values import plain

Attributes = Mapping[str, str]

_PAIR: Final = re.compile(r'(\s*"(?:[^"\\]|\\.)*":\s*+)(.*?)(,?)')
_TEXT_JOB: Final = "Job Id: "
_TEXT_PAIR: Final = re.compile(r" {4}([A-Za-z_][A-Za-z0-9_.]*) = (.*)", re.DOTALL)
_VARIABLE: Final = re.compile(r"(?:^|,)([A-Za-z_][A-Za-z0-9_]*)=((?:[^,\\]|\\.)*)")


def read_jobs(output: Output) -> dict[str, Attributes]:
    """Read all jobs by id; the exit code is the caller's to judge.

    Raises:
        ExecutorUnavailable: this is no whole answer of qstat's.
    """
    text = output.text
    if text.lstrip().startswith("{"):
        return dict(_from_json(text))
    if not text.strip():
        return {}
    if not text.startswith(_TEXT_JOB) or not text.endswith("\n\n"):
        raise ExecutorUnavailable(f"qstat's answer is not whole: {output.complaint}")
    return dict(_from_text(text))


def tells_json(output: Output) -> bool:
    """Tell whether it was JSON that was asked for: PBS prints its frame even round no jobs."""
    return output.text.lstrip().startswith("{")


def _from_json(text: str) -> Iterator[tuple[str, Attributes]]:
    try:
        found = _decoded(text)
    except (ValueError, RecursionError) as error:
        raise ExecutorUnavailable(f"qstat's JSON is not whole: {error}") from None
    if not isinstance(found, dict) or "pbs_version" not in found:
        raise ExecutorUnavailable("qstat's JSON is not PBS's")
    jobs = found.get("Jobs", {})
    if not isinstance(jobs, dict) or not all(isinstance(each, dict) for each in jobs.values()):
        raise ExecutorUnavailable("qstat's JSON has no jobs where they should be")
    for id_, attributes in jobs.items():
        yield id_, dict(_flat(attributes, ""))


def _decoded(text: str) -> object:
    try:
        decoded: object = json.loads(text, strict=False)
    except ValueError:
        decoded = json.loads("\n".join(map(_mended, text.splitlines())), strict=False)
    return decoded


def _mended(line: str) -> str:
    """Give a line of which the value is JSON. One that opens or closes an object stays as it is."""
    found = _PAIR.fullmatch(line.rstrip())
    if found is None or found[2] in {"{", "[", "{}"}:
        return line
    try:
        json.loads(found[2], strict=False)
    except ValueError:
        value = found[2]
        inner = value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value
        return f"{found[1]}{json.dumps(inner)}{found[3]}"
    return line


def _flat(value: Mapping[str, object], before: str) -> Iterator[tuple[str, str]]:
    for name, each in value.items():
        if isinstance(each, dict):
            yield from _flat(each, f"{before}{name}.")
        else:
            yield f"{before}{name}", plain(each) if isinstance(each, str) else json.dumps(each)


def _from_text(text: str) -> Iterator[tuple[str, Attributes]]:
    for paragraph in text.split("\n\n"):
        lines = paragraph.split("\n")
        if not paragraph.strip():
            continue
        if not lines[0].startswith(_TEXT_JOB):
            raise ExecutorUnavailable(f"qstat told of no job: {lines[0][:200]!r}")
        attributes: dict[str, str] = {}
        for line in lines[1:]:
            found = _TEXT_PAIR.fullmatch(line)
            if found is None:
                raise ExecutorUnavailable(
                    f"qstat's listing has a line that is none: {line[:200]!r}"
                )
            attributes[found[1]] = found[2]
        for name, value in _VARIABLE.findall(attributes.pop("Variable_List", "")):
            attributes[f"Variable_List.{name}"] = re.sub(r"\\(.)", r"\1", value)
        yield lines[0][len(_TEXT_JOB) :].strip(), attributes
