"""What goes wrong in the background, for people who ask whether all is well."""

import logging
from collections.abc import Mapping

logger = logging.getLogger(__name__)


class Troubles:
    """The present troubles by the name of what has them; each is logged when it begins and when it is over.

    They are kept in ``words``, where others may look.
    """

    def __init__(self, words: dict[str, str] | None = None) -> None:
        self._words: dict[str, str] = {} if words is None else words

    def note(self, name: str, words: str) -> None:
        """Keep a trouble."""
        if self._words.get(name) != words:
            logger.warning("%s: %s", name, words)
        self._words[name] = words

    def over(self, name: str) -> None:
        """Drop a trouble, if there was one."""
        if self._words.pop(name, None) is not None:
            logger.info("%s: well again", name)

    def present(self) -> Mapping[str, str]:
        """Give a copy of the present troubles."""
        return dict(self._words)
