"""Stands in for the program in tests of crawls: `-C DIR crawl-child ID…`, with a pickled configuration in DIR.

DIR/die.txt holds how many posts there may be before the process kills itself; DIR/hang makes it hang like a parser.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from crawlers.commands import crawl_here
from pipeline.store.db import open_store


def kill_after(directory: Path, most: int) -> None:
    """Kills this very process once so many posts are stored."""
    store = open_store(directory / "data" / "huiyin.db", "test", "测试县教育局", b"a key for tests only")
    while store.value("SELECT count(*) FROM post") < most:
        time.sleep(0.02)
    os.kill(os.getpid(), signal.SIGKILL)


def main(directory: Path, ids: list[str]) -> None:
    config = pickle.loads((directory / "config.pickle").read_bytes())
    store = open_store(directory / "data" / "huiyin.db", "test", "测试县教育局", b"a key for tests only", durable=False)
    if (directory / "die.txt").is_file():
        threading.Thread(target=kill_after, args=(directory, int((directory / "die.txt").read_text())), daemon=True).start()
    if (directory / "hang").is_file():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(600)
    crawl_here(store, config, ids, lambda: datetime.now(UTC))


if __name__ == "__main__":
    words = sys.argv[1:]
    main(Path(words[words.index("-C") + 1]), words[words.index("crawl-child") + 1 :])
