"""回音: the command line and the composition root.

Alone reads the clock and loads the configuration; everything below is handed both. What reading and routing do together
(`process`, `analyse`, `explain`, the worker) is put together here, because the rooms that do them never import each other.
Rooms are imported where they are used: `huiyin status` should not wait for a crawler to load.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property, partial
from importlib.metadata import version
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.exceptions import TyperException

import classifier.cli
import config.cli
import crawlers.cli
import responders.cli
from config.bench import bench_of, finish, say
from config.schema import Config
from config.schema.settings import Settings
from pipeline import moments
from pipeline.commandline import failed, hoisted, misused
from pipeline.domain.posts import Post
from pipeline.domain.readings import Reader, Reading
from pipeline.faults import Fault, Unusable, refuse, unusable
from pipeline.moments import WallClock
from pipeline.outcome import FAILED, UNUSABLE, Outcome
from pipeline.scheduler import Job
from pipeline.stage import Stage
from pipeline.store.db import Store
from pipeline.workshop import Directory

if TYPE_CHECKING:
    from classifier.explaining import Explanation

EPILOG = "各命令之前或之后都可写：-C 目录（默认当前目录或 HUIYIN_HOME）、--json（只输出一个 JSON）、--now 时刻（无时区时按北京时间）。"

app = typer.Typer(add_completion=False, no_args_is_help=True, help="回音：县教育局舆情监测与回应。事事有回音。", epilog=EPILOG)
audit_app = typer.Typer(no_args_is_help=True, help="留痕")
for room in (config.cli, crawlers.cli, classifier.cli, responders.cli):
    app.add_typer(room.app)
app.add_typer(crawlers.cli.source, name="source")
app.add_typer(responders.cli.user, name="user")
app.add_typer(config.cli.registry, name="registry")
app.add_typer(classifier.cli.bench, name="bench")
app.add_typer(audit_app, name="audit")


class Workbench:
    """The `config.bench.Bench` of one run of the program."""

    def __init__(self, root: Path, clock: WallClock, as_json: bool, now: str) -> None:
        self.directory, self.clock, self.json, self._now = Directory(root), clock, as_json, now

    @property
    def now_option(self) -> str:
        """`--now` for a child that starts at this moment; empty where the clock is the machine's."""
        return moments.to_text(self.clock()) if self._now else ""

    @cached_property
    def config(self) -> Config:
        """Rules from the files, the registry from the database; a version that is new is kept there."""
        from config.commands import accept_registry
        from config.files import REGISTRY
        from config.load import load
        from pipeline.store import config_versions

        with self.open_store() as store:
            accepted = config_versions.newest_of(store, REGISTRY)
            found = load(self.directory.root, accepted)
            with store.transaction():
                config_versions.record(store, {f: t for f, t in found.texts.items() if f not in REGISTRY}, self.clock(), "文件")
                accept_registry(store, found, self.clock(), "文件")
        return found

    @property
    def config_or_defaults(self) -> Config:
        from config.load import load

        return self.config if self.directory.settings.is_file() else load(None)

    @property
    def model_folders(self) -> list[Path]:
        cache = os.environ.get("HUIYIN_CACHE") or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "huiyin"
        own = [self.directory.data / "models"] if self.directory.settings.is_file() else []
        return [*own, Path(cache)]

    def try_out(self, settings: Settings) -> list[Fault]:
        from responders.mail.commands import try_out

        return try_out(settings, self.directory.root)

    def fresh_store(self, *, durable: bool = True) -> Store:
        from config.load import load_settings
        from pipeline.store.db import open_store

        self.directory.must_be_a_bureau()
        bureau = load_settings(self.directory.root).bureau
        return open_store(self.directory.database, bureau.id, bureau.name, self.directory.secret(), durable=durable)

    @contextmanager
    def open_store(self, *, durable: bool = True) -> Iterator[Store]:
        store = self.fresh_store(durable=durable)
        try:
            yield store
        finally:
            store.close()


# ── reading and routing together ────────────────────────────────────────────────────────────────────────────────────


def stages(store: Store, settled: Config, reader: Reader) -> list[Stage[Any, Any]]:
    """Every stage after collecting, in the order of the spine."""
    from classifier.meaning import sentence_meaning
    from classifier.stage import gather_stage, read_stage
    from responders.stages import route_stage

    return [read_stage(store, reader), gather_stage(store, settled, sentence_meaning()), route_stage(store, settled)]


