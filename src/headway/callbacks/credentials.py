"""MAC credentials and the receivers that they are for."""

from typing import Self

import msgspec

from headway.core.errors import InvalidRequest
from headway.core.model.callback import check_url, place_of
from headway.lib.mac_auth import MacCredentials


class ScopedCredentials(msgspec.Struct, frozen=True, kw_only=True):
    """Credentials for one host and port, over http and https alike."""

    credentials: MacCredentials
    host: str
    port: int

    @classmethod
    def of(cls, *, id: str, key: str, scope: str, algorithm: str = "hmac-sha-1") -> Self:  # noqa: A002 -- the setting's own name
        """Read settings; ``scope`` is an address, of which host and port count.

        Raises:
            InvalidRequest: one of them cannot be used; the message does not repeat the key.
        """
        check_url(scope, field="scope")
        _, host, port = place_of(scope)
        try:
            credentials = MacCredentials(id=id, key=key, algorithm=algorithm)
        except ValueError as error:
            raise InvalidRequest(str(error), field="macs") from None
        return cls(credentials=credentials, host=host, port=port)

    def covers(self, host: str, port: int) -> bool:
        """Tell whether a receiver is the one that these are for."""
        return host == self.host and port == self.port
