"""Where an attempt's files are on the cluster. Pure: paths are text, with "/" on every cluster."""

from typing import Final

from headway.core.model.names import Tag, job_of_tag
from headway.core.ports.executor import Stream

#: Where in a job's id, which begins with the milliseconds of its time (lib/ids.py), the digits are that change every four seconds
#: and every minute: jobs that are handed over together share a directory to be made durable, and in the long run all 256 are used alike.
_SHARD: Final = (slice(7, 8), slice(9, 10))


class Places:
    """The directory of a cluster that its nodes see, and the directories of attempts in it.

    Args:
        root: absolute, on a file system that the submitting host and all nodes share.
    """

    def __init__(self, root: str) -> None:
        self.root = root.rstrip("/") or "/"

    def wrapper(self, suffix: str, digest: str) -> str:
        """Give the path of the wrapper: one of each content for all attempts."""
        return f"{self.root}/lib/wrapper-{digest}{suffix}"

    def of(self, tag: Tag) -> str:
        """Give an attempt's directory. The shard is the time of the job's id: what is handed over together is in one."""
        job_id, _ = job_of_tag(tag)
        return f"{self.root}/{''.join(job_id[at] for at in _SHARD)}/{tag}"

    def file(self, tag: Tag, name: str, run: int = 0) -> str:
        """Give the path of one of an attempt's files, of its first run or of a later one."""
        return named(self.of(tag), name, run)

    def elements(self, home: Tag) -> str:
        """Give the path of the list of an array's elements; ``home`` is the tag that it was submitted as."""
        return f"{self.arrays}/{home}"

    @property
    def arrays(self) -> str:
        """The directory of all such lists."""
        return f"{self.root}/arrays"

    def relative(self, tag: Tag) -> str:
        """Give an attempt's directory below the root."""
        return self.of(tag).removeprefix(f"{self.root}/")

    def log(self, tag: Tag, stream: Stream, run: int = 0) -> str:
        """Give the path of what the job wrote."""
        return self.file(tag, stream.value, run)


def named(directory: str, name: str, run: int = 0) -> str:
    """Give the path of one of the files in an attempt's directory, see ``Places.file``."""
    return f"{directory}/{name}.{run}" if run else f"{directory}/{name}"


SCRIPT: Final = "script"  #: what the scheduler starts
JOB: Final = "job"  #: what becomes the user's program
SCHEDULER: Final = "scheduler"  #: what the scheduler itself writes
SUBMITTED: Final = "submitted"  #: the native id, once the scheduler has answered
STARTED: Final = "started"
ENDED: Final = "ended"