@app.command()
def process(context: typer.Context) -> None:
    """研读 → 归并 → 确定回应主体 → 起算时限，直到没有待处理的"""
    from classifier.commands import open_reader
    from pipeline.rounds import process as work_through
    from pipeline.rounds import progress_bar

    bench = bench_of(context)
    reader = open_reader(bench.model_folders, bench.config, "", say)
    with bench.open_store(durable=False) as store, progress_bar() as progress:
        lock = bench.directory.data / "process.lock"
        finish(context, work_through(store, stages(store, bench.config, reader), bench.clock, lock, progress))


@app.command()
def explain(
    context: typer.Context,
    post: Annotated[int | None, typer.Argument(help="帖文编号")] = None,
    text: Annotated[str | None, typer.Option(help="直接给出文字，首行为标题")] = None,
    why: Annotated[bool, typer.Option("--why", help="再列出全部依据：数字、门槛、句式、词语、未取的主题")] = False,
) -> None:
    """一屏说明为何这样研读、归谁回应、最紧的时限；加 --why 再列全部依据"""
    from classifier import explaining
    from classifier.commands import open_reader

    if (post is None) == (text is None):
        what = "没有说明要看哪一条" if post is None else "帖文编号和 --text 只能写一个"
        raise unusable("explain", what, '写帖文编号，或写文字，如 huiyin explain --text "县一中周末补课"')
    if text is not None and not text.strip():
        raise unusable("--text", "文字是空的", '写上要研读的文字，如 --text "县一中周末补课"')
    bench = bench_of(context)
    asked = stored(context, post) if post is not None else typed(text or "", bench.clock())
    settled = bench.config_or_defaults
    found = explaining.explain(open_reader(bench.model_folders, settled, "", say), asked)
    finish(context, explained(asked, found, settled, bench.clock(), full=why))


def typed(text: str, now: datetime) -> Post:
    """A text given by hand, as a public post of this moment; its first line is the title."""
    title, _, body = text.partition("\n")
    return Post(0, "manual", "typed", "", title, body, now, now)


def stored(context: typer.Context, number: int) -> Post:
    """A post of the store."""
    from pipeline.store import posts

    with bench_of(context).open_store() as store:
        found = posts.get(store, number)
    if found is None:
        raise unusable(str(number), "没有这个编号的帖文", "编号见控制台案件页")
    return found


def explained(post: Post, why: Explanation, settled: Config, now: datetime, *, full: bool) -> Outcome:
    """Reading, owner and clocks of one post on one screen; `full` adds their grounds."""
    from classifier.explanation import conclusion, explanation_row, reasons
    from classifier.glance import glance
    from responders.commands import clocks_preview, owner_pieces, owner_row, owner_text, tightest
    from responders.routing import route_reading

    decision = route_reading(why.reading, post, settled)
    clocks = clocks_preview(why.reading, post, settled, now)
    data = {"post": post.id or None, **explanation_row(why), "owner": owner_row(decision, full=True), "clocks": clocks.data}
    screen = glance(why, post, settled, owner_pieces(decision), tightest(clocks))
    parts = [screen, conclusion(why, settled), owner_text(decision), clocks.text, reasons(why, settled)]
    return Outcome(data, "\n\n".join(parts) if full else f"{screen}\n  数字、门槛、句式和全部时限：加 --why")


@app.command()
def analyse(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="每行一个 JSON：id, title, body, time")],
    out: Annotated[Path, typer.Option(help="结果文件")],
    schools: Annotated[Path | None, typer.Option(help="改用这份学校名册")] = None,
    place: Annotated[str, typer.Option(help="市/县，文中简称据此判断")] = "",
    events: Annotated[bool, typer.Option("--events", help="标出同一件事")] = False,
) -> None:
    """不用数据库，研读一个文件"""
    from classifier.cli import with_schools
    from classifier.commands import analyse_file, open_reader
    from classifier.rows import reading_row
    from responders.commands import owner_row
    from responders.routing import route_reading

    bench = bench_of(context)
    settled = with_schools(bench, schools)
    reader = open_reader(bench.model_folders, settled, place, say)

    def row(reading: Reading, post: Post) -> dict[str, Any]:
        return {**reading_row(reading), "owner": owner_row(route_reading(reading, post, settled))}

    finish(context, analyse_file(file, out, reader, settled, row, events, bench.clock(), say))


@app.command()
def evaluate(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="人工标注的 JSONL")],
    schools: Annotated[Path | None, typer.Option(help="改用这份学校名册")] = None,
    place: Annotated[str, typer.Option(help="市/县，文中简称据此判断")] = "",
    worst: Annotated[int, typer.Option(min=0, help="列出最有把握的若干条错误")] = 0,
    curves: Annotated[Path | None, typer.Option(help="把准确率–召回率曲线画到这个目录或这个 .png 文件")] = None,
) -> None:
    """用人工标注的文件给研读和回应主体打分：总体、各主题、混淆、最有把握的错误"""
    from classifier import commands
    from classifier.cli import with_schools
    from responders.routing import route_reading

    bench = bench_of(context)
    settled = with_schools(bench, schools)
    reader = commands.open_reader(bench.model_folders, settled, place, say)
    finish(context, commands.evaluate(file, reader, settled, partial(route_reading, config=settled), worst, curves))


