"""`huiyin run` as a whole: up within a minute, alone in its directory, its children mended when they fall and gone when it goes.

The tests of this file are one day in the life of one directory, in their order.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.county import AT, County, free_port, move, new_county

pytestmark = pytest.mark.slow

ROLES = {"worker", "console", "school-page", "sample-sites"}
FIRST_ROUND = "第一轮已完成"
PATIENCE = 180
"""Seconds for what takes twenty on a machine that does nothing else."""


@dataclass
class Life:
    """A directory, and the program that runs in it."""

    county: County
    port: int
    school_port: int
    runs: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def log(self) -> Path:
        return self.county.root / "run.log"

    def start(self) -> subprocess.Popen[bytes]:
        """Starts `huiyin run`."""
        with self.log.open("wb") as log:
            command = [sys.executable, "-m", "huiyin", *self.county.words("run", at=AT)]
            self.runs.append(subprocess.Popen(command, env=self.county.environment, stdout=log, stderr=log, start_new_session=True))
        return self.runs[-1]

    def said(self, text: str, times: int = 1) -> Callable[[], bool]:
        """Whether the program has said something so many times."""
        return lambda: self.log.read_text("utf-8").count(text) >= times

    def processes(self) -> dict[str, int]:
        """What runs on this directory: the last word of the command, its process id."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_bytes().decode().split("\0")[:-1]
            except OSError:
                continue
            if str(self.county.root) in words and "huiyin" in words:
                found[words[words.index("-C") + 4]] = int(folder.name)
        return found

    def wait(self, what: Callable[[], bool], seconds: float, why: str) -> float:
        """Waits for something and returns how long it took; fails with the log when it does not come."""
        began = time.monotonic()
        while not what():
            assert time.monotonic() - began < seconds, f"{why}: not within {seconds} s\n{self.log.read_text('utf-8')[-4000:]}"
            time.sleep(0.1)
        return time.monotonic() - began

    def page(self) -> str:
        """The console's first page, as somebody sees it who has not logged in."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=10) as answer:
            return str(answer.read().decode())

    def counted(self) -> dict[str, int]:
        """How much there is of everything that must not double."""
        tables = ("post", "case_", "assignment", "obligation", "notice", "digest", "user")
        return {table: self.county.value(f"SELECT count(*) FROM {table}") for table in tables}


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Life]:
    """清源县 on free ports, looked after every second."""
    county = new_county(tmp_path_factory.mktemp("run") / "demo", models)
    move(county, [free_port(f"127.0.0.{n}") for n in (1, 2, 3)])
    port, school = free_port(), free_port()
    county.change("huiyin.toml", ("[mail]", f"[console]\nport = {port}\n\n[schedule]\ntick_seconds = 1\n\n[mail]"))
    county.change("huiyin.toml", ('"http://127.0.0.1:8601"', f'"http://127.0.0.1:{school}"\nport = {school}'))
    life = Life(county, port, school)
    yield life
    for run in life.runs:
        if run.poll() is None:
            run.terminate()
            run.wait(20)


@pytest.fixture(autouse=True)
def sound(life: Life) -> Iterator[None]:
    """Whatever happened: nothing that has been told is told again, and the record is whole."""
    yield
    doubled = """SELECT subject, recipient, count(*) AS n FROM message GROUP BY subject, recipient HAVING n > 1"""
    assert life.county.rows(doubled) == []
    ids = [mail["Message-ID"] for mail in life.county.mails()]
    assert len(ids) == len(set(ids))
    assert life.county("audit", "verify", "--json").json["broken_at"] is None
    assert life.county.rows("SELECT stage, subject, error FROM setback") == []


def test_a_worker_that_is_killed_in_its_first_round_is_started_again_and_finishes_it(life: Life) -> None:
    life.start()
    life.wait(life.said("已采集"), PATIENCE, "the first crawl")
    os.kill(life.processes()["worker"], signal.SIGKILL)
    life.wait(life.said("值守进程 已退出（状态 -9），正在第 1 次重新启动"), 30, "the new worker")
    life.wait(life.said(FIRST_ROUND), PATIENCE, "the first round")
    told = life.county("status", "--json").json
    assert told["posts"] == 303
    assert told["cases"]["triage"] > 25
    assert told["messages"]["sent"] == len(life.county.mails()) > 5
    assert life.county.value("SELECT count(*) FROM digest") == 1


def test_it_tells_the_console_and_the_first_log_in_and_the_console_answers(life: Life) -> None:
    said = life.log.read_text("utf-8")
    assert f"http://127.0.0.1:{life.port}/" in said
    assert "首次登录：用户 admin，密码 " in said
    page = life.page()
    assert "清源县教育局" in page
    assert 'type="password"' in page


def test_a_school_opens_the_link_in_its_mail_and_signs(life: Life) -> None:
    assert f"学校页面 http://127.0.0.1:{life.school_port}" in life.log.read_text("utf-8")
    texts = [mail.get_body(("plain",)) for mail in life.county.mails()]
    found = [re.search(rf"http://127\.0\.0\.1:{life.school_port}/s/\S+", text.get_content()) for text in texts if text]
    link = next(match[0] for match in found if match)
    before = life.county.value("SELECT count(*) FROM audit_entry WHERE action = '签收'")
    with urllib.request.urlopen(link, timeout=10) as answer:
        assert "确认签收" in answer.read().decode()
    form = urllib.parse.urlencode({"act": "acknowledge", "version": "2", "name": "签收人"}).encode()
    with urllib.request.urlopen(link, form, timeout=10) as answer:
        assert "已签收，谢谢" in answer.read().decode()
    assert life.county.value("SELECT count(*) FROM audit_entry WHERE action = '签收'") == before + 1
    assert link.rpartition("/")[2] not in "".join(log.read_text("utf-8") for log in [life.log, *(life.county.root / "logs").glob("*")])
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(link[:-1], timeout=10)


def test_a_second_run_in_the_same_directory_refuses(life: Life) -> None:
    again = life.county.run("run", at=AT)
    assert again.code == 1
    assert f"已有一个回音在运行（进程 {life.runs[0].pid}）" in again.out
    assert life.runs[0].poll() is None


def test_a_worker_that_is_killed_later_doubles_nothing(life: Life) -> None:
    before = life.counted()
    os.kill(life.processes()["worker"], signal.SIGKILL)
    life.wait(life.said("值守进程 已退出", 2), 30, "the new worker")
    life.wait(life.said(FIRST_ROUND, 2), PATIENCE, "its first round")
    assert life.counted() == before
    assert life.page()


def test_an_interrupt_stops_everything_within_ten_seconds(life: Life) -> None:
    assert set(life.processes()) >= ROLES
    life.runs[0].send_signal(signal.SIGINT)
    taken = life.wait(lambda: life.runs[0].poll() is not None, 11, "the end")
    print(f"stopped after {taken:.1f} s")
    assert life.runs[0].returncode == 0
    assert life.said("回音已停止")()
    assert life.processes() == {}


def test_started_again_it_goes_on_and_killed_it_takes_its_children_along(life: Life) -> None:
    before = life.counted()
    run = life.start()
    life.wait(life.said(FIRST_ROUND), PATIENCE, "the first round")
    assert life.page()
    os.kill(run.pid, signal.SIGKILL)
    run.wait(5)
    life.wait(lambda: life.processes() == {}, 15, "the end of the children")
    assert life.counted() == before
