"""Why a job is where it is, asked for by both clients."""

import pytest

from headway import AsyncClient, Client, NotFound
from headway.testing.server import ServerProcess


def test_a_failed_job_says_how_and_what_to_do(client: Client) -> None:
    job = client.wait(client.submit(["sh", "-c", "echo gone >&2; exit 3"]).id, timeout_s=60)
    told = client.why(job.number)
    assert (told.headline, told.last_lines) == ("It ended with exit code 3.", ("gone",))
    assert told.advice is not None
    assert told.advice.endswith(f"headway retry {job.number}")


def test_a_cluster_that_has_no_text_of_its_own_has_none_to_be_found(client: Client) -> None:
    with pytest.raises(NotFound, match="no more to say"):
        client.native(client.submit(["true"]).id)


@pytest.mark.anyio
async def test_the_client_for_coroutines_asks_the_same(server: ServerProcess) -> None:
    async with AsyncClient(server.url) as headway:
        job = await headway.submit_report(name="x")
        assert (await headway.why(job.id)).headline == "It is running."
        with pytest.raises(NotFound):
            await headway.native(job.id, attempt=1)
