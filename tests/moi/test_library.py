"""What programs of moi imported."""

import json
import queue
import sys
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cloudpickle
import pytest

import headway.moi
from headway.core.errors import InvalidRequest
from headway.functions import RemoteError
from headway.moi import (
    Context,
    Group,
    create_info,
    ctxs,
    get_id_from_user,
    get_user_from_id,
    moi_js,
    moi_list_js,
    r_client,
    service,
    submit,
    submit_nouser,
    system_call,
)
from headway.moi.memory import Memory
from headway.sdk.client import Client

pytestmark = pytest.mark.usefixtures("here")


@pytest.fixture(autouse=True)
def by_value() -> Iterator[None]:
    """Have this module's functions travel as a program's own do: workers cannot import it."""
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    yield
    cloudpickle.unregister_pickle_by_value(sys.modules[__name__])


def hello(**kwargs: Any) -> Any:
    old = kwargs["moi_update_status"]("I'm about to say hello")
    return [old, kwargs["status_update"]("done"), kwargs["moi_context"], kwargs["moi_parent_id"]]


def plain(x: int, y: int = 1) -> int:
    return x + y


def broken(**_: Any) -> None:
    raise KeyError("no such sample")


def test_a_function_is_told_of_its_surroundings() -> None:
    user = get_id_from_user("example")
    job_id, parent_id, result = submit("default", user, "The hello job", "/hello", hello)
    assert parent_id == user
    assert result.get(60) == ["Running", "I'm about to say hello", "default", user]
    assert result.ready()
    assert result.successful()
    info = json.loads(r_client.get(job_id) or b"")
    assert {key: info[key] for key in ("name", "url", "parent", "status", "context", "type")} == {
        "name": "The hello job",
        "url": "/hello",
        "parent": user,
        "status": "Success",
        "context": "default",
        "type": "job",
    }


def test_a_function_with_plain_arguments_works_too() -> None:
    _, _, result = submit_nouser(plain, 2, y=3)
    assert result.get(60) == 5


def test_a_failure_gives_the_tracebacks_lines() -> None:
    job_id, parent_id, result = submit_nouser(broken)
    assert parent_id == "no-user"
    assert result.wait(60)
    assert not result.successful()
    with pytest.raises(RemoteError, match="no such sample"):
        result.get(60)
    info = json.loads(r_client.get(job_id) or b"")
    assert info["status"] == "Failed"
    assert info["result"][0] == "Traceback (most recent call last):\n"
    assert info["result"][-1] == "KeyError: 'no such sample'\n"


def test_a_system_call_gives_its_output_or_fails_with_it() -> None:
    _, _, good = submit_nouser(system_call, "echo hello")
    job_id, _, bad = submit_nouser(system_call, "echo out; echo err >&2; exit 3")
    assert good.get(60) == ["hello\n", "", 0]
    bad.wait(60)
    info = json.loads(r_client.get(job_id) or b"")
    words = "ValueError: Failed to execute: echo out; echo err >&2; exit 3\nstdout: out\n\nstderr: err\n"
    assert words in "".join(info["result"])


def test_a_parent_that_was_deleted_is_made_again(here: str) -> None:
    submit("default", "comes back", "job", None, plain, 1)[2].wait(60)
    with Client(here) as client:
        client.delete_group("comes back")
    job_id, _, result = submit("default", "comes back", "job", None, plain, 2)
    assert result.get(60) == 3
    assert Group("comes back").jobs == [job_id]


def test_what_the_server_refuses_is_refused_once_and_for_all(here: str) -> None:
    submit_nouser(plain, 1)[2].wait(60)
    for _ in range(2):
        with pytest.raises(InvalidRequest, match="name"):
            submit("default", "no-user", "x" * 2000, None, plain, 1)


def test_a_context_that_is_not_known_is_the_default_one() -> None:
    assert "default" in ctxs
    job_id, _, result = submit("nowhere", "no-user", "job", None, plain, 1)
    result.wait(60)
    assert json.loads(r_client.get(job_id) or b"")["context"] == headway.moi.ctx_default
    job_id, _, result = submit(Context("mine"), "no-user", "job", None, plain, 1)
    assert result.get(60) == 2
    assert json.loads(r_client.get(job_id) or b"")["context"] == "mine"


def test_the_configuration_of_moi_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "moi_config.txt"
    config.write_text(
        "[redis]\nhost = localhost\nport = 6379\npassword =\ndb = 0\n\n"
        "[ipython]\ncontext=general,large\ndefault=general\n"
    )
    monkeypatch.setenv("MOI_CONFIG_FP", str(config))
    assert list(ctxs) == ["general", "large"]
    assert headway.moi.ctx_default == "general"
    job_id, _, result = submit("large", "no-user", "job", None, plain, 1)
    assert result.get(60) == 2
    assert json.loads(r_client.get(job_id) or b"")["context"] == "large"


def test_a_configuration_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOI_CONFIG_FP", "/nowhere/moi.txt")
    with pytest.raises(InvalidRequest, match=r"/nowhere/moi\.txt"):
        headway.moi.ctx_default  # noqa: B018 -- it is read when it is asked for


