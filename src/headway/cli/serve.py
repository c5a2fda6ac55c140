"""``headway serve``."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from headway.cli.server import examples
from headway.sdk.environment import environment

if TYPE_CHECKING:
    from headway.app.options import ClusterOptions
    from headway.cli.configuration import Configuration

LEVELS = ("debug", "info", "warning", "error")


class _Plain(TypedDict):
    """The options that a server takes as they are."""

    host: str
    port: int
    cert: Path | None
    key: Path | None
    behind_proxy: bool
    open_jobs_per_hour: int | None
    open_workers_per_job: int | None
    open_rows: int | None
    jobs_at_once: int | None
    adopt: bool
    detect: bool
    default_cluster: str
    sandbox_root: Path | None
    log_level: str
    announce: bool


def _configured(
    context: click.Context, _: click.Parameter, path: Path | None
) -> "Configuration | None":
    """Read our own file; what it says is every option's default from then on."""
    if path is None or context.resilient_parsing:
        return None
    from headway.cli.configuration import read_configuration

    configuration = read_configuration(path)
    context.default_map = dict(configuration.defaults)
    return configuration


def _imported(
    context: click.Context, _: click.Parameter, path: Path | None
) -> "Configuration | None":
    """Read a file of joblauncher's as if it were ours."""
    if path is None or context.resilient_parsing:
        return None
    from headway.cli.configuration import configuration_of
    from headway.cli.joblauncher_file import read_joblauncher_file
    from headway.cli.output import say
    from headway.core.errors import InvalidRequest

    found = read_joblauncher_file(path)
    for remark in found.remarks:
        if remark.is_grave:
            raise InvalidRequest(f"{path}: {remark.key}: {remark.words}", field=remark.key)
        say(f"{path}: {remark.key}: {remark.words}")
    configuration = configuration_of(found.tables, path)
    context.default_map = dict(configuration.defaults)
    return configuration


def _not_empty(_: click.Context, __: click.Parameter, words: str | None) -> Path | None:
    """Read a directory; an empty text, as of a variable that is not set, would be the present one."""
    if words == "":
        raise click.BadParameter("it is empty; give a directory, '.' for the present one")
    return None if words is None else Path(words)


