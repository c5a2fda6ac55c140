"""Makes the executors of all clusters that a server is told of."""

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from headway import plugins
from headway.app.data_dir import DataDir
from headway.app.environment import environment
from headway.app.options import ClusterOptions, ServeOptions
from headway.core.errors import InvalidRequest
from headway.core.model.names import Cluster
from headway.core.ports.clock import Clock
from headway.core.ports.executor import Executor

LOCAL: Final = Cluster("local")
#: Where functions run that do not say. There unless a cluster of that name is configured otherwise.
FUNCTIONS: Final = Cluster("functions")
_FUNCTIONS: Final = ClusterOptions(kind="functions", adopt=False)
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", re.ASCII)
#: What a job must not inherit from the server: another server's or job's own variables.
_NOT_INHERITED: Final = ("HEADWAY_", "VIRTUAL_ENV_PROMPT")


def make_executors(
    options: ServeOptions, data: DataDir, clock: Clock
) -> Mapping[Cluster, Executor]:
    """Make the local executor, that of functions, and one for each further cluster; none is started.

    Raises:
        InvalidRequest: a cluster's name or a setting of it cannot be used; the message names the cluster.
        PluginError: an executor is not installed or broken.
    """
    inherited = _inherited()
    made: dict[Cluster, Executor] = {LOCAL: _local(options, data, clock, inherited)}
    for name, cluster in _clusters(options, own=_own_settings(options)).items():
        _check_name(name)
        try:
            made[Cluster(name)] = (
                plugins.executors()
                .load(cluster.kind)
                .make(
                    cluster.settings,
                    clock=clock,
                    data=data.of_executor(name),
                    base_environment=inherited,
                )
            )
        except InvalidRequest as error:
            raise InvalidRequest(f"cluster {name}: {error}", field=f"cluster.{name}") from None
        except plugins.PluginError as error:
            raise plugins.PluginError(f"cluster.{name}: kind: {error}") from error
    if options.default_cluster not in made:
        known = ", ".join(sorted(made))
        raise InvalidRequest(
            f"default_cluster: no cluster is called {options.default_cluster!r}; configured: {known}",
            field="default_cluster",
        )
    return made


def kinds_of(options: ServeOptions) -> Mapping[Cluster, str]:
    """Give which executor each cluster is."""
    return {LOCAL: "local"} | {Cluster(name): c.kind for name, c in _clusters(options).items()}


def runs_as(options: ServeOptions, own_user: str) -> Mapping[Cluster, str | None]:
    """Give whose account each cluster's jobs run as; see Core.runs_as."""
    told: dict[Cluster, str | None] = {LOCAL: own_user}
    for name, cluster in _clusters(options).items():
        ssh = str(cluster.settings.get("ssh", ""))
        login = ssh.removeprefix("ssh://").rpartition("@")[0]
        if cluster.settings.get("run_as") == "sudo":
            told[Cluster(name)] = None
        else:
            told[Cluster(name)] = login if ssh else own_user
    return told


def adopting(options: ServeOptions) -> frozenset[Cluster]:
    """Give the clusters whose other jobs are shown too."""
    if not options.adopt:
        return frozenset()
    return frozenset(Cluster(name) for name, one in options.clusters.items() if one.adopt)


def _check_name(name: str) -> None:
    if name == LOCAL:
        raise InvalidRequest(
            "cluster.local: this machine is always there under that name; call the cluster something else",
            field="cluster.local",
        )
    if not _NAME.fullmatch(name):
        raise InvalidRequest(
            f"cluster.{name}: a cluster's name has at most 63 letters, digits, '.', '_' and '-'",
            field=f"cluster.{name}",
        )


def _clusters(
    options: ServeOptions, own: Mapping[str, object] | None = None
) -> Mapping[str, ClusterOptions]:
    """Give the clusters beside this machine's own: that of functions, and those that are configured."""
    functions = msgspec.structs.replace(_FUNCTIONS, settings=own or {})
    return {str(FUNCTIONS): functions, **options.clusters}


def _own_settings(options: ServeOptions) -> Mapping[str, object]:
    """Give what is said of how this machine's jobs end."""
    said = {"grace_s": options.grace_s, "idle_s": options.idle_s}
    return {name: value for name, value in said.items() if value is not None}


def _local(
    options: ServeOptions, data: DataDir, clock: Clock, inherited: Mapping[str, str]
) -> Executor:
    at_once = {} if options.jobs_at_once is None else {"jobs_at_once": options.jobs_at_once}
    return (
        plugins.executors()
        .load("local")
        .make(
            {**at_once, **_own_settings(options)},
            clock=clock,
            data=data.of_executor(LOCAL),
            base_environment=inherited,
        )
    )


def _inherited() -> Mapping[str, str]:
    return {
        name: value for name, value in environment().items() if not name.startswith(_NOT_INHERITED)
    }
