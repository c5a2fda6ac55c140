"""Which addresses may be called."""

from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.callbacks.guard import Guard

OWN = Guard(is_own=True)
PUBLIC = Guard(is_own=False)
ALL = Guard(is_own=True, networks=(ip_network("0.0.0.0/0"), ip_network("::/0")))

NEVER = [
    "0.0.0.0",
    "0.1.2.3",
    "100.64.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "169.254.0.1",
    "169.254.169.254",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.7",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::2",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:0:7f00:1",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "fd00:ec2::254",
    "fd20:ce::254",
    "fe80::1",
    "fe80::1%1",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("guard", [OWN, PUBLIC, ALL])
@pytest.mark.parametrize("address", NEVER)
def test_some_addresses_are_never_called_whatever_is_configured(address: str, guard: Guard) -> None:
    assert guard.refusal(ip_address(address)) is not None


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "127.255.0.9", "::1", "10.0.0.1", "172.31.0.1", "192.168.1.1", "fd00::1"],
)
def test_this_machine_and_private_networks_are_for_a_server_of_ones_own_or_configured(
    address: str,
) -> None:
    found = ip_address(address)
    assert OWN.refusal(found) is None
    assert "--callback-network" in (PUBLIC.refusal(found) or "")
    one = Guard(networks=(ip_network(address),))
    assert one.refusal(found) is None
    assert one.refusal(found + 1) is not None


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "172.32.0.1", "2606:4700::1111"])
def test_public_addresses_may_be_called(address: str) -> None:
    assert PUBLIC.refusal(ip_address(address)) is None


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_what_a_public_server_calls_is_an_address_of_the_public_network(
    address: IPv4Address | IPv6Address,
) -> None:
    if PUBLIC.refusal(address) is None:
        assert address.is_global
        assert not address.is_multicast


@given(st.ip_addresses(v=4))
def test_no_spelling_in_ipv6_reaches_what_its_ipv4_address_must_not(address: IPv4Address) -> None:
    bits = int(address)
    spellings = [
        IPv6Address(bits),
        IPv6Address(0xFFFF << 32 | bits),
        IPv6Address(0xFFFF << 48 | bits),
        IPv6Address(0x0064_FF9B << 96 | bits),
        IPv6Address(0x2002 << 112 | bits << 80),
    ]
    assert all(PUBLIC.refusal(one) for one in spellings)
    assert all(ALL.refusal(one) for one in spellings if one != IPv6Address("::1"))


def test_the_server_itself_is_known_by_its_port_on_this_machine() -> None:
    guard = Guard(is_own=True, own_port=9998)
    loopback, own, other = map(ip_address, ("127.0.0.2", "10.0.0.7", "10.0.0.8"))
    assert guard.is_self(loopback, ip_address("127.0.0.1"), 9998)
    assert guard.is_self(own, own, 9998)
    assert not guard.is_self(own, own, 9999)
    assert not guard.is_self(other, own, 9998)


@pytest.mark.parametrize(
    ("host", "port", "is_self"),
    [
        ("127.0.0.1", 9998, True),
        ("127.7.7.7", 9998, True),
        ("::1", 9998, True),
        ("localhost", 9998, True),
        ("127.0.0.1", 8080, False),
        ("10.0.0.1", 9998, False),
        ("example.org", 9998, False),
    ],
)
def test_an_address_that_can_only_be_the_server_is_told_by_its_text(
    host: str, port: int, is_self: bool
) -> None:
    guard = Guard(is_own=True, own_port=9998)
    with suppress(ValueError):
        assert guard.is_named_self(host, ip_address(host), port) is is_self
        return
    assert guard.is_named_self(host, None, port) is is_self
