"""moi's words on the wire: info objects, and what a websocket says and hears. Pure."""

from headway.protocols.moi.wire.info import WORDS

__all__ = ["WORDS"]
