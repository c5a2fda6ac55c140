"""How the command is called here."""

import shlex
import shutil
import sys

from headway.cli.commands import PROG


def headway_words() -> str:
    """Give what a user has to type for ``headway``, where that may not be on the PATH."""
    return PROG if shutil.which(PROG) else f"{shlex.quote(sys.executable)} -m headway"