@click.command(
    epilog=examples(
        "headway serve",
        "headway serve --port 0 --data ./jobs",
        "headway serve --cluster slurm",
        "headway serve --config headway.toml",
        "headway serve --host 0.0.0.0 --cert chain.pem --key key.pem --open-progress 10.0.0.0/8",
    )
)
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    is_eager=True,
    callback=_configured,
    help="A file with these options and others (TOML); an option given here wins.",
)
@click.option(
    "--joblauncher-config",
    type=click.Path(dir_okay=False, path_type=Path),
    is_eager=True,
    callback=_imported,
    help="A joblauncher.yml of joblauncher or osmium instead.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=9998,
    show_default=True,
    help="The port; 0 takes a free one.",
)
@click.option(
    "--data",
    type=click.Path(file_okay=False),
    callback=_not_empty,
    help="Where jobs are kept. [default: ~/.local/share/headway]",
)
@click.option(
    "--open-progress",
    metavar="CIDR",
    multiple=True,
    help="Anybody in this network may report progress; may be repeated.",
)
@click.option(
    "--open-jobs-per-hour",
    type=click.IntRange(1),
    help="Jobs that one unknown caller may make. [default: 1000]",
)
@click.option(
    "--open-workers-per-job",
    type=click.IntRange(1),
    help="Workers of a job that nobody owns. [default: 10000]",
)
@click.option(
    "--open-rows",
    type=click.IntRange(1),
    help="Jobs that nobody owns and their workers, in all. [default: 1000000]",
)
@click.option("--cert", type=click.Path(dir_okay=False, path_type=Path), help="A TLS certificate.")
@click.option("--key", type=click.Path(dir_okay=False, path_type=Path), help="Its key.")
@click.option(
    "--allow-host",
    "allow_hosts",
    metavar="NAME",
    multiple=True,
    help="A further name that this server answers to; may be repeated.",
)
@click.option(
    "--behind-proxy",
    is_flag=True,
    help="Requests come through a proxy: nobody is known by their connection.",
)
@click.option(
    "--jobs-at-once", type=click.IntRange(1), help="How many jobs run at once. [default: cores]"
)
@click.option(
    "--cluster",
    "clusters",
    metavar="NAME[=KIND]",
    multiple=True,
    help="Jobs can run there too: slurm, lsf, pbs or sge, or a name of yours for one of them; may be "
    "repeated. More can be said of a cluster in a file.",
)
@click.option(
    "--adopt/--no-adopt",
    default=True,
    help="Show your jobs on clusters that you did not submit through Headway. [default: adopt]",
)
@click.option(
    "--detect/--no-detect",
    default=True,
    help="Take a scheduler whose programs are here for a cluster; never when others can reach the "
    "server. [default: detect]",
)
@click.option(
    "--default-cluster",
    metavar="NAME",
    default="local",
    show_default=True,
    help="Where jobs run that do not say.",
)
@click.option(
    "--sandbox-root",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where jobs have their sandboxes. [default: in the data directory]",
)
@click.option(
    "--stage-root",
    "stage_roots",
    metavar="DIR",
    multiple=True,
    help="Files below it may be brought to jobs and fetched from them; {user} in it is whoever "
    "submits; may be repeated. [default: all that you can reach, on this machine only]",
)
@click.option(
    "--callback-network",
    "callback_networks",
    metavar="CIDR",
    multiple=True,
    help="Callbacks may go to private addresses in it; may be repeated.",
)
@click.option(
    "--callback-retry",
    metavar="TIME",
    help="A callback that failed is called again after so long, then after longer. [default: 5s]",
)
@click.option(
    "--callback-give-up",
    metavar="TIME",
    help="A callback that fails for so long is given up. [default: 3d]",
)
@click.option(
    "--log-level",
    type=click.Choice(LEVELS),
    default="info",
    show_default=True,
    help="How much to log.",
)
@click.option(
    "--grace", metavar="TIME", help="From asking a job to end to making it. [default: 5s]"
)
@click.option(
    "--settle",
    metavar="TIME",
    help="A job whose workers are all done has ended after so long. [default: 60s]",
)
@click.option(
    "--stalled-after",
    metavar="TIME",
    help="A worker that is silent for less is never called stalled. [default: 60s]",
)
@click.option(
    "--keep-detail",
    metavar="TIME",
    help="Ended jobs' workers and counters are kept for so long. [default: 30d]",
)
@click.option("--keep-events", metavar="TIME", help="Events are kept for so long. [default: 90d]")
@click.option(
    "--keep-jobs", metavar="TIME", help="Ended jobs are kept for so long. [default: for ever]"
)
@click.option(
    "--announce/--no-announce",
    default=True,
    help="Let your own command line find this server. [default: announce]",
)
def serve(
    *,
    config: "Configuration | None",
    joblauncher_config: "Configuration | None",
    data: Path | None,
    open_progress: Sequence[str],
    allow_hosts: Sequence[str],
    clusters: Sequence[str],
    stage_roots: Sequence[str],
    callback_networks: Sequence[str],
    callback_retry: str | None,
    callback_give_up: str | None,
    grace: str | None,
    settle: str | None,
    stalled_after: str | None,
    keep_detail: str | None,
    keep_events: str | None,
    keep_jobs: str | None,
    **plain: Unpack[_Plain],
) -> int:
    """Start a server, and keep it until Ctrl-C.

    It listens on this machine only, unless told otherwise. Jobs outlive it: start it again and
    they are there.
    """
    from headway.app.options import ServeOptions
    from headway.app.serve import run
    from headway.cli.configuration import Configuration, exposed_keys
    from headway.cli.output import say

    if config is not None and joblauncher_config is not None:
        raise click.UsageError(
            "give --config or --joblauncher-config, not both; `headway import joblauncher` writes "
            "the one from the other"
        )
    said = config or joblauncher_config or Configuration()
    warning = exposed_keys(said)
    if warning:
        say(warning)
    options = ServeOptions(
        data=data or default_data(environment()),
        open_progress=tuple(open_progress),
        allow_hosts=tuple(allow_hosts),
        stage_roots=tuple(stage_roots) or None,
        callback_networks=tuple(callback_networks),
        callback_macs=said.macs,
        callback_retry_s=_span_s(callback_retry, "callback-retry"),
        callback_give_up_s=_span_s(callback_give_up, "callback-give-up"),
        clusters={**said.clusters, **_clusters(clusters, said)},
        protocols=said.protocols,
        grace_s=_span_s(grace, "grace"),
        settle_s=_span_s(settle, "settle"),
        stalled_floor_s=_span_s(stalled_after, "stalled-after"),
        keep_detail_s=_span_s(keep_detail, "keep-detail"),
        keep_events_s=_span_s(keep_events, "keep-events"),
        keep_jobs_s=_span_s(keep_jobs, "keep-jobs"),
        **plain,
    )
    return run(options)


def _clusters(words: Sequence[str], said: "Configuration") -> "Mapping[str, ClusterOptions]":
    """Read ``NAME`` or ``NAME=KIND``; a cluster that the file speaks of is as the file says."""
    from headway.app.options import ClusterOptions

    pairs = [(name, kind or name) for name, _, kind in (word.partition("=") for word in words)]
    return {name: ClusterOptions(kind=kind) for name, kind in pairs if name not in said.clusters}


def default_data(environment: Mapping[str, str]) -> Path:
    """Give where a user's jobs are kept when nobody says otherwise.

    Source: XDG Base Directory Specification.
    """
    told = environment.get("XDG_DATA_HOME")
    home = Path(environment.get("HOME") or "~").expanduser()
    return (Path(told) if told else home / ".local" / "share") / "headway"


def _span_s(text: str | None, field: str) -> float | None:
    from headway.cli.times import read_span_s

    return None if text is None else read_span_s(text, field=field)
