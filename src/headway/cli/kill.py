"""``headway kill``."""

from collections.abc import Sequence

import click

from headway.cli.output import say, write_json
from headway.cli.server import Place, examples, json_lines_option, server_options


@click.command(epilog=examples("headway kill 42", "headway kill 42 43 --wait"))
@click.argument("job_ids", metavar="ID...", nargs=-1, required=True)
@click.option("--wait", is_flag=True, help="Wait until they have ended.")
@json_lines_option
@server_options
def kill(*, place: Place, job_ids: Sequence[str], wait: bool, as_json: bool) -> int:
    """Cancel jobs.

    Each is asked to end, and made to a few seconds later. A job that has ended stays as it is.
    The status is that of the first that could not be cancelled.
    """
    from headway.cli.clients import client_for
    from headway.cli.failures import exit_code_of
    from headway.cli.output import encode_json
    from headway.cli.tables import long_state
    from headway.core.errors import HeadwayError

    code = 0
    cancelled: list[str] = []
    with client_for(place) as client:
        for ref in dict.fromkeys(job_ids):
            try:
                job = client.cancel(ref)
            except HeadwayError as error:
                say(f"{ref}: {error}")
                code = code or exit_code_of(error)
                continue
            cancelled.append(job.id)
            if not wait and as_json:
                write_json(encode_json(job))
            elif not wait:
                print(f"{job.number} {long_state(job)}")
        for ended in client.wait_all(cancelled) if wait else ():
            if as_json:
                write_json(encode_json(ended))
            else:
                print(f"{ended.number} {long_state(ended)}", flush=True)
    return code
