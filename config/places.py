"""Where a key stands in a TOML text: the parser forgets lines, staff need them."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from typing import Any

Path = tuple[str, ...]

ASSIGNMENT = re.compile(r"""\s*(?P<key>(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^=#"'])+)=""")


def line_of(text: str, path: Path) -> tuple[int, int]:
    """The line (from 1) of the deepest part of `path` that stands in the text, and how many parts that is; (0, 0) for none."""
    found = key_lines(text)
    for depth in range(len(path), 0, -1):
        if path[:depth] in found:
            return found[path[:depth]], depth
    return 0, 0


@lru_cache(maxsize=32)
def key_lines(text: str) -> dict[Path, int]:
    """The line of every table and key of a valid TOML text. What stands within an array or an inline table has its key's line."""
    lines = text.split("\n")
    found: dict[Path, int] = {}
    table: Path = ()
    n = 0
    while n < len(lines):
        line = lines[n].strip()
        if line.startswith("["):
            table = _header(line)
            _remember(found, table, n + 1)
            n += 1
        elif match := ASSIGNMENT.match(line):
            _remember(found, table + _keys(match["key"]), n + 1)
            n += _length(lines, n, match.end())
        else:
            n += 1
    return found


def _remember(found: dict[Path, int], path: Path, line: int) -> None:
    for depth in range(1, len(path) + 1):
        found.setdefault(path[:depth], line)


def _header(line: str) -> Path:
    parsed: Any = tomllib.loads(line)
    return _walk(parsed)


def _keys(key: str) -> Path:
    return _walk(tomllib.loads(f"{key} = 0"))


def _walk(parsed: Any) -> Path:
    """The only chain of keys in a document that holds one key."""
    path: list[str] = []
    while parsed and isinstance(parsed, (dict, list)):
        if isinstance(parsed, list):
            parsed = parsed[0]
            continue
        key, parsed = next(iter(parsed.items()))
        path.append(key)
    return tuple(path)


def _length(lines: list[str], start: int, offset: int) -> int:
    """How many lines the value covers that begins on line `start`: as many as it takes to be complete."""
    value = lines[start].strip()[offset:]
    for count in range(1, len(lines) - start + 1):
        try:
            tomllib.loads(f"x = {value}")
        except tomllib.TOMLDecodeError:
            if start + count < len(lines):
                value += "\n" + lines[start + count]
            continue
        return count
    return 1
