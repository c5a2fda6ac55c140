"""Deliveries as the open transaction has them: their revisions, so that of two changes of one the second is refused."""

from typing import Final

from headway.core.errors import Conflict, NotFound
from headway.core.model.delivery import Delivery
from headway.core.model.names import Seq
from headway.stores.sql import statements
from headway.stores.sql.database import Database
from headway.stores.sql.delivery_rows import delivery_changes
from headway.stores.sql.draft import Draft

_REV: Final = "SELECT rev FROM delivery WHERE seq = ? AND place = ?"


class Outbox:
    """What is known of deliveries until the commit."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._revs: dict[tuple[Seq, int], int] = {}

    def update(self, draft: Draft, delivery: Delivery) -> None:
        """Plan the change of a delivery.

        Raises:
            Conflict: its stored revision is not one less.
            NotFound: there is none.
        """
        key = (delivery.seq, delivery.place)
        rev = draft.delivery_revs.get(key) or self._revs.get(key) or self._stored(key)
        if rev != delivery.rev - 1:
            raise Conflict(
                f"callback {delivery.place} of event {delivery.seq} is stored as rev {rev};"
                f" rev {delivery.rev} cannot follow"
            )
        draft.delivery_revs[key] = delivery.rev
        draft.add(statements.UPDATE_DELIVERY, (*delivery_changes(delivery), *key))

    def keep(self, draft: Draft) -> None:
        """Know what a plan that stands has made of deliveries."""
        self._revs |= draft.delivery_revs

    def clear(self) -> None:
        """Hear that the transaction is over."""
        self._revs.clear()

    def _stored(self, key: tuple[Seq, int]) -> int:
        row = self._database.execute(_REV, key).fetchone()
        if row is None:
            raise NotFound(f"event {key[0]} has no callback {key[1]}")
        rev: int = row[0]
        return rev
