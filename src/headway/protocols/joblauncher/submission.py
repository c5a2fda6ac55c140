"""A request as what the core is asked to make."""

from headway.core.model.callback import Callback
from headway.core.model.names import Cluster
from headway.core.model.spec import Attributes, Spec
from headway.core.operations.submit import Submission
from headway.protocols.joblauncher.settings import Settings
from headway.protocols.joblauncher.wire.document import WORDS_NAME, kept_of
from headway.protocols.joblauncher.wire.request import Request
from headway.protocols.joblauncher.wire.staging import sandbox_of


def submission_of(request: Request, settings: Settings) -> Submission:
    """Give the job that is asked for; people know it by its directory's name.

    Raises:
        InvalidRequest: see ``sandbox_of``.
    """
    url = request.status_callback_url
    return Submission(
        name=request.jobdir.rstrip("/").rpartition("/")[2],
        spec=Spec(
            command=(request.executable, *request.arguments),
            environment=request.environment,
            sandbox=sandbox_of(request, delete=settings.delete, keep_s=settings.keep_s),
            attributes=Attributes(
                duration=settings.run_limit_s,
                total_duration=settings.total_limit_s,
                queue_name=settings.queue,
            ),
            native={WORDS_NAME: kept_of(request)},
        ),
        cluster=None if settings.cluster is None else Cluster(settings.cluster),
        callbacks=() if url is None else (Callback(url=url, words=WORDS_NAME),),
    )