# ── how things stand ────────────────────────────────────────────────────────────────────────────────────────────────


@app.command()
def status(context: typer.Context) -> None:
    """现在的情况：帖文、案件、时限、邮件、信源、模型"""
    from classifier.model_files import find
    from crawlers.commands import crawled
    from pipeline.standing import status_text
    from pipeline.store.sources import states
    from pipeline.store.status import standing

    bench = bench_of(context)
    with bench.open_store() as store:
        model = find(bench.model_folders)
        data = standing(store, bench.clock()).data()
        data["sources"] = [s.data() for s in states(store, crawled(bench.config), bench.clock())]
        data["model"] = {"version": model.version if model else None, "scores": model.scores if model else {}}
    finish(context, Outcome(data, status_text(data)))


@audit_app.command("verify")
def audit_verify(
    context: typer.Context,
    count: Annotated[int, typer.Option(min=0, help="某一期日报上印的留痕条数")] = 0,
    hash_: Annotated[str, typer.Option("--hash", help="同一期日报上印的最新校验值")] = "",
) -> None:
    """核对留痕链，并与各期日报印的条数、校验值相对照"""
    from pipeline.domain.chain import Printed
    from pipeline.store import audit

    if bool(count) != bool(hash_):
        raise unusable("--count、--hash", "只写了一个", "照日报末尾「留痕」一行，两个一起写")
    printed = [Printed("所给日报", count, hash_.strip().lower())] if count else []
    with bench_of(context).open_store() as store:
        broken, head = audit.verify(store, printed), audit.head(store)
    data = {
        "entries": head.count, "head": head.hash, "broken_at": broken.n if broken else None,
        "damage": broken.damage.value if broken else None, "against": broken.against or None if broken else None,
    }
    whole = f"留痕 {head.count} 条，环环相扣，与各期日报所印相符（链尾 {head.hash[:16]}…）"
    finish(context, Outcome(data, f"留痕{broken.sentence}" if broken else whole, FAILED if broken else 0))


# ── running ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@app.command()
def run(context: typer.Context) -> None:
    """按计划运行，打开控制台和（配置了的）学校页面，直到 Ctrl-C"""
    from config.page_checks import page_files
    from pipeline.supervisor import Child, Locked, Supervisor, free_port, sole
    from responders.console.commands import first_login

    bench = bench_of(context)
    settings = bench.config.settings
    page = settings.school_page
    names = {"worker": "值守进程", "console": "控制台"} | ({"school-page": "学校页面"} if page.opens else {})
    names |= {"sample-sites": "样例网站"} if settings.sample else {}
    refuse(page_files(bench.directory.root, settings), most=10)
    try:
        with sole(bench.directory.data / "run.lock"):
            free_port(settings.console.host, settings.console.port, "console")
            if page.opens:
                free_port(page.host, page.port, "school_page")
            with bench.open_store() as store:
                login = first_login(store, bench.directory.data, bench.clock())
            opened = f"，学校页面 {page.public_url}" if page.opens else ""
            say(f"回音已启动：{settings.bureau.name}。控制台 {console_url(settings)}{opened}\n{login}".rstrip())
            Supervisor([Child(name, partial(own_command, context, role)) for role, name in names.items()], say).run()
            say("回音已停止。")
    except Locked as holder:
        finish(context, Outcome({"error": "running"}, f"这个目录已有一个回音在运行（进程 {holder}），本次不再启动", FAILED))


def own_command(context: typer.Context, role: str) -> list[str]:
    """This program again, on the same directory and clock."""
    bench = bench_of(context)
    now = ["--now", bench.now_option] if bench.now_option else []
    return [sys.executable, "-m", "huiyin", "-C", str(bench.directory.root), *now, role]


def console_url(settings: Settings) -> str:
    """What staff type into the browser."""
    return f"{'https' if settings.console.https else 'http'}://{settings.console.host}:{settings.console.port}/"


@app.command("worker", hidden=True)
def worker(context: typer.Context) -> None:
    """值守进程"""
    from pipeline.scheduler import first_round, work
    from pipeline.standing import status_text
    from pipeline.store.status import standing
    from pipeline.supervisor import until_told

    bench, stop = bench_of(context), until_told()
    jobs = worker_jobs(context, stop)
    if first_round(jobs, stop):
        with bench.open_store() as store:
            text = status_text(standing(store, bench.clock()).data())
        say(f"第一轮已完成。\n{text}\n控制台 {console_url(bench.config.settings)}")
    work(jobs, bench.clock, stop)


