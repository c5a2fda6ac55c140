"""Where attempts' directories are."""

from collections import Counter

from headway.core.model.names import JobId, tag_of
from headway.executors.batch.place import Places
from headway.lib.ids import uuid7

PLACES = Places("/shared/")
NS = 1_000_000_000
BEGIN_NS = 1_750_000_000 * NS


def shard(at_ns: int, bits: int = 0) -> str:
    job_id = JobId(uuid7(time_ns=at_ns, random_bits=bits))
    root, shard, tag = PLACES.of(tag_of(job_id, 1)).rsplit("/", 2)
    assert (root, tag) == ("/shared", f"{job_id}.1")
    return shard


def test_what_is_submitted_together_shares_a_directory() -> None:
    # sixteen in a tenth of a second: one directory, or two where a new one begins just then
    for second in range(0, 1000, 7):
        begun_ns = BEGIN_NS + second * NS
        assert len({shard(begun_ns + n * NS // 160, n * 7919) for n in range(16)}) <= 2


def test_in_the_long_run_all_directories_are_used_alike() -> None:
    used = Counter(shard(BEGIN_NS + second * NS) for second in range(4 * 256 * 100))
    assert len(used) == 256
    assert max(used.values()) < 1.2 * min(used.values())
