"""Runs jobs on this machine, in processes that outlive the server.

``plugin`` is the entry point. The helper processes load modules of this package without this file (see supervisors): the
server's libraries would cost them five times their memory.
"""

from headway.executors.local.plugin import plugin

__all__ = ["plugin"]