def worker_jobs(context: typer.Context, stop: threading.Event) -> list[Job]:
    """What the worker does again and again; in this order in its first round."""
    from classifier.commands import open_reader
    from crawlers.commands import crawl_due
    from pipeline.rounds import process as work_through
    from responders.commands import remind
    from responders.mail.commands import digest_if_due, receive_if_due, send
    from responders.retention import clear_if_due

    bench = bench_of(context)
    settled, clock, root = bench.config, bench.clock, bench.directory.root
    reader = open_reader(bench.model_folders, settled, "", say)

    def with_store(do: Callable[[Store], object], *, durable: bool = True) -> Callable[[], None]:
        def job() -> None:
            with bench.open_store(durable=durable) as store:
                do(store)

        return job

    lock = bench.directory.data / "process.lock"
    doing: dict[str, Callable[[], None]] = {
        "crawl": with_store(lambda store: crawl_due(store, settled, root, clock, bench.now_option, say, stop.is_set)),
        "process": with_store(lambda s: work_through(s, stages(s, settled, reader), clock, lock, stopped=stop.is_set), durable=False),
        "remind": with_store(lambda store: remind(store, settled, clock())),
        "digest": with_store(lambda store: digest_if_due(store, settled, clock())),
        "send": with_store(lambda store: send(store, settled, clock, root, say, stop.is_set)),
        "receive": with_store(lambda store: receive_if_due(store, settled, clock, root, stop.is_set)),
        "retention": with_store(lambda store: clear_if_due(store, settled, clock, lock, stop.is_set)),
    }
    return [Job(name, settled.settings.schedule.tick_seconds, do) for name, do in doing.items()]


# ── the command line ────────────────────────────────────────────────────────────────────────────────────────────────

LOG_LINE = "%(asctime)s %(process)d %(levelname)s %(name)s %(message)s"
PROCESSES = {"run", "worker", "console", "school-page", "sample-sites", "crawl-child"}


def clock_of(now: str, running: bool) -> WallClock:
    """The machine's clock; with --now that moment, standing still for a command and running on for a process."""
    if not now:
        return lambda: datetime.now(UTC)
    try:
        start = moments.parse(now)
    except ValueError:
        raise unusable("--now", f"看不懂的时刻 {now}", "写成 2026-11-18T10:00 或 2026-11-18T02:00Z") from None
    ahead = start - datetime.now(UTC)
    return (lambda: datetime.now(UTC) + ahead) if running else (lambda: start)


def main(given: Sequence[str] | None = None) -> None:
    """The program: parses, runs one command, turns every fault into its message and its exit code."""
    given = sys.argv[1:] if given is None else given
    os.umask(0o077)  # what a bureau collects is for its own eyes
    logging.basicConfig(level=os.environ.get("HUIYIN_LOG", "WARNING"), format=LOG_LINE)
    try:
        sys.exit(called(given))
    except Unusable as error:
        sys.exit(failed(error.faults, UNUSABLE, "--json" in given))
    except sqlite3.OperationalError as error:  # locked for longer than we wait, disk full, read-only
        mend = "看磁盘是否已满、目录能否写入、是否有别的程序占着它，稍后再试；没有数据丢失"
        sys.exit(failed((Fault("数据库", f"暂时不能使用：{error}", mend),), FAILED, "--json" in given))


def log_to(folder: Path) -> None:
    """Keeps what the processes of `run` have to report, in files that do not grow without end."""
    folder.mkdir(exist_ok=True)
    handler = RotatingFileHandler(folder / "huiyin.log", maxBytes=2_000_000, backupCount=5, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter(LOG_LINE))
    logging.getLogger().addHandler(handler)


def called(given: Sequence[str]) -> int:
    """Runs the command that these words name; the exit code. Words that name none are `Unusable`."""
    left, options = hoisted(given)
    if left == ["--version"]:
        print(version("huiyin"))
        return 0
    root = Path(options.get("-C") or os.environ.get("HUIYIN_HOME") or ".")
    now = options.get("--now", "")
    running = bool(PROCESSES & set(left[:1]))
    bench = Workbench(root, clock_of(now, running), "--json" in options, now)
    if running and bench.directory.settings.is_file():
        log_to(bench.directory.logs)
    try:
        return int(app(left or ["--help"], prog_name="huiyin", obj=bench, standalone_mode=False) or 0)
    except typer.Exit as end:
        return end.exit_code
    except typer.Abort:
        raise unusable("输入", "已取消", "重新运行，并按提示输入") from None
    except TyperException as error:
        raise Unusable(misused(error)) from None


if __name__ == "__main__":
    main()
