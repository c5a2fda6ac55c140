"""The joblauncher protocol (later osmium): POST /job, GET /job, GET and DELETE /job/{id}.

Source: the README of joblauncher, "Web service to submit jobs via a Octopus supported scheduler".
"""

from headway.protocols.joblauncher.plugin import plugin

__all__ = ["plugin"]
