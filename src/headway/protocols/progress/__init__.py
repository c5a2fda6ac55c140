"""The MWA progress protocol: GET /progress/create, /update, /show and /render.

Source: "Web Services / progress" of the MWA telescope's wiki.
"""

from headway.protocols.progress.plugin import plugin

__all__ = ["plugin"]
