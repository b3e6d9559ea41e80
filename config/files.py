"""The files as they lie there: the package's defaults and a bureau's own, decoded whichever way they were saved."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from pipeline.faults import Fault, why

RULES = ("huiyin.toml", "sources.toml", "topics.toml", "routing.toml", "deadlines.toml", "ladder.toml")
REGISTRY = ("schools.csv", "sections.csv", "duty.csv", "policies.csv")
DEFAULT_LABEL = "默认 "
TEMPLATES = ("letter.html", "letter.txt", "digest.html", "digest.txt", "report.txt", "handover.txt")
ALL = (*RULES, "calendar.csv", *REGISTRY)


@dataclass(frozen=True, slots=True)
class Text:
    """One file's text. `label` is what staff call it; `own` tells a bureau's file from the package's."""

    label: str
    text: str
    own: bool = True

    def at(self, line: int, column: str = "") -> str:
        """A place in the file, as staff read it."""
        return self.label + (f" 第{line}行" if line else "") + (f"「{column}」" if column else "")


@dataclass(frozen=True, slots=True)
class Shelf:
    """Gives out the texts of a bureau's directory, and those of its registry that the database holds (they win)."""

    directory: Path | None
    registry: Mapping[str, str] = field(default_factory=dict)

    def own(self, file: str, faults: list[Fault]) -> Text | None:
        """The bureau's own text of a file; None where it has none, or where it cannot be read (then a fault is added)."""
        held = self.registry.get(file, "")
        if len(held.strip().splitlines()) > 1:
            return Text(file, held)
        path = self.directory / file if self.directory else None
        return read(path, file, faults) if path and path.exists() else None


def default(file: str) -> Text:
    """The package's text of a file; empty where the package has none."""
    found = files("config") / "defaults" / file
    return Text(DEFAULT_LABEL + file, found.read_text("utf-8") if found.is_file() else "", own=False)


def read(path: Path, label: str, faults: list[Fault]) -> Text | None:
    """A file's text: UTF-8 with or without BOM, or GB18030 as a Chinese Windows saves it."""
    try:
        return Text(label, decode(path.read_bytes()))
    except OSError as error:
        faults.append(Fault(label, f"无法读取：{why(error)}", "检查文件是否存在、是否有读取权限"))
    except ValueError as error:
        faults.append(Fault(label, str(error), "在表格软件中另存为「CSV UTF-8（逗号分隔）」，或在记事本中另存为 UTF-8"))
    return None


def decode(data: bytes) -> str:
    """The text of a file's bytes, with plain line ends; raises ValueError with a Chinese sentence for what is no text."""
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise ValueError("这是 Excel 工作簿，不是文本文件")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in data:
        raise ValueError("这不是 UTF-8 或 GB18030 编码的文本文件")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError:
            continue
    raise ValueError("文字编码无法识别（应为 UTF-8 或 GB18030）")
