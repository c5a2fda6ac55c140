"""The file that $MOI_CONFIG_FP names: which contexts there are, and where the server is."""

import configparser
from pathlib import Path
from typing import Final

import msgspec

from headway.core.errors import InvalidRequest
from headway.sdk.environment import environment

VARIABLE: Final = "MOI_CONFIG_FP"
DEFAULT: Final = "default"


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """What the file says. Its section [redis] is for programs that moi itself serves: Headway keeps things elsewhere.

    Attributes:
        contexts: [ipython] context, a list with commas.
        default: [ipython] default, the one that is taken when none or an unknown one is said.
        url: [headway] url, the server; empty for the user's own running one, or what HEADWAY_URL says.
    """

    contexts: tuple[str, ...] = ()
    default: str = DEFAULT
    url: str = ""


def read_configuration() -> Configuration:
    """Read the file, where there is one.

    Raises:
        InvalidRequest: $MOI_CONFIG_FP names a file that cannot be read.
    """
    named = environment().get(VARIABLE)
    if not named:
        return Configuration()
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(Path(named).read_text("utf-8"))
    except (OSError, UnicodeError, configparser.Error) as error:
        raise InvalidRequest(f"${VARIABLE}: {named} cannot be read: {error}") from error
    said = parser.get("ipython", "context", fallback="")
    contexts = tuple(name.strip() for name in said.split(",") if name.strip())
    return Configuration(
        contexts=contexts,
        default=parser.get("ipython", "default", fallback=next(iter(contexts), DEFAULT)).strip(),
        url=parser.get("headway", "url", fallback="").strip(),
    )
