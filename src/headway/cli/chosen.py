"""Which jobs a command acts on: those that are named, or those that a query finds, after a count and a confirmation."""

import re
import sys
from collections.abc import Callable, Sequence
from typing import Final

import click

from headway.cli.failures import JOB_FAILED, USAGE
from headway.cli.output import encode_json, say, write_json
from headway.sdk import model
from headway.sdk.client import Client
from headway.views.words import count

_ID: Final = re.compile(r"[0-9]{1,18}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)

yes_option = click.option("--yes", is_flag=True, help="Do not ask, however many a QUERY finds.")


def are_ids(words: Sequence[str]) -> bool:
    """Tell whether all words are ids of jobs; else they are a query."""
    return all(_ID.fullmatch(word) for word in words)


def change_found(
    client: Client,
    query: str,
    action: str,
    *,
    verb: str,
    done: str,
    yes: bool,
    as_json: bool,
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
    then: Callable[[Sequence[str]], None] = lambda _: None,
) -> int:
    """Do one action to the jobs that a query finds; gives the exit status.

    Exactly those that were counted are changed, also when others come to match meanwhile.

    Args:
        verb: what will be done, as ``Cancel``; ``done`` when it has been: ``cancelled``.
        then: gets the ids of the jobs that were changed.

    Raises:
        HeadwayError: the query cannot be understood, or finds more than 1,000 jobs.
    """
    plan = client.bulk(action, q=query, add=add, remove=remove, dry_run=True)
    if not plan.ids:
        say(_nothing(plan, done))
        return 0
    if not yes and not _is_confirmed(f"{verb} {count(len(plan.ids), 'job')}?", plan):
        return USAGE
    result = client.bulk(action, list(plan.ids), add=add, remove=remove)
    if as_json:
        write_json(encode_json(result))
    else:
        print(f"{count(result.done, 'job')} {done}", flush=True)
    for failure in result.failed:
        say(f"{failure.id}: {failure.detail}")
    then(result.ids)
    return JOB_FAILED if result.failed else 0


def _nothing(plan: model.Bulk, done: str) -> str:
    if not plan.matched:
        return "no such jobs"
    if not plan.failed:
        which = "the job found is" if plan.matched == 1 else f"all {plan.matched:,} jobs found are"
        return f"nothing to do: {which} as wished already"
    return f"none of {count(plan.matched, 'job')} found can be {done}: {plan.failed[0].detail}"


def _is_confirmed(question: str, plan: model.Bulk) -> bool:
    """Ask on a terminal; elsewhere nobody would answer."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        say(f"{count(len(plan.ids), 'job')} found, and nobody to ask: add --yes to go on")
        return False
    if plan.failed:
        say(f"{count(len(plan.failed), 'other job')} found cannot be: {plan.failed[0].detail}")
    try:
        if click.confirm(question, err=True):
            return True
    except click.Abort:  # Ctrl-C, or the end of the input
        print(file=sys.stderr)
        say("nothing was done")
        raise
    say("nothing was done")
    return False
