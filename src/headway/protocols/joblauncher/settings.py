"""What an administrator chooses for this protocol; the configuration file's table ``[joblauncher]``."""

from collections.abc import Mapping

import msgspec

from headway.core.errors import InvalidRequest
from headway.core.model.spec import Deletion


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How requests become jobs.

    Attributes:
        strict: bring the files before answering, and refuse the request when that fails; else the job fails later.
        cluster: where jobs run; None for the default one.
        queue: of that cluster; None for its own choice.
        run_limit_s: a job that runs for longer is ended; None for no limit.
        total_limit_s: a job that has not ended so long after its submission, waiting included, is ended; None for no limit.
        delete: which sandboxes are deleted. This protocol's clients never see one, so all are that were fetched from.
        keep_s: for how long after the job's end a sandbox that is to be deleted stays.
    """

    strict: bool = False
    cluster: str | None = None
    queue: str | None = None
    run_limit_s: float | None = None
    total_limit_s: float | None = None
    delete: Deletion = Deletion.ALWAYS
    keep_s: float = 0.0


def read_settings(given: Mapping[str, object]) -> Settings:
    """Read the settings.

    Raises:
        InvalidRequest: one that is not known, or of the wrong kind; the message names it.
    """
    try:
        settings = msgspec.convert(given, Settings)
    except msgspec.ValidationError as error:
        raise InvalidRequest(f"joblauncher: {error}", field="joblauncher") from None
    for name in ("run_limit_s", "total_limit_s"):
        limit_s = getattr(settings, name)
        if limit_s is not None and limit_s <= 0:
            raise InvalidRequest(f"joblauncher: {name} must be above 0", field=name)
    if settings.keep_s < 0:
        raise InvalidRequest("joblauncher: keep_s must not be below 0", field="keep_s")
    return settings
