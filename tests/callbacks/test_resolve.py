"""From names to addresses."""

import pytest

from headway.callbacks import Resolver

pytestmark = pytest.mark.anyio


async def test_this_machine_is_known_by_its_name() -> None:
    resolve = Resolver()
    for _ in range(2):
        found = await resolve("localhost")
        assert found
        assert all(address.is_loopback for address in found)


@pytest.mark.parametrize("host", ["x" * 70 + ".invalid", "a..b.invalid"])
async def test_a_name_that_nobody_can_have_is_an_error(host: str) -> None:
    with pytest.raises(OSError, match=r".*") as error:
        await Resolver()(host)
    assert str(error.value)
