"""The native protocol: JSON over HTTP below /api/v1, with live streams.

Its words are those of PSI/J and of the DOE IRI facility API. docs/reference/rest-api.md describes it for people,
``openapi.py`` for programs.
"""

from headway.protocols.rest.plugin import plugin

__all__ = ["plugin"]
