"""Why a server has not answered."""

import socket
import threading
from typing import Final
from urllib.parse import urlsplit

_LOOK_FOR_S: Final = 1.0  # what waits for this is the user's own command


def silence_words(url: str) -> str:
    """Say why nothing is heard of a server: its host's name may be wrong, or it may only be late."""
    host = urlsplit(url).hostname or ""
    found: list[str] = []

    def look() -> None:
        try:
            socket.getaddrinfo(host, None)
        except OSError as error:
            found.append(error.strerror or str(error))
        except UnicodeError:
            found.append("this is no name of a host")

    thread = threading.Thread(target=look, daemon=True)  # a name server may take its time
    thread.start()
    thread.join(_LOOK_FOR_S)
    if found:
        return f"nothing is reported: the host {host} of {url} cannot be found ({found[0]})"
    return f"{url} does not answer yet"
