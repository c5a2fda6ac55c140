"""``headway run``."""

from collections.abc import Mapping, Sequence
from typing import Final

import click
from click.core import ParameterSource

from headway.cli.job_options import job_options
from headway.cli.output import say
from headway.cli.server import Place, examples, server_options

#: What means something for a command that runs here, too.
_HERE: Final = frozenset({"name", "labels", "cluster"})
_BY_SIGNAL: Final = 128  # as a shell shows the end by a signal
_SPOOL: Final = "HEADWAY_SPOOL"


@click.command(
    context_settings={"allow_interspersed_args": False},
    epilog=examples(
        "headway run -- python train.py",
        "headway run --name reduce -l campaign-3 -- ./reduce.sh 2026-03-01",
        "headway run --cluster slurm --cores 8 --memory 16G -- ./reduce.sh 2026-03-01",
    ),
)
@click.argument("command", nargs=-1, required=True, metavar="-- COMMAND [ARGUMENT]...")
@click.option(
    "--quiet", "-q", is_flag=True, help="Do not say where the job can be seen, or why it waits."
)
@click.option("--cluster", metavar="NAME", help="Run there and follow it; else here.")
@job_options
@server_options
def run(*, place: Place, command: Sequence[str], quiet: bool, **options: object) -> int:
    """Run a command, and report how it goes.

    Put it before a command in any script: the command runs here as it would, with its own input
    and output, and its status is passed on. A tqdm bar that it draws is shown live. When no server
    can be reached the command runs all the same.

    With --cluster it runs there instead, as submitted: what it writes is printed while it runs, and
    its status is passed on. All options but --name and --label are for that.
    """
    if options["cluster"] is not None:
        return _elsewhere(place, command, options, quiet=quiet)
    _refuse_options_of_a_cluster(click.get_current_context(), options)
    return _here(place, command, options, quiet=quiet)


def _refuse_options_of_a_cluster(context: click.Context, options: Mapping[str, object]) -> None:
    given = [
        param.opts[0]
        for param in context.command.params
        if param.name in options.keys() - _HERE
        and context.get_parameter_source(param.name) is ParameterSource.COMMANDLINE
    ]
    if given:
        raise click.UsageError(
            f"without --cluster the command runs here, as it is: {', '.join(given)} cannot be heeded"
        )


def _here(
    place: Place, command: Sequence[str], options: Mapping[str, object], *, quiet: bool
) -> int:
    from headway.cli.silence import silence_words
    from headway.core.errors import HeadwayError
    from headway.sdk import worker
    from headway.sdk.address import read_address
    from headway.sdk.environment import environment

    url, token, spool = None, None, environment().get(_SPOOL)
    try:
        found = place.find()
        url, token, spool = read_address(found.url).url, found.token, spool or found.spool
    except HeadwayError as error:
        if not quiet:
            say(f"nothing is reported: {error}")

    def announce(job: str | None, page: str | None) -> None:
        if not quiet and url is not None:
            say(f"reporting to {page or url}" if job else silence_words(url))

    def refused(words: str) -> None:
        if not quiet:
            say(f"nothing is reported: {url} says: {words}")

    name, labels = options["name"], options["labels"]
    return worker.run(
        list(command),
        name=None if name is None else str(name),
        labels=list(labels) if isinstance(labels, tuple) else [],
        url=url,
        token=token,
        spool=spool,
        announce=announce,
        refused=refused,
    )


def _elsewhere(
    place: Place, command: Sequence[str], options: Mapping[str, object], *, quiet: bool
) -> int:
    from headway.cli.clients import client_for
    from headway.cli.ending import follow_job, tell_end
    from headway.cli.failures import JOB_FAILED
    from headway.cli.submitting import say_hints, submission
    from headway.sdk import answers

    request = submission(place, command, options)
    with client_for(place) as client:
        job = answers.job(client.send(request))
        say_hints(command, job.cluster, job.unheeded, verb=f"headway run --cluster {job.cluster}")
        if not quiet:
            say(f"job {job.number}: {job.links.get('page', job.id)}")
        ended = follow_job(client, job, as_json=False, quiet=quiet)
    tell_end(ended, as_json=False, quiet=True)
    if ended.exit_code is not None:
        return ended.exit_code or (0 if ended.state == "succeeded" else JOB_FAILED)
    if ended.signal is not None:
        return _BY_SIGNAL + ended.signal
    return 0 if ended.state == "succeeded" else JOB_FAILED
