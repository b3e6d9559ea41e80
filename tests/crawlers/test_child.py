"""The child process of a crawl: what limits it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.schema import Config
from config.schema.sources import Source
from crawlers.child import PARENT, said_of
from crawlers.commands import children
from pipeline.domain.terms import CrawlOutcome as O
from pipeline.store import sources
from pipeline.store.db import Store
from tests.conftest import NOW

GREEDY = """
from config.schema.settings import CrawlSettings
from crawlers.child import confine
confine(CrawlSettings(memory_mb=128))
few = bytearray(64_000_000)
try:
    many = bytearray(400_000_000)
except MemoryError:
    print("refused")
"""


@pytest.mark.slow
def test_a_leak_is_refused_memory_and_the_bare_program_is_not() -> None:
    environment = os.environ | {PARENT: str(os.getpid()), "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", GREEDY], env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "refused\n"


@pytest.mark.parametrize(("status", "said"), [(0, ""), (-9, "SIGKILL"), (-11, "SIGSEGV"), (1, "状态 1")])
def test_a_childs_end_is_said_in_words(status: int, said: str) -> None:
    assert said in said_of(status)
    assert bool(said_of(status)) == bool(said)


def test_sources_of_one_host_share_a_child_and_whose_last_crawl_hung_is_alone(store: Store) -> None:
    hosts = {f"s{n}": f"http://h{n}.example/" for n in range(10)} | {"twin": "http://h1.example/b"}
    config = Config(sources={id: Source(name=id, kind="feed", url=url) for id, url in hosts.items()})
    run = sources.begin_run(store, "s2", NOW)
    sources.end_run(store, run, O.TIMEOUT, NOW)
    groups = children(store, config, list(hosts))
    assert groups == [["s0", "s1", "twin", "s3", "s4", "s5", "s6", "s7", "s8"], ["s9"], ["s2"]]
