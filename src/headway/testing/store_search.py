"""What a Store promises about searching: words that jobs have, saved filters, and which jobs left a list."""

from typing import Final

from msgspec.structs import replace

from headway.core.model.change import Change
from headway.core.model.condition import Field
from headway.core.model.names import Cluster, JobId, Seq
from headway.core.model.saved_filter import SavedFilter
from headway.core.model.selection import Selection, Visibility
from headway.core.model.state import State
from headway.core.ports.store import Store
from headway.testing.fakes import NOON
from headway.testing.samples import ALL, a_job, job_id
from headway.testing.store_writes import LATER, stored

ACTIVE: Final = Selection(states=frozenset({State.ACCEPTED, State.RUNNING}))


def _filter(name: str, **fields: str) -> SavedFilter:
    plain = {"user": "ada", "name": name, "q": "state:failed"}
    return SavedFilter(**plain | fields, created=NOON)


class Searching:
    """Each test takes an empty store."""

    async def test_words_are_given_once_by_their_beginning_in_their_order(
        self, store: Store
    ) -> None:
        for number, name in enumerate(["calib-2", "calib-1", "Calib", "", "calib-1", "d"], 1):
            await stored(store, a_job(number, name=name, labels=("a", name or "b")))
        assert await store.words(Field.NAME, "cal", ALL, limit=9) == ["calib-1", "calib-2"]
        assert await store.words(Field.NAME, "", ALL, limit=2) == ["Calib", "calib-1"]
        assert await store.words(Field.LABEL, "", ALL, limit=3) == ["Calib", "a", "b"]
        assert await store.words(Field.NAME, "zz", ALL, limit=9) == []

    async def test_words_are_those_of_jobs_that_may_be_seen(self, store: Store) -> None:
        fields = {"name": "mine", "labels": ("x",), "cluster": Cluster("local"), "project": "p"}
        await stored(store, a_job(1, **fields))
        await stored(store, a_job(2, name="other", owner="grace", labels=("y",), protocol="mwa"))
        own = Visibility(owner="ada")
        for field, words in (
            (Field.NAME, ["mine"]),
            (Field.LABEL, ["x"]),
            (Field.OWNER, ["ada"]),
            (Field.CLUSTER, ["local"]),
            (Field.PROJECT, ["p"]),
            (Field.PROTOCOL, ["rest"]),
            (Field.STATUS_TEXT, []),
        ):
            assert await store.words(field, "", own, limit=9) == words
            assert await store.words(field, "", Visibility(), limit=9) == []
        assert await store.words(Field.OWNER, "", ALL, limit=9) == ["ada", "grace"]
        assert await store.words(Field.PROTOCOL, "", ALL, limit=9) == ["mwa", "rest"]

    async def test_filters_are_kept_replaced_and_dropped_for_each_user(self, store: Store) -> None:
        await store.write(Change(filters=(_filter("b"), _filter("a"), _filter("a", user="grace"))))
        assert await store.filters("ada") == [_filter("a"), _filter("b")]
        await store.write(Change(filters=(_filter("a", q="x"),), dropped_filters=(("ada", "b"),)))
        assert await store.filters("ada") == [_filter("a", q="x")]
        assert await store.filters("grace") == [_filter("a", user="grace")]
        await store.write(Change(dropped_filters=(("ada", "never"),)))
        assert await store.filters("nobody") == []

    async def test_a_commit_tells_what_each_job_was(self, store: Store) -> None:
        job = await stored(store, a_job(1))
        moved = job.moved_to(State.RUNNING, at=LATER)
        written = await store.write(
            Change(jobs=(moved, a_job(2), moved.changed(at=LATER, url="u")))
        )
        assert written.before == (job, None, replace(moved, seq=written.seq))

    async def test_a_client_is_told_which_jobs_left_its_list(self, store: Store) -> None:
        left = await stored(store, a_job(1))
        stays = await stored(store, a_job(2))
        part = await stored(store, a_job(3, parent=left.id))
        other = await stored(store, a_job(4, owner="grace"))
        seq = store.last_seq()
        for job in (left, part, other):
            await store.write(Change(jobs=(job.moved_to(State.SUCCEEDED, at=LATER),)))
        await store.write(Change(jobs=(stays.moved_to(State.RUNNING, at=LATER),)))
        await stored(store, a_job(5, state=State.CANCELLED))
        assert await self.gone(store, seq, ACTIVE, Visibility(owner="ada")) == [left.id]
        assert await self.gone(store, seq, ACTIVE, ALL) == [left.id, other.id]
        everything = Selection(children=True, hidden=True)
        assert await self.gone(store, seq, everything, ALL) == []
        in_active = replace(ACTIVE, children=True)
        assert await self.gone(store, seq, in_active, ALL) == [left.id, part.id, other.id]
        assert await store.changed_since(seq, ACTIVE, ALL, job=None, limit=2) is None
        missed = await store.changed_since(seq, ACTIVE, ALL, job=job_id(1), limit=9)
        assert missed is not None
        assert [(one.gone, len(one.jobs)) for one in missed] == [((), 1)]

    async def gone(
        self, store: Store, seq: Seq, selection: Selection, visibility: Visibility
    ) -> list[JobId]:
        """Read which jobs left a list."""
        missed = await store.changed_since(seq, selection, visibility, job=None, limit=9)
        assert missed is not None
        return [job for one in missed for job in one.gone]
