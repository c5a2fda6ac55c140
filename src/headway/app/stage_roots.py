"""What files users may have brought to jobs and fetched from them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from headway.app.environment import own_user
from headway.app.options import ServeOptions, is_loopback
from headway.core.errors import InvalidRequest

_USER: Final = "{user}"


def stage_roots(options: ServeOptions) -> Callable[[str], Sequence[Path]]:
    """Give what tells the directories that a user may use.

    Raises:
        InvalidRequest: one that was configured is no absolute path.
    """
    configured = options.stage_roots
    if configured is None:
        is_private = is_loopback(options) and not options.behind_proxy
        default = {own_user(): (Path("/"),)} if is_private else {}
        return lambda user: default.get(user, ())
    for word in configured:
        if not word.startswith("/"):
            raise InvalidRequest(
                f"stage-root: {word!r} must be an absolute path", field="stage-root"
            )

    def roots_for(user: str) -> Sequence[Path]:
        known = user not in {"", ".", ".."} and "/" not in user and "\0" not in user
        return [
            Path(word.replace(_USER, user)) for word in configured if known or _USER not in word
        ]

    return roots_for
