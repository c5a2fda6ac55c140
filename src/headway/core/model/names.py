"""Ids as types, so that one cannot be given for another."""

from typing import NewType

JobId = NewType("JobId", str)  #: a UUIDv7 as 36 characters
WorkerId = NewType("WorkerId", str)  #: any text, unique in its job
NativeId = NewType("NativeId", str)  #: an executor's own id; may be recycled, so never a key
GroupId = NewType(
    "GroupId", str
)  #: any text of 1 to 200 characters, unique among its owner's groups
Cluster = NewType("Cluster", str)  #: the name of a configured executor
Tag = NewType("Tag", str)  #: what we put on a native job to find it again: job id and attempt
Seq = NewType("Seq", int)  #: the global change sequence, 1 and up


def tag_of(job_id: JobId, attempt: int) -> Tag:
    """Give the tag of one attempt of a job."""
    return Tag(f"{job_id}.{attempt}")


def job_of_tag(tag: Tag) -> tuple[JobId, int]:
    """Read a tag back into the job's id and the attempt's number."""
    job_id, _, attempt = tag.rpartition(".")
    return JobId(job_id), int(attempt)
