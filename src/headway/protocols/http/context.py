"""What every HTTP protocol is given beside the core."""

import msgspec

from headway.protocols.http.identity import IdentitySettings


class HttpContext(msgspec.Struct, frozen=True, kw_only=True):
    """Made once by headway.app.wiring.

    Attributes:
        identity: how callers are recognised.
        version: Headway's own, for documents and headers.
    """

    identity: IdentitySettings
    version: str = "0"
