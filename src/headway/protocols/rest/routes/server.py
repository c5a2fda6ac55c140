"""The server itself: its clusters, and what it keeps."""

from typing import Final

from headway.core.operations.clusters import ClusterState, find_clusters
from headway.core.operations.storage import read_storage
from headway.protocols.http.problems import Answer
from headway.protocols.rest.answers import json_answer
from headway.protocols.rest.call import Call
from headway.protocols.rest.reading import QueryReader
from headway.protocols.rest.table import Row
from headway.protocols.rest.wire.server import (
    ClusterDocument,
    ClustersDocument,
    ClustersQuery,
    StorageDocument,
    TroubleDocument,
)

_CLUSTERS: Final = QueryReader(ClustersQuery)


async def list_clusters(call: Call) -> Answer:
    """GET /clusters."""
    query = call.query(_CLUSTERS)
    found = await find_clusters(call.core, actor=call.actor, in_trouble=query.health is not None)
    shown = [
        ClusterDocument(
            name=one.name,
            kind=one.kind,
            health=one.health.value,
            detail=one.detail,
            trouble=_trouble(one),
            accepted=one.accepted,
            queued=one.queued,
            running=one.running,
            room=one.room,
            runs_as=one.runs_as,
            adopts=one.adopts,
            others=one.others,
        )
        for one in found
    ]
    return json_answer(ClustersDocument(clusters=shown))


def _trouble(cluster: ClusterState) -> TroubleDocument | None:
    found = cluster.trouble
    if found is None:
        return None
    return TroubleDocument(
        what=found.what.value, since=found.since, concerns_you=cluster.concerns_actor
    )


async def show_storage(call: Call) -> Answer:
    """GET /storage."""
    found = await read_storage(call.core, actor=call.actor)
    return json_answer(
        StorageDocument(
            jobs=found.jobs,
            tokens=found.tokens,
            database_bytes=found.footprint.bytes,
            reusable_bytes=found.footprint.reusable_bytes,
            disk_bytes=found.footprint.disk_bytes,
            disk_free_bytes=found.footprint.disk_free_bytes,
        )
    )


ROWS: Final = (
    Row(
        method="GET",
        path="/clusters",
        name="listClusters",
        tag="server",
        summary="List where jobs run, how many wait and run there, and whether all is well.",
        handler=list_clusters,
        query=ClustersQuery,
        answers=(ClustersDocument,),
    ),
    Row(
        method="GET",
        path="/storage",
        name="readStorage",
        tag="server",
        summary="Tell how much the server keeps, and how much room is left. For admins.",
        handler=show_storage,
        answers=(StorageDocument,),
    ),
)
