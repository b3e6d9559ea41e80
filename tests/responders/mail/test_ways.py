"""Files, passwords, the SMS command, and `send` as a whole."""

from __future__ import annotations

import stat
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from config.schema import Config
from config.schema.settings import MailSettings
from pipeline.domain.terms import Urgency
from pipeline.faults import Unusable
from pipeline.outcome import DONE, FAILED, UNUSABLE
from pipeline.store import outbox, phone_tasks
from pipeline.store.db import Store
from pipeline.workshop import Directory
from responders.mail.commands import send
from responders.mail.compose import compose
from responders.mail.files import Files
from responders.mail.ringing import ring
from responders.mail.smtp import Smtp
from responders.mail.transport import Parcel, Verdict
from responders.mail.ways import password, transport_for

SMTP = MailSettings(transport="smtp", host="mail.example", user="huiyin")


def test_a_file_is_whole_and_written_again_is_the_same_file(tmp_path: Path) -> None:
    way, parcel = Files(tmp_path / "mail"), Parcel("a@b.example", "c@d.example", b"x\r\n", "20261118T020000Z-000001")
    for _ in range(2):
        assert way.deliver(parcel, lambda: None).verdict is Verdict.SENT
    assert [p.name for p in (tmp_path / "mail").iterdir()] == ["20261118T020000Z-000001.eml"]


