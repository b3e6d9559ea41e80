"""What every command shares on the command line: global options anywhere, and what was wrong with one that failed."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

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


MESSAGES = (
    (r"Missing parameter: .*", "没有写，须写上"),
    (r"Input should be a valid integer.*", "应是整数"),
    (r"Input should be a valid number.*", "应是数字"),
    (r"Input should be greater than or equal to (\S+)", r"不能小于 \1"),
    (r"Input should be greater than (\S+)", r"应大于 \1"),
    (r"Input should be less than or equal to (\S+)", r"不能大于 \1"),
    (r"Input should be less than (\S+)", r"应小于 \1"),
    (r"(.*) is not one of (.*?)\.?", r"\1 不在可写的之内：\2"),
    (r"No such option: (\S+).*", r"没有选项 \1"),
    (r"No such command '(.*?)'.*", r"没有命令 \1"),
    (r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)", r"多出来的词：\1"),
    (r"Option '?(\S+?)'? requires an argument\.?", r"\1 后面缺少值"),
    (r"Option '?(\S+?)'? requires (\d+) arguments\.?", r"\1 后面应有 \2 个值"),
    (r"Option '?(\S+?)'? does not take a value\.?", r"\1 后面不写值"),
    (r"|Missing command\.?", "没有写要做什么"),
    (r"(?:File|Directory|Path) (.*) does not exist\.", r"没有 \1 这个文件或目录"),
    (r"(?:File|Directory|Path) (.*) is a directory\.", r"\1 是目录，不是文件"),
    (r"Value .*|Input should be .*", "写法不对"),
)
"""What the parser of the command line says, as patterns of the whole message, and how staff read it."""


def misused(error: Exception, commands: Sequence[str] = ()) -> Fault:
    """What the parser found wrong with the words of a command, with the option's name; `commands` are the ones that it knows."""
    said, parameter, context = str(error), getattr(error, "param", None), getattr(error, "ctx", None)
    path = getattr(context, "command_path", "") or "huiyin"
    known_what = (match.expand(zh) for pattern, zh in MESSAGES if (match := re.fullmatch(pattern, said, re.DOTALL)))
    what = next(known_what, f"看不懂（{said}）")
    name = _name_of(parameter)
    where = f"命令行 {path.removeprefix('huiyin').strip()} {name}".replace("  ", " ").strip()
    known = sorted([*getattr(getattr(context, "command", None), "commands", {}), *commands])
    return Fault(where, what, _mend(said, known, getattr(error, "possibilities", None), path))


def _name_of(parameter: Any) -> str:
    """A parameter as people type it: `--out`, or FILE."""
    if parameter is None:
        return ""
    options: Sequence[str] = getattr(parameter, "opts", ())
    return options[0] if getattr(parameter, "param_type_name", "") == "option" and options else str(parameter.name or "").upper()


def _mend(said: str, known: Sequence[str], possible: Sequence[str] | None, path: str) -> str:
    """How to write it: the nearest command or option, else where it is explained."""
    if "No such command" in said:
        near = get_close_matches(said.split("'")[1], known, 1)
        return f"是否想写 {near[0]}？" if near else f"可用的命令：{'、'.join(known)}" if known else "用 huiyin --help 看有哪些命令"
    return f"是否想写 {'、'.join(sorted(possible))}？" if possible else f"用 {path} --help 看写法"
