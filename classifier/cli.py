"""The commands of this room, as words on the command line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from config.bench import Bench, bench_of, finish, say
from config.schema import Config

app = typer.Typer()
bench = typer.Typer(no_args_is_help=True, help="测速")


@app.command()
def train(
    context: typer.Context, if_needed: Annotated[bool, typer.Option("--if-needed", help="已有与语料相符的模型则不再训练")] = False
) -> None:
    """由语料建立研读模型"""
    from classifier import commands

    bench = bench_of(context)
    finish(context, commands.train(bench.model_folders, if_needed, say))


@bench.command("read")
def bench_read(
    context: typer.Context,
    files: Annotated[list[Path] | None, typer.Argument(help="含 title、body 的 CSV 或 JSONL；不写则用语料")] = None,
    schools: Annotated[Path | None, typer.Option(help="改用这份学校名册")] = None,
    texts: Annotated[int, typer.Option(min=0, help="再连续读这么多条，看内存是否增长")] = 0,
) -> None:
    """量研读的速度，与逐条处理的常见写法同场对照"""
    from classifier.bench import bench_read as measure
    from classifier.model_files import load_or_train

    tools = bench_of(context)
    config = with_schools(tools, schools)
    finish(context, measure(files or [], load_or_train(tools.model_folders, say), config, texts, say))


def with_schools(bench: Bench, schools: Path | None) -> Config:
    """The configuration, with its registry of schools replaced by a file where one is given."""
    from config.registry import load_registry

    config = bench.config_or_defaults
    return replace(config, registry=replace(config.registry, schools=load_registry(schools))) if schools else config
