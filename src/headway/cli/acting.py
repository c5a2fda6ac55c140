"""One action on each of the jobs that are named: what fails for one does not hold the others back."""

from collections.abc import Callable, Iterable

from headway.cli.failures import exit_code_of
from headway.cli.output import encode_json, say, write_json
from headway.core.errors import HeadwayError
from headway.sdk.model import JobDocument


def act_on_each(
    refs: Iterable[str],
    act: Callable[[str], JobDocument],
    *,
    shown: Callable[[JobDocument], str],
    as_json: bool,
) -> tuple[list[JobDocument], int]:
    """Do it, and print of each job what ``shown`` says, or its document; gives the jobs, and the exit status.

    The status is that of the first that failed.
    """
    done: list[JobDocument] = []
    code = 0
    for ref in dict.fromkeys(refs):
        try:
            job = act(ref)
        except HeadwayError as error:
            say(f"{ref}: {error}")
            code = code or exit_code_of(error)
            continue
        done.append(job)
        if as_json:
            write_json(encode_json(job))
        else:
            print(shown(job), flush=True)
    return done, code
