import pytest

from headway.core.errors import InvalidRequest
from headway.sdk.address import Address, read_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("http://127.0.0.1:9998", Address("http", "127.0.0.1", 9998)),
        ("127.0.0.1:9998/", Address("http", "127.0.0.1", 9998)),
        ("https://Jobs.example.org/hw/", Address("https", "Jobs.example.org", 443, "/hw")),
        ("http://[::1]:80", Address("http", "::1", 80)),
        (" http://host ", Address("http", "host", 80)),
    ],
)
def test_an_address_is_read(text: str, address: Address) -> None:
    assert read_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ftp://host",
        "http://user:secret@host",
        "http://host:0",
        "http://host:70000",
        "http://host?x",
        "http://ho st",
        "http://host/a b",
    ],
)
def test_what_is_no_address_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InvalidRequest, match=r"http://127\.0\.0\.1:9998"):
        read_address(text)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9998", "https://host/hw", "http://[::1]:9998", "https://host:444"]
)
def test_an_address_gives_its_url_back(url: str) -> None:
    assert read_address(url).url == url
