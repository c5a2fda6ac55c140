"""What a scheduler is asked to run: always our script, never the user's command line itself."""

from collections.abc import Mapping

import msgspec

from headway.core.model.spec import Attributes, Resources


class Elements(msgspec.Struct, frozen=True, kw_only=True):
    """An array's elements: their indices, and how many may run at once (None: as many as there is room for)."""

    indices: tuple[int, ...]
    at_once: int | None = None


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One submission. All paths are absolute, on the cluster, and hold no newline or NUL.

    Attributes:
        mark: what ``Dialect.mark`` gave; it must come back in every listing.
        name: the job's name as its user gave it: hostile text, to be cleaned for the scheduler.
        script: the path of the batch script; it takes no arguments, and sends the job's own output where it belongs.
        text: what it says. A command that reads this instead needs no file at the path, and there is none.
        output: where the scheduler's own words go, standard output and standard error together. Of an array each element has a
            file of its own, with ``.`` and its index as the scheduler counts behind the path.
        directory: where the script is started; it is there.
        native: the scheduler's own options by name without dashes, ``{"constraint": "gpu"}``, from
            ``attributes.custom_attributes`` with the dialect's name before them; "" for an option without a value.
    """

    mark: str
    name: str
    script: str
    output: str
    directory: str
    text: bytes = b""
    resources: Resources = Resources()
    attributes: Attributes = Attributes()
    elements: Elements | None = None
    native: Mapping[str, str] = msgspec.field(default_factory=dict)
