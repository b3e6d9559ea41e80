"""The commands of this room, as words on the command line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from config.bench import Bench, bench_of, finish, say
from config.schema import Config

app = typer.Typer()


@app.command()
def train(
    context: typer.Context, if_needed: Annotated[bool, typer.Option("--if-needed", help="已有与语料相符的模型则不再训练")] = False
) -> None:
    """由语料建立研读模型"""
    from classifier import commands

    bench = bench_of(context)
    finish(context, commands.train(bench.model_folders, bench.config_or_defaults, if_needed, say))


@app.command()
def evaluate(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="人工标注的 JSONL")],
    schools: Annotated[Path | None, typer.Option(help="改用这份学校名册")] = None,
    place: Annotated[str, typer.Option(help="市/县，文中简称据此判断")] = "",
    worst: Annotated[int, typer.Option(help="列出最差的若干条")] = 0,
) -> None:
    """用人工标注的文件给模型打分"""
    from classifier import commands

    bench = bench_of(context)
    config = with_schools(bench, schools)
    finish(context, commands.evaluate(file, commands.open_reader(bench.model_folders, config, place, say), config, worst))


def with_schools(bench: Bench, schools: Path | None) -> Config:
    """The configuration, with its registry of schools replaced by a file where one is given."""
    from config.registry import load_registry

    config = bench.config_or_defaults
    return replace(config, registry=replace(config.registry, schools=load_registry(schools))) if schools else config
