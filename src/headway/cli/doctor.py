"""``headway doctor``."""

import click

from headway.cli.failures import JOB_FAILED
from headway.cli.output import encode_json, painted, write_json
from headway.cli.server import Place, examples, json_option, server_options

_COLOURS = {"ok": "\x1b[32m", "warning": "\x1b[33m", "bad": "\x1b[31m"}


@click.command(epilog=examples("headway doctor", "headway doctor --json | jq '.[] | .status'"))
@json_option
@server_options
def doctor(*, place: Place, as_json: bool) -> int:
    """Check that everything is as it should be.

    Looks at the server, who it takes you for, its clusters and clock, and at the directory where
    jobs are kept. The status is 0 when nothing is bad, else 1.
    """
    from headway.cli.checks import all_checks

    checks = list(all_checks(place))
    if as_json:
        write_json(encode_json([check._asdict() for check in checks]))
    for check in [] if as_json else checks:
        print(
            painted(f"{check.status:<8}", _COLOURS[check.status]), f"{check.name}: {check.detail}"
        )
    return JOB_FAILED if any(check.status == "bad" for check in checks) else 0
