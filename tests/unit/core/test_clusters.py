"""What is told of clusters that are in trouble, and whom it concerns."""

from pathlib import Path

import msgspec
import pytest

from headway.app.clusters import make_executors
from headway.app.data_dir import make_data_dir
from headway.app.options import ClusterOptions, ServeOptions
from headway.app.trouble import Troubles, ailment_of
from headway.core.core import Core
from headway.core.errors import (
    ExecutorSlow,
    ExecutorUnavailable,
    HeadwayError,
    InvalidRequest,
)
from headway.core.model.job import Kind
from headway.core.model.names import Cluster
from headway.core.model.principal import Principal, Scope
from headway.core.model.spec import Spec
from headway.core.model.trouble import Ailment, Trouble
from headway.core.operations.clusters import find_clusters
from headway.core.operations.submit import Submission, submit
from headway.plugins import PluginError
from headway.testing.fakes import NOON, FakeClock

pytestmark = pytest.mark.anyio

BOB = Principal(name="bob", scopes=frozenset({Scope.READ}), via="token")


async def test_who_has_jobs_on_a_cluster_in_trouble_is_concerned_and_nobody_else(
    core: Core, alice: Principal
) -> None:
    work = Submission(spec=Spec(command=("/bin/true",)))
    await submit(core, actor=alice, protocol="rest", submission=work)
    away = Trouble(words="it is away", since=NOON, what=Ailment.DOWN)
    core.troubles["cluster local"] = away
    (hers,) = await find_clusters(core, actor=alice, in_trouble=True)
    (his,) = await find_clusters(core, actor=BOB, in_trouble=True)
    assert (hers.trouble, hers.detail, hers.accepted) == (away, "it is away", 1)
    assert (hers.concerns_actor, his.concerns_actor) == (True, False)


async def test_of_those_in_trouble_there_are_none_while_all_is_well(
    core: Core, alice: Principal
) -> None:
    core.troubles["callbacks"] = Trouble(words="nobody listens", since=NOON)
    assert await find_clusters(core, actor=alice, in_trouble=True) == []
    assert len(await find_clusters(core, actor=alice)) == 1


def test_a_trouble_is_as_old_as_its_beginning_whatever_is_said_of_it_since(
    clock: FakeClock,
) -> None:
    kept: dict[str, Trouble] = {}
    troubles = Troubles(kept, clock=clock)
    troubles.note("cluster a", "it hangs", Ailment.SLOW)
    clock.advance(seconds=60)
    troubles.note("cluster a", "it is gone", Ailment.DOWN)
    assert kept["cluster a"] == Trouble(words="it is gone", since=NOON, what=Ailment.DOWN)
    troubles.over("cluster a")
    assert kept == {}


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (ExecutorSlow("no answer in 5 s"), Ailment.SLOW),
        (ExecutorUnavailable("connection refused"), Ailment.DOWN),
        (HeadwayError("no space"), Ailment.OTHER),
    ],
)
def test_slow_and_down_are_told_apart(error: Exception, what: Ailment) -> None:
    assert ailment_of(error) is what


@pytest.mark.parametrize("default", ["local", "dask"])
async def test_functions_of_which_nobody_says_where_stay_on_this_machine_unless_another_cluster_is_the_default(
    core: Core, clock: FakeClock, tmp_path: Path, default: str
) -> None:
    dask = ClusterOptions(kind="functions", settings={"engine": "dask", "address": "tcp://a:1"})
    options = ServeOptions(data=tmp_path, clusters={"dask": dask}, default_cluster=default)
    data = make_data_dir(tmp_path / "data")
    core = msgspec.structs.replace(
        core,
        executors=make_executors(options, data, clock),
        default_cluster=Cluster(default),
    )
    assert core.cluster_for(Kind.FUNCTION) == ("dask" if default == "dask" else "functions")
    assert set(core.clusters_for(Kind.FUNCTION)) == {"dask", "functions"}


async def test_a_kind_that_there_is_not_is_told_with_its_table_and_what_it_is_like(
    clock: FakeClock, tmp_path: Path
) -> None:
    options = ServeOptions(data=tmp_path, clusters={"big": ClusterOptions(kind="slrum")})
    data = make_data_dir(tmp_path / "data")
    with pytest.raises(
        PluginError, match=r"^cluster\.big: kind: no .* 'slrum'; did you mean 'slurm'\? "
    ):
        make_executors(options, data, clock)


async def test_a_setting_that_is_misspelled_is_told_with_what_it_is_like(
    clock: FakeClock, tmp_path: Path
) -> None:
    settings = {"list_evry_s": 1}
    cluster = ClusterOptions(kind="slurm", settings=settings)
    data = make_data_dir(tmp_path / "data")
    options = ServeOptions(data=tmp_path, clusters={"big": cluster})
    with pytest.raises(InvalidRequest, match=r"^cluster big: .* did you mean 'list_every_s'\?"):
        make_executors(options, data, clock)
