"""The commands of this room, as words on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from config.bench import bench_of, finish, say

app = typer.Typer()
source = typer.Typer(no_args_is_help=True, help="新增与测试信源")


@app.command()
def crawl(context: typer.Context, sources: Annotated[list[str] | None, typer.Argument(help="信源编号；不写则采集到期的")] = None) -> None:
    """采集到期的信源，或立即采集指明的信源"""
    from crawlers import commands

    bench = bench_of(context)
    with bench.open_store() as store:
        finish(context, commands.crawl(store, bench.config, bench.directory.root, sources or [], bench.clock, bench.now_option, say))


@app.command("crawl-child", hidden=True)
def crawl_child(context: typer.Context, sources: list[str]) -> None:
    """采集子进程"""
    from crawlers import commands

    bench = bench_of(context)
    with bench.open_store(durable=False) as store:
        finish(context, commands.crawl_here(store, bench.config, sources, bench.clock))


@app.command("import")
def import_file(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV、XLSX 或 JSONL")],
    source: Annotated[str, typer.Option(help="信源编号，见 sources.toml")],
    mapping: Annotated[str, typer.Option("--map", help="列名对应，如 title=诉求标题,body=诉求内容")] = "",
    as_new: Annotated[bool, typer.Option("--as-new", help="当作今天收到的")] = False,
    archive: Annotated[bool, typer.Option("--archive", help="只研读、可检索，不起算时限")] = False,
) -> None:
    """导入热线、信箱等表格"""
    from crawlers import commands

    bench = bench_of(context)
    with bench.open_store(durable=False) as store:
        finish(context, commands.import_file(store, bench.config, file, source, mapping, as_new, archive, bench.clock(), say))


@source.command("new")
def source_new(context: typer.Context, id: str, url: str) -> None:
    """看一眼网址，给出信源配置的建议，并保存页面与测试"""
    from crawlers import commands

    bench = bench_of(context)
    with bench.open_store() as store:
        finish(context, commands.source_new(bench.config, bench.directory.root, id, url, bench.clock(), store))


@source.command("test")
def source_test(context: typer.Context, id: str) -> None:
    """用保存的页面（没有则现采）检验信源配置"""
    from crawlers import commands

    bench = bench_of(context)
    with bench.open_store() as store:
        finish(context, commands.source_test(bench.config, bench.directory.root, id, bench.clock(), store))


@app.command("sample-sites", hidden=True)
def sample_sites(context: typer.Context) -> None:
    """样例县的三个小网站"""
    from crawlers.sample_sites import serve
    from pipeline.supervisor import until_told

    bench = bench_of(context)
    serve(bench.clock, until_told(), bench.config.sources)
