"""Canonical URLs: one page has one name, whatever a link to it carries along."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit, urlunsplit

DEFAULT_PORT = {"http": 80, "https": 443}

TRACKING = re.compile(
    r"""utm_.* | spm | scm | from | isappinstalled | nsukey | wfr | fromuid | fromshare | extra | referr?er
      | share.* | sharer_.* | shareid | gclid | fbclid | bd_vid | _ | rnd | random
      | sid | phpsessid | jsessionid | aspsessionid.* | cfid | cftoken | session_?id""",
    re.VERBOSE | re.IGNORECASE,
)
"""Parameters that say how somebody came to a page, or who is looking, and not which page it is."""

PATH_SESSION = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)
ESCAPE = re.compile(r"%([0-9a-fA-F]{2})")
UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def canonical(url: str, base: str = "") -> str:
    """The one name of a page: case of scheme and host folded, default port, fragment, tracking and session parameters gone,
    parameters sorted. An `m.` host stays: it is another site. Empty for what is no web address."""
    try:
        parts = urlsplit(urljoin(base, url.strip()) if base else url.strip())
        scheme, host, port = parts.scheme.lower(), (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return ""
    if scheme not in DEFAULT_PORT or not host:
        return ""
    where = f"[{host}]" if ":" in host else _ascii(host)
    if port and port != DEFAULT_PORT[scheme]:
        where += f":{port}"
    path = _escapes(PATH_SESSION.sub("", parts.path)) or "/"
    return urlunsplit((scheme, where, path, _query(parts.query), ""))


def host_of(url: str) -> str:
    """The host of an address, lower case, without its port: what a lease and a delay go by."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _ascii(host: str) -> str:
    """A Chinese domain name as it travels."""
    try:
        return host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def _query(query: str) -> str:
    """Sorted pairs without the tracking ones; bytes that are percent-encoded GBK stay as they are."""
    pairs = [pair for pair in query.split("&") if pair]
    kept = [_escapes(pair) for pair in pairs if not TRACKING.fullmatch(pair.split("=", 1)[0])]
    return "&".join(sorted(kept))


def _escapes(text: str) -> str:
    """Percent escapes in one form: needless ones undone, the others in capitals, blanks and non-ASCII characters escaped."""

    def fold(match: re.Match[str]) -> str:
        char = chr(int(match[1], 16))
        return char if char in UNRESERVED else f"%{match[1].upper()}"

    raw = "".join(c if "!" <= c <= "~" else "".join(f"%{b:02X}" for b in c.encode("utf-8", "replace")) for c in text)
    return ESCAPE.sub(fold, raw)
