"""Tokens: shown once, good for what they say, and for no longer."""

from datetime import timedelta

import pytest

from headway.core.core import Core
from headway.core.errors import Forbidden, InvalidRequest, NotFound, Unauthenticated
from headway.core.model.job import Job, Kind
from headway.core.model.principal import Principal, Scope
from headway.core.operations.finish import finish
from headway.core.operations.submit import Submission, submit
from headway.core.operations.tokens import (
    CreatedToken,
    authenticate,
    create_token,
    key_matches,
    list_tokens,
    progress_key,
    report_token,
    revoke_token,
)
from headway.testing.fakes import FakeClock

pytestmark = pytest.mark.anyio

ROOT = Principal(name="root", scopes=frozenset(Scope), via="own-user")


async def a_token(core: Core, **more: object) -> CreatedToken:
    scopes = frozenset({Scope.RUN})
    return await create_token(core, actor=ROOT, user="ada", scopes=scopes, **more)  # type: ignore[arg-type]


async def a_job(core: Core) -> Job:
    told = Submission(kind=Kind.REPORT, name="elsewhere")
    return (await submit(core, actor=ROOT, protocol="rest", submission=told)).job


async def test_a_token_says_who_and_what(core: Core) -> None:
    made = await a_token(core)
    who = await authenticate(core, secret=made.secret)
    assert (who.name, who.via) == ("ada", "token")
    assert who.scopes == {Scope.RUN, Scope.REPORT, Scope.READ}


async def test_the_secret_is_not_stored(core: Core) -> None:
    made = await a_token(core)
    [stored] = await list_tokens(core, actor=ROOT)
    assert made.secret not in repr(stored)
    assert made.secret.encode() not in stored.secret_hash


async def test_a_revoked_token_is_not_good_any_more(core: Core) -> None:
    made = await a_token(core)
    await revoke_token(core, actor=ROOT, token_id=made.token.id)
    with pytest.raises(Unauthenticated, match="revoked"):
        await authenticate(core, secret=made.secret)


async def test_a_token_expires(core: Core, clock: FakeClock) -> None:
    made = await a_token(core, expires=clock.now() + timedelta(hours=1))
    clock.advance(seconds=3600)
    with pytest.raises(Unauthenticated, match="expired"):
        await authenticate(core, secret=made.secret)


@pytest.mark.parametrize(
    "secret", ["", "hw_", "hw_nobody", "hwr_", "hwr_x_y", "\ud800", "x" * 9999]
)
async def test_anything_else_is_nobodys(core: Core, secret: str) -> None:
    with pytest.raises(Unauthenticated):
        await authenticate(core, secret=secret)


async def test_a_user_must_have_a_name_that_can_be_one(core: Core) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await create_token(core, actor=ROOT, user="a b", scopes=frozenset({Scope.READ}))
    assert caught.value.field == "user"


async def test_only_admins_make_and_end_tokens(core: Core, alice: Principal) -> None:
    with pytest.raises(Forbidden):
        await create_token(core, actor=alice, user="x", scopes=frozenset({Scope.READ}))
    with pytest.raises(Forbidden):
        await list_tokens(core, actor=alice)
    with pytest.raises(NotFound):
        await revoke_token(core, actor=ROOT, token_id="nobody")


async def test_a_report_token_is_for_its_job(core: Core) -> None:
    job = await a_job(core)
    who = await authenticate(core, secret=report_token(core, job))
    assert who.job == job.id
    assert who.scopes == {Scope.REPORT}


async def test_a_report_token_of_another_job_cannot_be_made_from_ones_own(core: Core) -> None:
    mine, other = await a_job(core), await a_job(core)
    forged = report_token(core, mine).replace(mine.id, other.id)
    with pytest.raises(Unauthenticated):
        await authenticate(core, secret=forged)


async def test_a_report_token_ends_some_time_after_its_job(core: Core, clock: FakeClock) -> None:
    job = await a_job(core)
    secret = report_token(core, job)
    await finish(core, actor=ROOT, protocol="rest", job_id=job.id, exit_code=0)
    clock.advance(seconds=299)
    assert (await authenticate(core, secret=secret)).job == job.id
    clock.advance(seconds=2)
    with pytest.raises(Unauthenticated, match="ended"):
        await authenticate(core, secret=secret)


async def test_a_progress_key_is_its_jobs_own(core: Core) -> None:
    mine, other = await a_job(core), await a_job(core)
    assert key_matches(core, mine, progress_key(core, mine))
    assert not key_matches(core, mine, progress_key(core, other))
    assert not key_matches(core, mine, "ü")
