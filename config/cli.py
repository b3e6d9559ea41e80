"""The commands of this room, as words on the command line."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from config.bench import Bench, bench_of, finish
from pipeline.faults import Unusable

app = typer.Typer()
registry = typer.Typer(no_args_is_help=True, help="学校、股室、值班、政策名册（以数据库为准）")


@app.command()
def init(
    context: typer.Context,
    directory: Annotated[Path, typer.Argument(help="新目录")],
    sample: Annotated[bool, typer.Option("--sample", help="样例县清源县，即可运行")] = False,
) -> None:
    """建立一个带说明的工作目录"""
    from config import commands

    finish(context, commands.init(directory, sample))


@app.command()
def check(context: typer.Context) -> None:
    """一次列出配置的全部问题，并试登录收信邮箱"""
    from config import commands

    bench = bench_of(context)
    finish(context, commands.check(bench.directory.root, bench.clock(), _held(bench), bench.try_out))


def _held(bench: Bench) -> Mapping[str, str]:
    """The registry that the database holds; nothing where there is none, or where the settings that lead to it are at fault."""
    from config.files import REGISTRY
    from pipeline.store import config_versions

    if not bench.directory.database.exists():
        return {}
    with suppress(Unusable), bench.open_store() as store:
        return config_versions.newest_of(store, REGISTRY)
    return {}


@registry.command("diff")
def registry_diff(context: typer.Context) -> None:
    """名册文件与数据库的不同之处，不作改动"""
    from config import commands

    bench = bench_of(context)
    finish(context, commands.registry_diff(bench.directory.root, bench.config))


@registry.command("import")
def registry_import(context: typer.Context) -> None:
    """把名册文件的改动收入数据库"""
    from config import commands

    bench = bench_of(context)
    with bench.open_store() as store:
        finish(context, commands.registry_import(store, bench.directory.root, bench.config, bench.clock(), "命令行"))


@registry.command("export")
def registry_export(context: typer.Context) -> None:
    """把数据库里的名册写回文件"""
    from config import commands

    bench = bench_of(context)
    with bench.open_store() as store:
        finish(context, commands.registry_export(store, bench.directory.root))
