"""What `huiyin init` writes: a commented directory that says how to override, never a copy that would freeze the defaults."""

from __future__ import annotations

import codecs
import shutil
import tempfile
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from config.files import ALL, default
from pipeline.faults import unusable

FOLDERS = ("templates", "data", "logs")
STARTERS = {
    "topics.toml": "topics.toml", "routing.toml": "routing.toml", "deadlines.toml": "deadlines.toml",
    "ladder.toml": "ladder.toml", "calendar.csv": "calendar.csv", "gitignore.txt": ".gitignore", "templates.txt": "templates/README",
}
MAIN = "huiyin.toml"


def contents(sample: bool) -> dict[str, bytes]:
    """Every file of a new directory by its path; with `sample` those of 清源县 in place of the empty ones."""
    package = files("config")
    found = {target: (package / "defaults" / "starter" / name).read_bytes() for name, target in STARTERS.items()}
    found |= {name: default(name).text.encode() for name in ("schools.csv", "sections.csv", "duty.csv", "policies.csv")}
    found |= {name: commented(default(name).text).encode() for name in (MAIN, "sources.toml")}
    if sample:
        found |= {item.name: item.read_bytes() for item in _sample_files(package)}
    return {name: with_bom(data) if name.endswith(".csv") else data for name, data in found.items()}


def with_bom(data: bytes) -> bytes:
    """CSV as table programs recognise it: UTF-8 with BOM."""
    return data if data.startswith(codecs.BOM_UTF8) else codecs.BOM_UTF8 + data


def commented(text: str) -> str:
    """A file whose values are comments, so that what is not uncommented keeps following the defaults.

    The tables of huiyin.toml stay, so that a line that is uncommented falls into its own; its [bureau] stays whole, for every bureau
    fills it in. In sources.toml a table is a source, and goes with its lines.
    """
    lines = []
    main, table = "[bureau]" in text, ""
    for line in text.splitlines():
        if line.startswith("["):
            table = line
        keep = not line or line.startswith("#") or (main and (table == "[bureau]" or line == table))
        lines.append(line if keep else f"# {line}")
    return "\n".join(lines) + "\n"


def write(directory: Path, found: dict[str, bytes]) -> tuple[list[str], list[str]]:
    """Writes the files, all or none, huiyin.toml last; one that is there already is kept. Returns the written and the kept."""
    made = not directory.exists()
    moved: list[Path] = []
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=directory, prefix=".init-") as draft:
            for name, data in found.items():
                path = Path(draft) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            kept = [name for name in found if (directory / name).exists()]
            for folder in FOLDERS:
                (directory / folder).mkdir(exist_ok=True)
            for name in sorted(found, key=lambda name: name == MAIN):
                if name not in kept:
                    (Path(draft) / name).rename(directory / name)
                    moved.append(directory / name)
    except OSError as error:
        for path in moved:
            path.unlink()
        if made:
            shutil.rmtree(directory, ignore_errors=True)
        raise unusable(str(directory), f"无法写入：{error.strerror or error}", "检查目录的写入权限和磁盘空间") from error
    return [name for name in found if name not in kept], kept


def overwrite(directory: Path, found: dict[str, bytes]) -> None:
    """Writes files over whatever is there, each one whole."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, data in found.items():
            part = directory / f".{name}.part"
            part.write_bytes(data)
            part.replace(directory / name)
    except OSError as error:
        raise unusable(str(directory), f"无法写入：{error.strerror or error}", "检查目录的写入权限和磁盘空间") from error


def _sample_files(package: Traversable) -> Iterator[Traversable]:
    return (item for item in (package / "sample").iterdir() if item.name in ALL)
