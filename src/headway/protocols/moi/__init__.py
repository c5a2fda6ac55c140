"""The moi protocol (mustached-octo-ironman): groups of jobs, told over one websocket, /moi-ws/.

Source: the README of mustached-octo-ironman, and its release 0.2.0.
"""

from headway.protocols.moi.plugin import plugin

__all__ = ["plugin"]
