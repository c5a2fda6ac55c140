"""What a function gave back."""

from typing import Final

import msgspec

from headway.lib.jsonvalue import JsonValue

JSON: Final = "application/json"
PICKLE: Final = "application/vnd.python.pickle"

#: The one key of what a document has in the place of a result that is kept beside it.
OPAQUE: Final = "$opaque"

#: A result that is longer, or is no JSON, is not in the job's document: that only says where it is.
MOST_SHOWN_BYTES: Final = 16 << 10
MOST_BYTES: Final = 64 << 20


class Returned(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A result as it came from the worker: JSON, or a pickle which the server never opens.

    Attributes:
        media_type: ``JSON`` or ``PICKLE``.
        type: the Python type's name.
    """

    data: bytes
    media_type: str = JSON
    type: str = ""

    @property
    def shown(self) -> JsonValue:
        """Give what the job's document has as the result: the value itself, or what it is and how long."""
        if self.media_type == JSON and len(self.data) <= MOST_SHOWN_BYTES:
            value: JsonValue = msgspec.json.decode(self.data)
            return value
        return {
            OPAQUE: {
                "media_type": self.media_type,
                "type": self.type,
                "bytes": len(self.data),
            }
        }

    @property
    def is_shown(self) -> bool:
        """Tell whether the document has all of it, so that nothing else need be kept."""
        return self.media_type == JSON and len(self.data) <= MOST_SHOWN_BYTES
