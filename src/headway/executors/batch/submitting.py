"""Follows attempts from the moment on that they are handed over: before that, where an answer can be lost, too."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from headway.core.model.names import NativeId, Tag
from headway.core.model.state import State
from headway.core.ports.executor import Launch, Observation, Refusal
from headway.executors.batch.entries import Entry, Followed
from headway.executors.batch.handing import Handed, Handing, tags_of
from headway.executors.batch.site import Site
from headway.executors.batch.taking_up import own_id

_NOT_YET: Final = datetime.max.replace(tzinfo=UTC)  #: no listing can be expected to have it


class Submitting:
    """Hands attempts over that are not followed yet.

    Args:
        say: called with what the scheduler has answered, before that is written beside the attempts.
    """

    def __init__(
        self, site: Site, handing: Handing, *, say: Callable[[Sequence[Observation]], None]
    ) -> None:
        self._handing = handing
        self._dialect = site.dialect
        self._records = site.records
        self._entries = site.entries
        self._clock = site.clock
        self._say = say

    async def submit(self, launches: Sequence[Launch]) -> Sequence[Refusal]:
        """Submit; on return the scheduler has answered for each with an id, or refused it.

        Raises:
            ExecutorUnavailable: not known which of them arrived.
        """
        new = [one for one in launches if all(self._entries.get(t) is None for t in tags_of(one))]
        for launch in new:
            self._expect(launch)
        answered: set[Tag] = set()
        try:
            handed = await self._handing.hand_over(new)
            answered = {*handed.answers, *handed.followed}
            self._follow(handed.followed)
            await self._keep_answers(new, handed)
        finally:
            for launch in new:
                if launch.tag not in answered:
                    self._drop(tags_of(launch))
        if handed.trouble is not None:
            raise handed.trouble
        return handed.refusals

    def _expect(self, launch: Launch) -> None:
        if not launch.elements:
            self._entries.add(Entry(launch.tag, base=launch.tag, since=_NOT_YET))
        for index, element in enumerate(launch.elements):
            tag = element.tag
            self._entries.add(Entry(tag, base=tag, since=_NOT_YET, home=launch.tag, element=index))

    def _drop(self, tags: Iterable[Tag]) -> None:
        for tag in tags:
            entry = self._entries.get(tag)
            if entry is not None:
                self._entries.drop(entry)

    def _follow(self, followed: Mapping[Tag, Followed]) -> None:
        for tag, one in followed.items():
            entry = self._entries.get(tag)
            if entry is not None:
                self._entries.follow(entry, one)

    async def _keep_answers(self, launches: Sequence[Launch], handed: Handed) -> None:
        """Have what the scheduler answered told, and written beside the attempts."""
        followed = {tag: one.native_id for tag, one in handed.followed.items()}
        answers = {**handed.answers, **followed}
        if not answers:
            return
        now = self._clock.now()
        for launch in launches:
            if launch.tag in answers:
                self._say(self._answered(tags_of(launch), answers[launch.tag], now))
        await self._records.write_submitted(handed.answers, handed.followed)

    def _answered(
        self, tags: Sequence[Tag], native_id: NativeId, now: datetime
    ) -> list[Observation]:
        news: list[Observation] = []
        for tag in tags:
            entry = self._entries.get(tag)
            if entry is None:
                continue
            entry.native_id = entry.native_id or own_id(self._dialect, entry, native_id)
            entry.since = now
            if entry.told is None:
                own = entry.native_id
                seen = Observation(tag=tag, state=State.QUEUED, native_id=own, at=now)
                news += entry.news(seen)
        return news
