"""What is raised in a function that is to end."""


class JobCancelled(BaseException):
    """The job was cancelled, or its time is over: tidy up and let this pass. After a time of grace the worker is killed.

    No ``Exception``, so that code which goes on after whatever went wrong does not go on after this.
    """