def test_users_have_an_id_for_good() -> None:
    first = get_id_from_user("somebody")
    assert get_id_from_user("somebody") == first
    assert get_user_from_id(first) == "somebody"
    assert get_user_from_id("nobody's") is None
    assert r_client.hget("user-id-map", "somebody") == first.encode()
    assert r_client.hget("user-id-map", first) == b"somebody"
    assert r_client.exists("user-id-map")


def test_info_objects_have_mois_keys() -> None:
    user = get_id_from_user("infos")
    stored = create_info("a group", "group", url="/group", parent=user, store=True)
    made = create_info("a job", "job", parent=user)
    assert stored.keys() == made.keys()
    assert len(stored) == 12
    assert (stored["status"], made["status"]) == (None, "Queued")
    assert (stored["parent"], stored["name"], stored["url"]) == (user, "a group", "/group")
    assert r_client.smembers(f"{user}:children") == {stored["id"].encode()}
    assert r_client.smembers(f"{user}:jobs") == {stored["id"].encode()}
    with pytest.raises(InvalidRequest, match="submit stores a job"):
        create_info("a job", "job", store=True)


def test_a_group_gives_all_below_it_and_does_what_it_is_told() -> None:
    user = get_id_from_user("grouped")
    inner = create_info("inner", "group", parent=user, store=True)
    job_id, _, result = submit("default", inner["id"], "job", None, plain, 1)
    result.wait(60)
    told: list[Any] = []
    group = Group(user)
    assert sorted(group.jobs) == sorted([inner["id"], job_id])
    group.forwarder = told.extend
    group.action("get", [])
    assert [next(iter(one)) for one in told] == ["get", "get"]
    told.clear()
    group.action("remove", [inner["id"]])
    assert {one["remove"]["id"] for one in told} == {inner["id"], job_id}
    assert group.jobs == []
    told.clear()
    group.job_action("update", {job_id})
    assert [one["update"]["status"] for one in told] == ["Success"]
    with pytest.raises(ValueError, match="Unknown action: fly"):
        group.action("fly", [])
    with pytest.raises(TypeError, match="unknown type"):
        group.action("get", "one")


def test_a_forwarder_is_told_of_each_change() -> None:
    told: queue.Queue[Any] = queue.Queue()
    user = get_id_from_user("followed")
    group = Group(user, forwarder=lambda messages: deque(map(told.put, messages)))
    job_id, _, result = submit("default", user, "job", None, hello)
    result.wait(60)
    heard: list[tuple[str, str]] = []
    while not heard or heard[-1][1] != "Success":
        ((verb, info),) = told.get(timeout=60).items()
        assert info["id"] == job_id
        heard.append((verb, info["status"]))
    assert heard[0] == ("add", "Queued")
    words = [status for verb, status in heard if verb == "update"]
    assert words == [word for word in _IN_ORDER if word in words]
    group.close()


def connect_anew() -> None:
    """Forget who was said to ask."""
    for one in service._made.values():
        one.close()
    service._made.clear()


def test_one_principal_never_sees_anothers_jobs_by_a_group(
    here: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = get_id_from_user("private")
    job_id, _, result = submit("default", user, "job", None, plain, 1)
    result.wait(60)
    with Client(here) as client:
        token = client.create_token(["run", "read"], user="bob").token
    monkeypatch.setenv("HEADWAY_TOKEN", token)
    connect_anew()
    told: list[Any] = []
    theirs = Group(user, forwarder=told.extend)
    theirs.action("get", [user, job_id])
    theirs.action("remove", [job_id])
    with pytest.raises(InvalidRequest, match="no job or group is called"):
        theirs.action("add", [job_id])
    theirs.close()
    assert (told, theirs.jobs, r_client.hgetall("user-id-map")) == ([], [], {})
    assert (r_client.get(job_id), r_client.get(user)) == (None, None)
    assert get_id_from_user("private") != user
    monkeypatch.delenv("HEADWAY_TOKEN")
    connect_anew()
    assert Group(user).jobs == [job_id]


_IN_ORDER = ["Running", "I'm about to say hello", "done", "Success"]


def test_scripts_for_browsers_are_there() -> None:
    assert "moi_list" in Path(moi_list_js()).read_text()
    assert "add_callback" in Path(moi_js()).read_text()


def test_every_public_name_is_there() -> None:
    names = vars(headway.moi)["__all__"]
    assert names == sorted(names)
    assert all(getattr(headway.moi, name) is not None for name in names)
    assert set(names) <= set(dir(headway.moi))


# What was missed


def told_of(verb: str, name: str, status: str) -> str:
    return json.dumps({verb: {"id": name, "status": status}})


def test_who_was_cut_off_is_told_only_what_was_missed() -> None:
    memory = Memory()
    for name in ("same", "changed", "gone"):
        memory.take(told_of("get", name, "Queued"))
    memory.cut_off()
    assert memory.take(told_of("get", "same", "Queued")) == []
    assert memory.take(told_of("get", "changed", "Running")) == [
        {"update": {"id": "changed", "status": "Running"}}
    ]
    assert memory.take(told_of("get", "new", "Queued")) == [
        {"add": {"id": "new", "status": "Queued"}}
    ]
    end = json.dumps({"error": "unknown verb 'end of get'"})
    assert memory.take(end) == [{"remove": {"id": "gone", "status": "Queued"}}]
    assert memory.take(end) == [json.loads(end)]
