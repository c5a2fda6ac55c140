"""What every HTTP protocol is given beside the core."""

import msgspec

from headway.protocols.http.identity import IdentitySettings
from headway.protocols.http.live.hub import Hub


class HttpContext(msgspec.Struct, frozen=True, kw_only=True):
    """Made once by headway.app.wiring.

    Attributes:
        identity: how callers are recognised.
        hub: all live clients of the core's store.
        version: Headway's own, for documents and headers.
    """

    identity: IdentitySettings
    hub: Hub
    version: str = "0"
