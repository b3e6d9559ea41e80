"""What every command shares on the command line: global options anywhere, and the last word of a command that failed."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from pipeline.faults import Fault, unusable

GLOBAL = {"-C": True, "--json": False, "--now": True}
"""The global options, and whether each takes a value."""


def hoisted(given: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """The words without the global options, and those options, wherever they stood before a lone `--`."""
    left: list[str] = []
    found: dict[str, str] = {}
    rest = list(given)
    while rest:
        word = rest.pop(0)
        if word == "--":
            return [*left, word, *rest], found
        option, joined, value = word.partition("=") if word.startswith("--") else (word[:2], word[2:], word[2:].removeprefix("="))
        if option not in GLOBAL or (joined and not GLOBAL[option]):
            left.append(word)
        elif joined or not GLOBAL[option]:
            found[option] = value
        elif rest:
            found[option] = rest.pop(0)
        else:
            raise unusable(option, "后面缺少值", "例如 -C demo 或 --now 2026-11-18T10:00")
    return left, found


def failed(faults: Sequence[Fault], code: int, as_json: bool) -> int:
    """Says every fault on stderr, with `--json` also as the one document of stdout; returns the exit code."""
    if as_json:
        print(json.dumps({"error": [{"where": f.where, "what": f.what, "mend": f.mend} for f in faults]}, ensure_ascii=False))
    print("\n".join(f"错误　{fault}" for fault in faults), file=sys.stderr, flush=True)
    return code
