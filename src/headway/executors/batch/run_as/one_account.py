"""A batch executor for the jobs of one account: all that it does there is done as that account, but for listing."""

from collections.abc import Mapping, Sequence
from typing import Any

from typing_extensions import override

from headway.core.ports.executor import Observation
from headway.executors.batch.executor import BatchExecutor, one_attempt_each
from headway.executors.batch.gravity import judged
from headway.executors.batch.native import Listing
from headway.executors.batch.run_as.listings import ListingOfAll, Listings


class OneAccount(BatchExecutor):
    """Follows what its own account has in the scheduler; what others have put under its marks is not there to it.

    Args:
        account: the account's name.
        listings: asked instead of the scheduler itself.
        settings: those of BatchExecutor.
    """

    def __init__(self, account: str, listings: Listings, settings: Mapping[str, Any]) -> None:
        super().__init__(**settings)
        self._account = account
        self._listings = listings
        self._pace = listings.pace
        self._wake = listings.wake

    @override
    async def _list(self) -> Listing:
        return self._own(await self._listings.fresh())

    async def hear(self, listing: ListingOfAll) -> None:
        """Follow what a listing of all accounts says.

        Raises:
            ExecutorUnavailable: this account's jobs were not listed, or its directories could not be looked into.
        """
        await self._look(self._own(listing))

    def _own(self, listing: ListingOfAll) -> Listing:
        own = listing.of(self._account)
        return Listing(rows=judged(own.rows, self._dialect.name), asked=own.asked)

    async def greet(self) -> None:
        """See that something can still be done as this account.

        Raises:
            NoAccount: nothing can be.
            ExecutorUnavailable: not now.
        """
        await self._transport.start()

    def take_news(self) -> Sequence[Observation]:
        """Give what is new, and not again; of each job one attempt's."""
        news, self._news = one_attempt_each(self._news)
        return news

    @property
    def has_jobs(self) -> bool:
        """Tell whether there is anything to be followed."""
        return bool(len(self._entries))
