"""Words for people about commands that came to nothing. Pure."""

from headway.core.errors import ExecutorSlow, ExecutorUnavailable


class ProgramNotThere(ExecutorUnavailable):
    """A program of the scheduler's is not where it is looked for: perhaps not yet, perhaps this site has none."""


def slow(program: str, limit_s: float, *, where: str) -> ExecutorSlow:
    """Say that a program took too long."""
    return ExecutorSlow(
        f"{program} did not end within {limit_s:g} s on {where}, and was killed; what it has done is not known"
    )


def too_much(program: str, most_bytes: int, *, where: str) -> ExecutorUnavailable:
    """Say that a program printed too much."""
    return ExecutorUnavailable(
        f"{program} printed more than {most_bytes} bytes on {where}, and was killed; "
        "what it has done is not known"
    )


def not_there(name: str, path: str, said: str, *, where: str) -> ProgramNotThere:
    """Say that a program is not there, or cannot be executed."""
    sought = "" if "/" in path else " on its PATH"
    return ProgramNotThere(
        f"{where} cannot start {path}{sought}: {said}; "
        f"set programs.{name} of the cluster to the path of {name} there"
    )
