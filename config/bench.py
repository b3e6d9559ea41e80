"""What every command works with, as the rooms see it; the composition root alone makes one."""

from __future__ import annotations

import json
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import typer

from config.schema import Config
from config.schema.settings import Settings
from pipeline.faults import Fault
from pipeline.moments import WallClock
from pipeline.outcome import Outcome
from pipeline.store.db import Store
from pipeline.workshop import Directory


class Bench(Protocol):
    """A bureau's directory, its clock, its configuration and its store, each opened when it is first needed."""

    directory: Directory
    clock: WallClock
    json: bool

    @property
    def now_option(self) -> str:
        """`--now` for a child that starts at this moment; empty where the clock is the machine's."""
        ...

    @property
    def config(self) -> Config:
        """The bureau's configuration as it counts; raises `Unusable` where the directory is no bureau's."""
        ...

    @property
    def config_or_defaults(self) -> Config:
        """The bureau's configuration, or the package's where the directory is no bureau's."""
        ...

    @property
    def model_folders(self) -> list[Path]:
        """Where models are looked for and kept: with the bureau's data, then with the user."""
        ...

    def try_out(self, settings: Settings) -> list[Fault]:
        """What is wrong with the servers that the settings name, found by trying them; nothing is changed there."""
        ...

    def fresh_store(self, *, durable: bool = True) -> Store:
        """The database, for whoever closes it himself."""
        ...

    def open_store(self, *, durable: bool = True) -> AbstractContextManager[Store]:
        """The database, for the length of a block."""
        ...


def bench_of(context: typer.Context) -> Bench:
    """The bench that the composition root gave this command."""
    bench: Bench = context.obj
    return bench


def say(text: str) -> None:
    """Progress and remarks: to stderr, so that stdout stays one document."""
    print(text, file=sys.stderr, flush=True)


def finish(context: typer.Context, outcome: Outcome) -> None:
    """Prints a command's outcome and ends with its code."""
    print(json.dumps(outcome.data, ensure_ascii=False) if bench_of(context).json else outcome.text, flush=True)
    if outcome.code:
        raise typer.Exit(outcome.code)
