"""``headway jobs``."""

import sys
from collections.abc import Sequence

import click

from headway.cli.output import say, write_json
from headway.cli.query import STATE_WORDS, read_selection
from headway.cli.server import Place, examples, json_option, server_options
from headway.cli.times import now
from headway.sdk import requests
from headway.sdk.connection import Connection
from headway.sdk.problems import check
from headway.sdk.specs import Selection

_A_SCREENFUL = 50


@click.command(
    epilog=examples(
        "headway jobs",
        "headway jobs -s running",
        "headway jobs state:failed label:campaign-3 'created:>2d'",
        "headway jobs 'name:cal* NOT state:succeeded (disk OR quota)'",
        "headway jobs --filter mine",
        "headway jobs --group nightly -s failed",
        "headway jobs calibrate --all --json | jq '.jobs[].number'",
    )
)
@click.argument("query", nargs=-1)
@click.option(
    "--state",
    "-s",
    "states",
    multiple=True,
    type=click.Choice(STATE_WORDS),
    help="Only in this state; may be repeated.",
)
@click.option(
    "--label", "-l", "labels", multiple=True, help="Only with this label; may be repeated."
)
@click.option("--name", help="Only with exactly this name.")
@click.option("--owner", help="Only of this user.")
@click.option("--cluster", help="Only on this cluster.")
@click.option(
    "--parent", metavar="ID", help="The elements of this array, or the parts of this job."
)
@click.option("--group", "-g", metavar="GROUP", help="Somewhere in this group of yours.")
@click.option("--since", metavar="WHEN", help="Only those created since: 2d, 12h, 2026-03-01.")
@click.option("--text", help="Only with this text in the name, status text or a label.")
@click.option(
    "--filter", "-f", "saved", metavar="NAME", help="Those of a saved filter; see headway filters."
)
@click.option("--hidden", is_flag=True, help="Hidden jobs too.")
@click.option(
    "--limit",
    "-n",
    type=click.IntRange(1, 1_000_000),
    default=_A_SCREENFUL,
    show_default=True,
    help="At most so many.",
)
@click.option("--all", "everything", is_flag=True, help="All of them.")
@json_option
@server_options
def jobs(
    *,
    place: Place,
    query: Sequence[str],
    saved: str | None,
    hidden: bool,
    limit: int,
    everything: bool,
    as_json: bool,
    **options: str | Sequence[str] | None,
) -> int:
    """List jobs, newest first.

    QUERY is words to look for in names, status texts and labels, and FIELD:VALUE; all of them
    must hold.

    \b
    label:campaign-3     exactly this     name:cal*          what it begins with
    "night run"          a phrase         NOT label:test     all but these
    created:>2d          in two days      ended:<2026-03-01  before that day (UTC)
    exit_code:[1 TO 9]   from, to         reason:*           any at all
    state:(failed OR cancelled)           one of these
    group:nightly        somewhere in it  group:a:b          in b, which is in a

    Fields: state (also active, waiting, ended), reason, label, name, text, status_text, owner,
    cluster, project, protocol, kind, created, queued, started, ended, updated, since, exit_code,
    signal, attempt, number, id, native_id, parent, group, hidden.
    """  # noqa: D301 -- click's mark is the character itself
    selection = read_selection(query, options, at=now())
    selection["hidden"] = hidden
    with place.connection() as connection:
        if saved is not None:
            selection["q"] = f"{_saved_query(connection, saved)} {selection['q']}".strip()
        if as_json:
            _print_json(connection, selection, None if everything else limit)
        else:
            _print_table(connection, selection, None if everything else limit)
    return 0


def _saved_query(connection: Connection, name: str) -> str:
    from headway.core.errors import NotFound
    from headway.sdk import answers

    known = {one.name: one.q for one in answers.filters(connection.send(requests.filters()))}
    if name not in known:
        there = (
            f"yours: {', '.join(known)}"
            if known
            else "keep one with `headway filters save NAME QUERY`"
        )
        raise NotFound(f"you have no filter called {name!r}; {there}")
    return known[name]


def _print_json(connection: Connection, selection: Selection, limit: int | None) -> None:
    """Print one document. A single page is the server's own bytes: reading it would take longer than asking for it."""
    from headway.sdk.pages import MOST_A_PAGE

    if limit is not None and limit <= MOST_A_PAGE:
        write_json(check(connection.send(requests.jobs(**selection, limit=limit))).body)
        return
    from headway.cli.joining import write_joined

    write_joined(connection, selection, limit)


def _print_table(connection: Connection, selection: Selection, limit: int | None) -> None:
    from headway.cli.tables import print_jobs
    from headway.cli.troubles import tell_troubles
    from headway.sdk import answers
    from headway.sdk.model import JobSummary
    from headway.sdk.pages import Pages

    pages = Pages(limit)
    at = now()
    found: list[JobSummary] = []
    while not pages.are_done:
        request = requests.jobs(**selection, limit=pages.size, cursor=pages.cursor)
        page = answers.jobs(connection.send(request))
        found += page.jobs[: pages.left]
        pages.turn(len(page.jobs), page.next)
    if not found:
        is_narrowed = any(said for name, said in selection.items() if name != "hidden")
        say(
            "no such jobs"
            if is_narrowed
            else "there are no jobs in the list; make one with `headway submit -- COMMAND`"
        )
        return
    print_jobs(found, at=at)
    tell_troubles(connection, found, at=at)
    if pages.cursor is not None:
        print(f"… the newest {len(found)}; --all shows all", file=sys.stderr)
