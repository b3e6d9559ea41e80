"""The sample county 清源县 in a directory of its own, and the program run on it as people run it: words, a directory, an exit code."""

from __future__ import annotations

import io
import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

import huiyin
from crawlers import sample_sites
from crawlers.sample_sites import Served
from tests.conftest import NOW

PROJECT = Path(__file__).parents[1]
AT = "2026-11-18T10:00"
SITES = ("forum", "jyj", "daily")
"""The sample's crawled sources, in the order of `sample_sites`."""


@dataclass(frozen=True, slots=True)
class Done:
    """How a run of the program ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its stdout, which is one JSON document and nothing else."""
        return json.loads(self.out)


@dataclass
class County:
    """A bureau's directory and the program in it, in a present of its own."""

    root: Path
    models: Path
    more: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """The program's environment: this project's code, the models of this session."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("HUIYIN_")}
        return kept | {"PYTHONPATH": str(PROJECT), "HUIYIN_CACHE": str(self.models), "PYTHONUTF8": "1", **self.more}

    def run(self, *words: str | Path, at: str = AT, given: str = "") -> Done:
        """Runs one command to its end, however it ends: the program's own `main`, in this process, which is seconds quicker."""
        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            patch.setattr(os, "environ", self.environment)
            patch.setattr(sys, "stdin", io.StringIO(given))
            with pytest.raises(SystemExit) as end:
                huiyin.main(self.words(*words, at=at))
        return Done(int(end.value.code or 0), out.getvalue(), err.getvalue())

    def apart(self, *words: str | Path, at: str = AT, given: str = "", where: Path | None = None) -> Done:
        """Runs one command to its end in a process of its own."""
        command = [sys.executable, "-m", "huiyin", *self.words(*words, at=at)]
        ended = subprocess.run(command, env=self.environment, cwd=where, input=given, capture_output=True, text=True, timeout=300)
        return Done(ended.returncode, ended.stdout, ended.stderr)

    def words(self, *words: str | Path, at: str = AT) -> list[str]:
        """The words of a command line for this directory and present."""
        return ["-C", str(self.root), *(["--now", at] if at else []), *map(str, words)]

    def __call__(self, *words: str | Path, at: str = AT) -> Done:
        """Runs one command that must end well."""
        done = self.run(*words, at=at)
        assert done.code == 0, f"{words}: {done.code}\n{done.out}\n{done.err}"
        return done

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """Every row of a query on the database as it lies there."""
        with closing(sqlite3.connect(self.root / "data" / "huiyin.db", timeout=10)) as opened:
            opened.row_factory = sqlite3.Row
            return [dict(row) for row in opened.execute(sql, values)]

    def value(self, sql: str, *values: Any) -> Any:
        """The first column of the first row."""
        return next(iter(self.rows(sql, *values)[0].values()))

    def mails(self) -> list[EmailMessage]:
        """Every mail that left."""
        parser = BytesParser(policy=default)
        return [parser.parsebytes(f.read_bytes()) for f in sorted((self.root / "data" / "mail").glob("*.eml"))]  # type: ignore[misc]  # the policy makes EmailMessage

    def write(self, name: str, text: str) -> Path:
        """A file in the bureau's directory."""
        path = self.root / name
        path.write_text(text, "utf-8")
        return path

    def change(self, name: str, *changes: tuple[str, str]) -> None:
        """Replaces texts that stand in a file."""
        text = (self.root / name).read_text("utf-8")
        for old, new in changes:
            assert old in text, f"{old!r} is not in {name}"
            text = text.replace(old, new)
        self.write(name, text)


def new_county(root: Path, models: Path) -> County:
    """What `init --sample` writes."""
    county = County(root, models)
    county("init", root, "--sample")
    return county


@contextmanager
def sites(county: County, moment: datetime = NOW) -> Iterator[tuple[Served, ...]]:
    """The three sites on free ports, standing still at a moment, with the county's sources.toml told where they are."""
    polite, sample_sites.ROBOTS = sample_sites.ROBOTS, "User-agent: *\nDisallow: /admin/\n"  # no Crawl-delay: tests have no time
    try:
        with sample_sites.running(lambda: moment, ports=(0, 0, 0)) as served:
            ports = [int(s.address.rstrip("/").rpartition(":")[2]) for s in served]
            move(county, ports)
            yield served
    finally:
        sample_sites.ROBOTS = polite


def move(county: County, ports: Sequence[int]) -> None:
    """Tells sources.toml where the three sites are, and to ask them without pause."""
    homes = list(zip(sample_sites.HOSTS, sample_sites.PORTS, ports, strict=True))
    county.change("sources.toml", *((f"{h}:{old}/", f"{h}:{new}/") for h, old, new in homes))
    county.change("sources.toml", ("delay_seconds = 0.2", "delay_seconds = 0.02"))
    county.change("huiyin.toml", ("delay_seconds = 0.2", "delay_seconds = 0.02"))


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody listens on just now."""
    with closing(socket.socket()) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def dump(database: Path, without: Sequence[str] = ()) -> list[str]:
    """Every row of a database as SQL, but those of some tables."""
    left = tuple(f'INSERT INTO "{name}"' for name in ("sqlite_sequence", *without))
    with closing(sqlite3.connect(database, timeout=10)) as opened:
        return [line for line in opened.iterdump() if not line.startswith(left)]


def number_of(url: str) -> str:
    """The number in the address of a sample page."""
    found = re.search(r"-(\d+)(?:-\d+)?\.html", url)
    assert found, url
    return found[1]
