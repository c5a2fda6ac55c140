"""Starting a server that may die before it answers: some points are come to while it starts."""

from tests.faults.server.patience import eventually

from headway.testing.server import ServerProcess


def has_begun(dying: ServerProcess) -> bool:
    """Start a server; tell whether it came so far as to answer."""
    dying.launch()
    eventually(lambda: dying.answers() or dying.exit_code is not None, what="a start or its end")
    return bool(dying.url)
