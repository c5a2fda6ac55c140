"""What goes wrong in the background, for people who ask whether all is well."""

import logging
from collections.abc import Mapping

from headway.app.system import SystemClock
from headway.core.errors import ExecutorSlow, ExecutorUnavailable
from headway.core.model.trouble import Ailment, Trouble
from headway.core.ports.clock import Clock

logger = logging.getLogger(__name__)


def ailment_of(error: Exception) -> Ailment:
    """Give what is wrong with whatever raised this."""
    if isinstance(error, ExecutorSlow):
        return Ailment.SLOW
    return Ailment.DOWN if isinstance(error, ExecutorUnavailable) else Ailment.OTHER


class Troubles:
    """The present troubles by the name of what has them; each is logged when it begins and when it is over.

    Args:
        kept: where they are kept, and others may look.
        clock: tells when they begin.
    """

    def __init__(
        self, kept: dict[str, Trouble] | None = None, *, clock: Clock | None = None
    ) -> None:
        self._kept: dict[str, Trouble] = {} if kept is None else kept
        self._clock = clock or SystemClock()

    def note(self, name: str, words: str, what: Ailment = Ailment.OTHER) -> None:
        """Keep a trouble, from when it was first noted until it is over."""
        before = self._kept.get(name)
        if before is None or before.words != words:
            logger.warning("%s: %s", name, words)
        since = self._clock.now() if before is None else before.since
        self._kept[name] = Trouble(words=words, since=since, what=what)

    def over(self, name: str) -> None:
        """Drop a trouble, if there was one."""
        if self._kept.pop(name, None) is not None:
            logger.info("%s: well again", name)

    def present(self) -> Mapping[str, str]:
        """Give the present troubles in words."""
        return {name: trouble.words for name, trouble in self._kept.items()}
