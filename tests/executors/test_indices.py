"""An array's elements find their own indices under the scheduler's name too, as scripts have always read them."""

from pathlib import Path

from tests.rigs.sge import GridEngine
from tests.rigs.slurm import Slurm

from headway.sdk.client import Client
from headway.sdk.model.jobs import JobSummary
from headway.testing.server import running_server

_PATIENCE_S = 60.0


def beside(kind: str, place: Path) -> tuple[str, str]:
    """Give a server's arguments for such a cluster, which is listed often."""
    config = place.with_name(f"{kind}.toml")
    config.write_text(f"[cluster.{kind}]\nkind = '{kind}'\nadopt = false\nlist_every_s = 0.5\n")
    return ("--config", str(config))


def the_same_as_ours(client: Client, cluster: str, variable: str) -> None:
    """Run an array of which one element fails, and that element again by itself."""
    script = f'echo "${variable} $HEADWAY_ARRAY_INDEX"; test "${variable}" != 5'
    array = client.submit(["sh", "-c", script], cluster=cluster, array={"indices": "4-6"})
    client.wait(array.id, timeout_s=_PATIENCE_S)
    elements = {each.index: each for each in client.jobs(parent=array.id)}
    assert {index: each.state for index, each in elements.items()} == {
        4: "succeeded",
        5: "failed",
        6: "succeeded",
    }
    assert {index: said(client, each) for index, each in elements.items()} == {
        4: b"4 4\n",
        5: b"5 5\n",
        6: b"6 6\n",
    }
    client.retry(elements[5].id)
    again = client.wait(elements[5].id, timeout_s=_PATIENCE_S)
    assert (again.attempt, said(client, again)) == (2, b"5 5\n")


def said(client: Client, job: JobSummary) -> bytes:
    return client.log(job.id)


def test_an_element_finds_its_index_in_slurms_own_variable(slurm: Slurm, tmp_path: Path) -> None:
    with (
        running_server(
            tmp_path, arguments=beside("slurm", tmp_path), environment=slurm.environment
        ) as server,
        Client(server.url) as client,
    ):
        the_same_as_ours(client, "slurm", "SLURM_ARRAY_TASK_ID")


def test_an_element_finds_its_index_in_grid_engines_own_variable(
    sge: GridEngine, tmp_path: Path
) -> None:
    with (
        running_server(
            tmp_path, arguments=beside("sge", tmp_path), environment=sge.environment
        ) as server,
        Client(server.url) as client,
    ):
        the_same_as_ours(client, "sge", "SGE_TASK_ID")
