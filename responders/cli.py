"""The commands of this room, as words on the command line."""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from config.bench import bench_of, finish, say
from pipeline.faults import unusable

app = typer.Typer()
user = typer.Typer(no_args_is_help=True, help="控制台用户")


@app.command()
def remind(context: typer.Context) -> None:
    """触发到期的升级台阶"""
    from responders import commands

    bench = bench_of(context)
    with bench.open_store() as store:
        finish(context, commands.remind(store, bench.config, bench.clock()))


@app.command()
def clock(context: typer.Context, case: Annotated[str, typer.Argument(help="事件编号，如 教舆-2026-00001")]) -> None:
    """逐步说明一个事件的每个时限：起算、逐段计算、临期、到期、依据、现状、下一级催办"""
    from responders import clock_commands

    bench = bench_of(context)
    with bench.open_store() as store:
        finish(context, clock_commands.clock(store, bench.config, case, bench.clock()))


@app.command()
def send(context: typer.Context) -> None:
    """合并通知并清空发件箱"""
    from responders.mail import commands

    bench = bench_of(context)
    with bench.open_store() as store:
        finish(context, commands.send(store, bench.config, bench.clock, bench.directory.root, say))


@app.command()
def receive(context: typer.Context) -> None:
    """收取来信：回信归入案件，退信标记联系人，认不出的留待认领"""
    from responders.mail import commands

    bench = bench_of(context)
    with bench.open_store() as store:
        finish(context, commands.receive(store, bench.config, bench.clock, bench.directory.root))


@app.command()
def digest(
    context: typer.Context,
    day: Annotated[str, typer.Option("--date", help="日期，如 2026-11-18；默认今天")] = "",
    out: Annotated[Path | None, typer.Option(help="另存为 .html 或 .txt")] = None,
) -> None:
    """编写舆情日报"""
    from responders.mail import commands

    bench = bench_of(context)
    with bench.open_store() as store:
        finish(context, commands.make_digest(store, bench.config, bench.clock(), _day(day), out))


@app.command()
def retention(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只列出会清除什么，不清除")] = False,
) -> None:
    """清除保存期限已满的数据"""
    from responders import retention as keeping

    bench = bench_of(context)
    with bench.open_store() as store:
        if dry_run:
            finish(context, keeping.preview(store, bench.config, bench.clock()))
        else:
            finish(context, keeping.clear(store, bench.config, bench.clock, bench.directory.data / "process.lock"))


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date() if text else None  # noqa: DTZ007 — a day of the calendar, no moment
    except ValueError:
        raise unusable("--date", f"看不懂的日期 {text}", "写成 2026-11-18") from None


@user.command("add")
def user_add(
    context: typer.Context,
    name: str,
    role: Annotated[str, typer.Option(help="viewer、triager、approver、admin、auditor")],
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="从标准输入读密码")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="已有此用户时，改其角色和密码")] = False,
) -> None:
    """新增控制台用户"""
    from responders.console import commands

    bench = bench_of(context)
    with bench.open_store() as store:
        finish(context, commands.user_add(store, name, role, _password(password_stdin), bench.clock(), replace=replace))


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    return str(typer.prompt("密码", hide_input=True, confirmation_prompt=True, err=True))


@app.command("console", hidden=True)
def console(context: typer.Context) -> None:
    """控制台进程"""
    from pipeline.supervisor import until_told
    from responders.console.app import make_app
    from responders.console.server import serve

    bench = bench_of(context)
    settings = bench.config.settings.console
    serve(make_app(bench.fresh_store, lambda: bench.config, bench.clock), settings.host, settings.port, until_told())


@app.command("school-page", hidden=True)
def school_page(context: typer.Context) -> None:
    """学校页面进程"""
    from pipeline.supervisor import until_told
    from responders.console.server import serve
    from responders.school.app import make_app

    bench = bench_of(context)
    page, root = bench.config.settings.school_page, bench.directory.root
    certificate = (root / page.certificate, root / page.key) if page.certificate else None
    serve(make_app(bench.fresh_store, lambda: bench.config, bench.clock), page.host, page.port, until_told(), certificate)
