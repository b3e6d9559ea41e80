"""The private address guard: what a web page says can never make us fetch from the bureau's own network."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address

from crawlers.canonical import host_of


class OffLimits(Exception):
    """An address that must not be fetched from; its text says why. `wall` when a redirect led to a log-in elsewhere."""

    def __init__(self, text: str, *, wall: bool = False) -> None:
        super().__init__(text)
        self.wall = wall


def private(address: str) -> bool:
    """Whether an IP address lies anywhere but on the public internet (private, loopback, link-local, shared, multicast, reserved).

    An IPv6 address that carries an IPv4 one (mapped, 6to4, Teredo, NAT64) is as private as what it carries.
    """
    ip = ip_address(address.split("%")[0])
    carried = _carried(ip) if isinstance(ip, IPv6Address) else None
    if carried is not None and private(str(carried)):
        return True
    mapped = isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None
    return not mapped and (not ip.is_global or ip.is_multicast)


def _carried(ip: IPv6Address) -> IPv4Address | None:
    if ip.ipv4_mapped:
        return ip.ipv4_mapped
    if ip.sixtofour:
        return ip.sixtofour
    if ip.teredo:
        return ip.teredo[1]
    return IPv4Address(int(ip) & 0xFFFFFFFF) if int(ip) >> 32 == 0x0064FF9B << 64 else None


def check(host: str, addresses: Iterable[str], allowed: bool) -> None:
    """Raises `OffLimits` when a host resolves to a private address and its source does not say `private_address`."""
    for address in () if allowed else addresses:
        if private(address):
            raise OffLimits(f"{host} 指向内部地址 {address}，未采集（确需采集内网站点时，在该信源写 private_address = true）")


def own_site(url: str, starts: Iterable[str]) -> bool:
    """Whether an address belongs to the site that a source names; `www.` makes no other site."""
    mine = {host_of(start).removeprefix("www.") for start in starts}
    return host_of(url).removeprefix("www.") in mine