def test_a_folder_that_cannot_be_written_is_tried_later(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("in the way")
    found = Files(tmp_path / "mail").deliver(Parcel("a@b.example", "c@d.example", b"x", "n"), lambda: None)
    assert (found.verdict, found.server_trouble) == (Verdict.LATER, True)


def test_the_password_comes_from_the_environment(tmp_path: Path) -> None:
    assert password(SMTP, Directory(tmp_path), {"HUIYIN_SMTP_PASSWORD": "s3cret"}) == "s3cret"
    assert password(MailSettings(), Directory(tmp_path), {}) == ""


@pytest.mark.parametrize(
    ("mode", "text", "fault"),
    [
        (0o600, "s3cret\n", ""), (0o400, "s3cret", ""), (0o640, "s3cret", "0640"), (0o604, "s3cret", "0604"), (0o600, "", "空"),
        (None, "", "读不出来"),
    ],
)  # fmt: skip
def test_or_from_a_file_that_only_its_owner_can_read(tmp_path: Path, mode: int | None, text: str, fault: str) -> None:
    if mode is not None:
        (tmp_path / "pw").write_text(text)
        (tmp_path / "pw").chmod(mode)
    asked = SMTP.model_copy(update={"password_file": "pw"})
    if not fault:
        assert password(asked, Directory(tmp_path), {}) == "s3cret"
        return
    with pytest.raises(Unusable, match=fault) as error:
        password(asked, Directory(tmp_path), {})
    assert "s3cret" not in str(error.value)
    assert error.value.faults[0].mend


@pytest.mark.parametrize(
    ("given", "fault"), [({"host": ""}, "mail.host"), ({}, "HUIYIN_SMTP_PASSWORD"), ({"sender": "no address"}, "mail.sender")]
)
def test_what_is_missing_for_smtp_is_named(tmp_path: Path, given: dict[str, Any], fault: str) -> None:
    with pytest.raises(Unusable, match=fault):
        transport_for(SMTP.model_copy(update=given), Directory(tmp_path), {})
    assert isinstance(transport_for(SMTP, Directory(tmp_path), {"HUIYIN_SMTP_PASSWORD": "x"}), Smtp)


# ── the SMS command ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def gateway(tmp_path: Path) -> Callable[[str], tuple[str, ...]]:
    """A shell script as the bureau's SMS gateway."""

    def script(body: str) -> tuple[str, ...]:
        path = tmp_path / "sms"
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return (str(path), "--to")

    return script


def ringing(put: Any, store: Store, config: Config, now: Any, **given: Any) -> None:
    put(**{"party": "desk", "urgency": Urgency.URGENT, "phone": True, "subject": "红线待确认", "text": "请立即核实"} | given)
    compose(store, config, now)


def test_the_command_gets_the_text_and_the_number_once(
    bureau: Store, config: Config, put: Any, clock: Any, gateway: Any, tmp_path: Path
) -> None:
    command = gateway(f'cat > {tmp_path}/text; echo "$@" >> {tmp_path}/number')
    ringing(put, bureau, config, clock())
    assert [ring(bureau, command, clock), ring(bureau, command, clock)] == [(1, 0), (0, 0)]
    assert (tmp_path / "number").read_text() == "--to 13900000088\n"
    assert (tmp_path / "text").read_text() == "红线待确认\n请立即核实"
    assert phone_tasks.count_open(bureau) == 1, "a person still has to confirm"


def test_only_urgent_notices_that_ask_to_be_phoned_ring(bureau: Store, config: Config, put: Any, clock: Any, gateway: Any) -> None:
    ringing(put, bureau, config, clock(), phone=False)
    ringing(put, bureau, config, clock(), urgency=Urgency.PROMPT)
    assert ring(bureau, gateway("exit 0"), clock) == (0, 0)


@pytest.mark.parametrize(
    ("body", "words"), [("echo 余额不足 >&2; exit 3", "状态 3 结束：余额不足"), ("sleep 5", "没有结束"), (None, "无法运行")]
)
def test_a_failing_command_is_tried_three_times_then_it_is_a_setback(
    bureau: Store, config: Config, put: Any, clock: Any, gateway: Any, body: str | None, words: str
) -> None:
    command = gateway(f"exec {body}" if body == "sleep 5" else body) if body else ("/nowhere/sms",)
    ringing(put, bureau, config, clock())
    for _ in range(5):
        ring(bureau, command, clock, seconds=0.2)
        clock.pass_(minutes=1)
    task = bureau.row("SELECT * FROM phone_task")
    assert task
    assert (task["command_tries"], task["command_due"], task["done_at"]) == (3, 0, None)
    assert words in task["command_error"]
    assert bureau.value("SELECT count(*) FROM setback WHERE stage = 'urgent'") == 1


def test_without_a_number_the_command_is_not_run(bureau: Store, config: Config, put: Any, clock: Any, gateway: Any) -> None:
    ringing(put, bureau, config, clock(), party="QY003")
    assert ring(bureau, gateway("exit 0"), clock) == (0, 1)


# ── the whole ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_send_writes_files_and_says_so(bureau: Store, config: Config, put: Any, clock: Any, tmp_path: Path) -> None:
    put(urgency=Urgency.PROMPT, subject="交办：关于食堂的事项")
    said: list[str] = []
    outcome = send(bureau, config, clock, tmp_path, said.append)
    assert (outcome.code, outcome.data["ended"], outcome.data["breaker"]) == (DONE, {"sent": 1}, None)
    assert "已发送 1 封" in outcome.text
    assert "已发送" in said[0]
    [path] = (tmp_path / "data" / "mail").glob("*.eml")
    mime = message_from_bytes(path.read_bytes(), policy=default)
    assert mime["Subject"] == "交办：关于食堂的事项"
    again = send(bureau, config, clock, tmp_path, said.append)
    assert (again.data["composed"], again.data["ended"]) == (0, {})


def test_a_mail_configuration_that_cannot_work_turns_mail_into_calls(
    bureau: Store, mail: Any, put: Any, clock: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HUIYIN_SMTP_PASSWORD", raising=False)
    put(urgency=Urgency.PROMPT)
    config = mail(transport="smtp", host="mail.example", user="huiyin")
    outcome = send(bureau, config, clock, tmp_path, print)
    assert (outcome.code, outcome.data["phone_tasks"]) == (UNUSABLE, 1)
    assert "邮件中断" in outcome.text
    assert "HUIYIN_SMTP_PASSWORD" in outcome.text
    clock.pass_(minutes=2)
    put(urgency=Urgency.PROMPT, created_at=clock())
    assert send(bureau, config, clock, tmp_path, print).data["phone_tasks"] == 2
    clock.pass_(minutes=2)
    mended = send(bureau, mail(), clock, tmp_path, print)
    assert (mended.code, mended.data["ended"], mended.data["phone_tasks"]) == (DONE, {"sent": 2}, 0)


def test_an_unreachable_server_is_a_failure_with_a_banner(bureau: Store, mail: Any, put: Any, clock: Any, tmp_path: Path) -> None:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    put(urgency=Urgency.PROMPT)
    outcome = send(bureau, mail(transport="smtp", host="127.0.0.1", port=port, security="none"), clock, tmp_path, print)
    assert (outcome.code, outcome.data["breaker"]["reason"]) == (FAILED, "连接：连接被拒绝")
    standing = outbox.breaker(bureau)
    assert standing
    assert standing.next_at == clock() + timedelta(minutes=1)
