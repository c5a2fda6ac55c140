"""Contexts: what moi called the clusters that functions run on."""

from collections.abc import Iterator, Mapping
from typing import Final

from typing_extensions import override

from headway.moi.configuration import Configuration, read_configuration
from headway.moi.service import Service, service


class Context:
    """A cluster, by the name that $MOI_CONFIG_FP or the server has for it."""

    def __init__(self, profile: str) -> None:
        self.name = profile

    @override
    def __repr__(self) -> str:
        return f"Context({self.name!r})"


class Contexts(Mapping[str, Context]):
    """All contexts: those that $MOI_CONFIG_FP names, or else all that the server has. Looked up when first asked for.

    Args:
        asked: the server; None for the one that the process means.
    """

    def __init__(self, asked: Service | None = None) -> None:
        self._asked = asked
        self._known: dict[str, Context] = {}
        self._clusters: dict[str, str] = {}

    @override
    def __getitem__(self, name: str) -> Context:
        return self._looked_up()[name]

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._looked_up())

    @override
    def __len__(self) -> int:
        return len(self._looked_up())

    def chosen(self, context: str | Context) -> Context:
        """Give the context that is meant; the default one for one that is not known."""
        if isinstance(context, Context):
            return context
        return self.get(context) or Context(default_context())

    def cluster(self, context: Context) -> str | None:
        """Give the server's name for a context's cluster; None, its own choice, where it has none of that name."""
        self._looked_up()
        return self._clusters.get(context.name)

    def _looked_up(self) -> dict[str, Context]:
        if not self._known:
            configuration: Configuration = read_configuration()
            self._clusters = (self._asked or service()).contexts()
            names = configuration.contexts or tuple(self._clusters)
            self._known = {name: Context(name) for name in names}
        return self._known


def default_context() -> str:
    """Give the name of the context that is taken when none is said.

    Raises:
        InvalidRequest: $MOI_CONFIG_FP cannot be read.
    """
    return read_configuration().default


#: All contexts of this process.
ctxs: Final = Contexts()
