"""The guard against fetching from the bureau's own network."""

import pytest

from crawlers.address import OffLimits, check, own_site, private

INNER = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255",
    "::1", "fe80::1", "fc00::1", "::ffff:10.0.0.1", "2002:c0a8:0101::1", "64:ff9b::7f00:1", "fe80::1%eth0",
]
OUTER = ["8.8.8.8", "114.114.114.114", "2400:3200::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", INNER)
def test_an_inner_address_is_private_however_it_is_written(address: str) -> None:
    assert private(address)


@pytest.mark.parametrize("address", OUTER)
def test_a_public_address_is_not(address: str) -> None:
    assert not private(address)


def test_one_inner_address_among_others_is_enough_to_refuse() -> None:
    with pytest.raises(OffLimits, match=r"内部地址 10\.0\.0\.1"):
        check("news.example", ["8.8.8.8", "10.0.0.1"], allowed=False)


def test_a_source_may_name_a_private_address() -> None:
    check("oa.local", ["10.0.0.1"], allowed=True)


@pytest.mark.parametrize(("url", "own"), [
    ("https://www.county.example/a", True), ("https://county.example/a", True), ("https://login.county.example/", False),
    ("https://county.example.evil.example/", False), ("nonsense", False),
])
def test_a_crawl_stays_on_the_site_it_was_given(url: str, own: bool) -> None:
    assert own_site(url, ["http://county.example/list.html"]) is own
