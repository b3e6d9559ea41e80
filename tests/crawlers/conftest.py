"""A bureau's directory whose crawls run in a stand-in for the program."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.schema import Config
from config.schema.settings import CrawlSettings, Settings
from config.schema.sources import Source
from crawlers import child
from crawlers.commands import crawl
from pipeline.outcome import Outcome
from pipeline.store import sources
from pipeline.store.db import Store, open_store
from pipeline.store.sources import SourceRun


def clock() -> datetime:
    """Crawls over a real network need the real present."""
    return datetime.now(UTC)


@dataclass
class Bureau:
    """A directory with its store, and the crawls in it."""

    root: Path
    store: Store
    config: Config = field(default_factory=Config)

    def configure(self, table: Mapping[str, Source], **manners: object) -> None:
        """Takes these sources, with quick manners."""
        settings = Settings(crawl=CrawlSettings(**{"delay_seconds": 0.01, "timeout_seconds": 2, "run_seconds": 60, **manners}))
        self.config = Config(settings=settings, sources=dict(table))
        (self.root / "config.pickle").write_bytes(pickle.dumps(self.config))

    def crawl(self, *ids: str, stopped: Callable[[], bool] = lambda: False) -> Outcome:
        """Crawls in child processes."""
        return crawl(self.store, self.config, self.root, ids, clock, "", lambda _: None, stopped)

    def runs(self) -> dict[str, SourceRun]:
        """The newest run of each source."""
        return sources.latest(self.store)

    def posts(self, source: str) -> list[dict[str, object]]:
        """The posts of a source, oldest first."""
        return self.store.rows("SELECT * FROM post WHERE source = ? ORDER BY id", source)


@pytest.fixture(scope="module")
def bureau(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bureau]:
    """One directory for all tests of a module."""
    yield from make_bureau(tmp_path_factory.mktemp("bureau"))


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Bureau]:
    """A directory of its own."""
    yield from make_bureau(tmp_path / "fresh")


def make_bureau(root: Path) -> Iterator[Bureau]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(child, "PROGRAM", (sys.executable, str(Path(__file__).with_name("child_program.py"))))
        patch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
        store = open_store(root / "data" / "huiyin.db", "test", "测试县教育局", b"a key for tests only")
        yield Bureau(root, store)
        store.close()
