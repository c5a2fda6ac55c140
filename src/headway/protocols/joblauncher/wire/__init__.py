"""What comes in as JSON read into values, and jobs told in this protocol's words. Pure."""

from headway.protocols.joblauncher.wire.status import WORDS

__all__ = ["WORDS"]
