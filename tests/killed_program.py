"""Stands in for the program in tests of sudden death: runs its commands in forked processes, some of which kill themselves.

On stdin one JSON a line: {"commands": [[word, …], …], "kill": [module, function, n, "before" or "after"] or null}. The process that
runs the commands dies (SIGKILL) at the n-th call of that function. On stdout one JSON a line: how it ended.

What every command would load alike (configuration, reader) is loaded once, from the directory that is named on the command line.
Batches are small, so that deaths fall between them as well as within.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import classifier.commands
import classifier.stage
import config.load
import huiyin
import responders.stages


def deadly(module: str, name: str, n: int, when: str) -> None:
    """Makes the n-th call of a function the last thing that this process does."""
    place = importlib.import_module(module)
    whole, calls = getattr(place, name), 0

    def counted(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == n and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = whole(*args, **kwargs)
        if calls == n:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(place, name, counted)


def run(commands: Sequence[Sequence[str]]) -> None:
    """Runs commands one after the other; the first that ends badly ends them all."""
    for words in commands:
        try:
            huiyin.main(words)
        except SystemExit as end:
            if end.code:
                raise


def forked(commands: Sequence[Sequence[str]], kill: Sequence[Any] | None) -> int:
    """Runs commands in a process of their own; returns its exit status, or the signal that ended it as a negative number."""
    child = os.fork()
    if child == 0:
        os.dup2(2, 1)  # stdout is the answers'
        status = 70
        try:
            if kill:
                deadly(*kill)
            run(commands)
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main(root: Path) -> None:
    """Answers requests until there are no more."""
    settled = config.load.load(root)
    reader = classifier.commands.open_reader([Path(os.environ["HUIYIN_CACHE"])], settled, "", lambda text: None)
    config.load.load = lambda *_: settled  # type: ignore[assignment]  # the same for every directory of the test
    classifier.commands.open_reader = lambda *_: reader  # type: ignore[assignment]  # likewise
    classifier.stage.BATCH = 20
    responders.stages.BATCH = 10
    for module in ("crawlers.commands", "responders.commands", "responders.mail.commands", "pipeline.rounds"):
        importlib.import_module(module)
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(forked(request["commands"], request["kill"])), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
