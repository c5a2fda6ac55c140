"""``headway token``."""

from collections.abc import Sequence

import click

from headway.cli.output import say, write_json
from headway.cli.server import Place, examples, json_option, server_options

SCOPES = ("read", "report", "run", "admin")


@click.group(epilog=examples("headway token new --scope run --note laptop --expires 30d"))
def token() -> None:
    """Make, list and revoke tokens.

    A token lets somebody speak to the server from another machine, or as another user.
    """


@token.command(
    epilog=examples(
        "headway token new --scope read --user alice",
        "umask 077; headway token new --scope run > token && headway jobs --token-file token",
    )
)
@click.option(
    "--scope",
    "-s",
    "scopes",
    type=click.Choice(SCOPES),
    multiple=True,
    default=("run",),
    show_default=True,
    help="What it is good for; may be repeated. admin includes run, run includes report and read.",
)
@click.option("--user", help="For whom; else for yourself.")
@click.option("--note", help="What it is for, to know it again.")
@click.option("--expires", metavar="TIME", help="Good for 12h, 30d …; else until revoked.")
@json_option
@server_options
def new(
    *,
    place: Place,
    scopes: Sequence[str],
    user: str | None,
    note: str | None,
    expires: str | None,
    as_json: bool,
) -> int:
    """Make a token and print it. It is shown this once."""
    from headway.cli.times import read_span_s
    from headway.sdk import answers, requests
    from headway.sdk.problems import check

    expires_in_s = None if expires is None else read_span_s(expires, field="expires")
    request = requests.create_token(scopes, user=user, note=note, expires_in_s=expires_in_s)
    with place.connection() as connection:
        response = check(connection.send(request))
    created = answers.created_token(response)
    if as_json:
        write_json(response.body)
    else:
        print(created.token)
        say(f"token {created.id} for {created.user}: keep it now, it is not shown again")
    return 0


@token.command("list", epilog=examples("headway token list"))
@json_option
@server_options
def list_tokens(*, place: Place, as_json: bool) -> int:
    """List tokens, without their secrets."""
    from headway.cli.tables import Cell, Column, print_table
    from headway.sdk import answers, requests
    from headway.sdk.problems import check
    from headway.views.clean import clean
    from headway.views.words import moment

    with place.connection() as connection:
        response = check(connection.send(requests.tokens()))
    if as_json:
        write_json(response.body)
        return 0
    columns = [Column(name) for name in ("ID", "USER", "SCOPES", "CREATED", "ENDS", "NOTE")]
    rows = [
        (
            Cell(known.id),
            Cell(clean(known.user)),
            Cell(",".join(known.scopes)),
            Cell("" if known.created is None else moment(known.created)),
            Cell(
                "revoked"
                if known.revoked is not None
                else "never"
                if known.expires is None
                else moment(known.expires)
            ),
            Cell(clean(known.note)),
        )
        for known in answers.tokens(response)
    ]
    if rows:
        print_table(columns, rows)
    else:
        say("there are no tokens; make one with `headway token new`")
    return 0


@token.command(epilog=examples("headway token revoke 0197c1de-0000-7000-8000-000000000000"))
@click.argument("token_ids", metavar="ID...", nargs=-1, required=True)
@server_options
def revoke(*, place: Place, token_ids: Sequence[str]) -> int:
    """Make tokens worthless, at once."""
    from headway.sdk import requests
    from headway.sdk.problems import check

    with place.connection() as connection:
        for token_id in dict.fromkeys(token_ids):
            check(connection.send(requests.revoke_token(token_id)))
            say(f"token {token_id} is revoked")
    return 0
