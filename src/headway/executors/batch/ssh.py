"""The cluster's commands and files are behind a login node, reached by OpenSSH's own client; see ``through_shell``."""

from collections.abc import Mapping
from types import MappingProxyType

from headway.executors.batch.ssh_sessions import Client, SshWay
from headway.executors.batch.through_shell import MOST_OUTPUT_BYTES, ThroughShell


class OverSsh(ThroughShell):
    """A transport to a login node.

    Args:
        destination: ``user@host``, a Host of an ssh_config, or ``ssh://user@host:port``.
        programs: the path there, or the name to be looked for on PATH, of each program.
        environment: variables that commands have beside those of the login.
        client: how ssh itself is started here.
        shell: the path of a POSIX shell there.
        prelude: a shell's text that is done before each command: ``. /etc/profile.d/lsf.sh``.
        timeout_s: how long a command may take there; ``timeouts_s`` says it of some programs.
        most_output_bytes: how much a command may print.
        at_once: how many commands run at a time; sshd allows 10 by itself (MaxSessions).

    Raises:
        InvalidRequest: ssh would not take the destination for one.
    """

    def __init__(
        self,
        destination: str,
        programs: Mapping[str, str],
        environment: Mapping[str, str],
        client: Client,
        *,
        shell: str = "/bin/sh",
        prelude: str = "",
        timeout_s: float = 5.0,
        timeouts_s: Mapping[str, float] = MappingProxyType({}),
        most_output_bytes: int = MOST_OUTPUT_BYTES,
        at_once: int = 8,
    ) -> None:
        super().__init__(
            SshWay(destination, client, shell=shell),
            programs,
            environment,
            prelude=prelude,
            timeout_s=timeout_s,
            timeouts_s=timeouts_s,
            most_output_bytes=most_output_bytes,
            at_once=at_once,
        )
