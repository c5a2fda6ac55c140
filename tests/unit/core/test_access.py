"""Who may do what, and who sees what."""

import pytest

from headway.core.errors import Forbidden, NotFound, Unauthenticated
from headway.core.model.job import Job, Kind
from headway.core.model.names import JobId
from headway.core.model.principal import Principal, Scope, widened
from headway.core.policy.access import OPEN_NETWORK, may_take_name, require, visibility_of
from headway.testing.fakes import NOON

ALL = frozenset(Scope)
ANYBODY = Principal(name="", scopes=frozenset({Scope.READ, Scope.REPORT}), via=OPEN_NETWORK)


def a_job(owner: str, kind: Kind = Kind.COMMAND) -> Job:
    return Job(id=JobId("j"), kind=kind, protocol="rest", owner=owner, created=NOON, updated=NOON)


def user(name: str, *scopes: Scope) -> Principal:
    return Principal(name=name, scopes=widened(frozenset(scopes)))


def test_scopes_include_the_lesser_ones() -> None:
    assert widened(frozenset({Scope.ADMIN})) == ALL
    assert widened(frozenset({Scope.RUN})) == {Scope.RUN, Scope.REPORT, Scope.READ}
    assert widened(frozenset({Scope.REPORT})) == {Scope.REPORT}


def test_a_user_touches_their_own_jobs_only() -> None:
    require(user("ada", Scope.RUN), Scope.RUN, a_job("ada"))
    with pytest.raises(NotFound):
        require(user("ada", Scope.RUN), Scope.READ, a_job("bob"))


def test_an_admin_touches_every_job() -> None:
    require(user("root", Scope.ADMIN), Scope.RUN, a_job("bob"))
    assert visibility_of(user("root", Scope.ADMIN)).everything


def test_a_missing_scope_is_named() -> None:
    with pytest.raises(Forbidden, match="run"):
        require(user("ada", Scope.READ), Scope.RUN, a_job("ada"))


def test_a_report_token_speaks_for_its_one_job() -> None:
    worker = Principal(name="ada", scopes=frozenset({Scope.REPORT}), job=JobId("j"))
    require(worker, Scope.REPORT, a_job("ada"))
    other = Principal(name="ada", scopes=frozenset({Scope.REPORT}), job=JobId("k"))
    with pytest.raises(NotFound):
        require(other, Scope.REPORT, a_job("ada"))
    assert visibility_of(worker).job == "j"


def test_anybody_reaches_jobs_that_only_report() -> None:
    require(ANYBODY, Scope.REPORT, a_job("ada", Kind.REPORT))
    with pytest.raises(NotFound):
        require(ANYBODY, Scope.REPORT, a_job("ada"))
    with pytest.raises(NotFound):
        require(ANYBODY, Scope.READ, a_job(""))


def test_anybody_sees_nothing_in_lists_and_runs_nothing() -> None:
    assert not visibility_of(ANYBODY).covers(a_job(""))
    with pytest.raises(Unauthenticated):
        require(ANYBODY, Scope.RUN)


def test_nobodys_jobs_are_not_those_of_a_user_without_a_name() -> None:
    nameless = Principal(name="", scopes=frozenset({Scope.READ}), via="token")
    with pytest.raises(NotFound):
        require(nameless, Scope.READ, a_job(""))


def test_a_name_is_taken_by_its_owner_by_an_admin_or_when_it_is_nobodys() -> None:
    assert may_take_name(ANYBODY, a_job(""))
    assert may_take_name(user("ada", Scope.REPORT), a_job("ada"))
    assert may_take_name(user("root", Scope.ADMIN), a_job("ada"))
    assert not may_take_name(ANYBODY, a_job("ada"))
    assert not may_take_name(user("bob", Scope.REPORT), a_job("ada"))
