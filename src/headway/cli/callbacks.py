"""``headway callbacks``."""

from collections.abc import Sequence
from typing import Final

import click

from headway.cli.output import say, write_json
from headway.cli.server import Place, examples, json_option, server_options

STATES: Final = ("waiting", "delivered", "silent", "dead", "dropped")
_KEY: Final = "CALLBACK"  # how one is named: EVENT/PLACE
_A_PAGE: Final = 1000


@click.group(
    epilog=examples("headway callbacks list --state dead", "headway callbacks replay 4711/0")
)
def callbacks() -> None:
    """See what callbacks were told, and have them told again.

    A job is submitted with callbacks (submit --callback URL). Each event is told until the receiver
    takes it, for three days; then it is dead.
    """


@callbacks.command(
    "list", epilog=examples("headway callbacks list 42", "headway callbacks list --state dead")
)
@click.argument("job", required=False)
@click.option(
    "--state",
    "-s",
    "states",
    type=click.Choice(STATES),
    multiple=True,
    help="Only those; may be repeated.",
)
@click.option(
    "--limit",
    "-n",
    type=click.IntRange(1, _A_PAGE),
    default=50,
    show_default=True,
    help="How many.",
)
@json_option
@server_options
def list_callbacks(
    *, place: Place, job: str | None, states: Sequence[str], limit: int, as_json: bool
) -> int:
    """List what callbacks were told.

    Of one job or of all, the newest event first.
    """
    from headway.cli.tables import Cell, Column, print_table
    from headway.sdk import answers, requests
    from headway.sdk.problems import check
    from headway.views.clean import clean
    from headway.views.words import moment

    with place.connection() as connection:
        response = check(connection.send(requests.deliveries(job, states=states, limit=limit)))
    if as_json:
        write_json(response.body)
        return 0
    columns = [
        Column(name) for name in (_KEY, "JOB", "EVENT", "RECEIVER", "STATE", "TRIES", "LAST ANSWER")
    ]
    rows = []
    for one in answers.deliveries(response).deliveries:
        until = f"{one.state} until {moment(one.due)}" if one.due and one.tried else one.state
        rows.append(
            (
                Cell(f"{one.event}/{one.callback}"),
                Cell(one.job),
                Cell(one.type),
                Cell(clean(one.origin)),
                Cell(until),
                Cell(str(one.tried)),
                Cell(clean(_last(one.tries[-1].status, one.tries[-1].detail) if one.tries else "")),
            )
        )
    if rows:
        print_table(columns, rows)
    else:
        say("there is nothing that callbacks were told")
    return 0


@callbacks.command(epilog=examples("headway callbacks show 4711/0"))
@click.argument("key", metavar=_KEY)
@json_option
@server_options
def show(*, place: Place, key: str, as_json: bool) -> int:
    """Show every call that was made to tell a callback an event."""
    from headway.sdk import answers, requests
    from headway.sdk.problems import check
    from headway.views.clean import clean
    from headway.views.words import moment

    with place.connection() as connection:
        response = check(connection.send(requests.delivery(*_read_key(key))))
    if as_json:
        write_json(response.body)
        return 0
    one = answers.delivery(response)
    print(f"{one.event}/{one.callback} {one.type} of job {one.job} to {clean(one.origin)}")
    due = "" if one.due is None else f", next call {moment(one.due)}"
    print(f"{one.state}; calls so far: {one.tried}{due}")
    for call in one.tries:
        print(f"{moment(call.at)}  {call.took_s:6.2f} s  {clean(_last(call.status, call.detail))}")
    return 0


@callbacks.command(epilog=examples("headway callbacks replay 4711/0"))
@click.argument("keys", metavar=f"{_KEY}...", nargs=-1, required=True)
@server_options
def replay(*, place: Place, keys: Sequence[str]) -> int:
    """Have callbacks told again now, whatever came of it before."""
    from headway.sdk import requests
    from headway.sdk.problems import check

    with place.connection() as connection:
        for key in dict.fromkeys(map(_read_key, keys)):
            check(connection.send(requests.replay(*key)))
            say(f"{key[0]}/{key[1]} is told again")
    return 0


@callbacks.command(epilog=examples("headway callbacks drop 4711/0"))
@click.argument("keys", metavar=f"{_KEY}...", nargs=-1, required=True)
@server_options
def drop(*, place: Place, keys: Sequence[str]) -> int:
    """Give up telling callbacks; what waits behind goes on."""
    from headway.sdk import answers, requests
    from headway.sdk.problems import check

    with place.connection() as connection:
        for key in dict.fromkeys(map(_read_key, keys)):
            one = answers.delivery(check(connection.send(requests.drop(*key))))
            say(f"{key[0]}/{key[1]} is {one.state}")
    return 0


def _read_key(text: str) -> tuple[int, int]:
    """Read how a delivery is named in lists.

    Raises:
        click.UsageError: it is no such name.
    """
    event, slash, callback = text.partition("/")
    callback = callback if slash else "0"
    if not (event.isdecimal() and callback.isdecimal()):
        raise click.UsageError(f"{text!r} is no callback: lists name them as 4711/0")
    return int(event), int(callback)


def _last(status: int | None, detail: str) -> str:
    return " ".join(str(part) for part in (status, detail) if part)
