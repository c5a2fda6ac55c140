"""A job's addresses as this request's sender can reach them."""

from typing import Final

from headway.core.model.job import Job
from headway.protocols.http.urls import base_url
from headway.protocols.rest.call import Call
from headway.protocols.rest.wire.documents import Links
from headway.protocols.rest.wire.render import links_of

PREFIX: Final = "/api/v1"


def links(call: Call, job: Job) -> Links:
    """Give a job's links for the sender of this call."""
    root = base_url(call.scope, call.core.settings.public_url)
    return links_of(job, root=root, api=f"{root}{PREFIX}")
