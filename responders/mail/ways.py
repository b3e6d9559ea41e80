"""Which way mail leaves, and the passwords of its accounts: from the environment or a file that only its owner can read, never from
huiyin.toml."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from config.schema.settings import InboxSettings, MailSettings
from pipeline.faults import unusable
from pipeline.workshop import Directory
from responders.mail.files import Files
from responders.mail.mime import address
from responders.mail.smtp import Smtp
from responders.mail.transport import Transport


def transport_for(mail: MailSettings, directory: Directory, environment: Mapping[str, str] = os.environ) -> Transport:
    """The transport that huiyin.toml asks for. Raises `Unusable` for an SMTP server without a name or a password that cannot be had."""
    try:
        address(mail.sender)
    except ValueError as error:
        raise unusable("huiyin.toml 的 mail.sender", str(error), "填写发件邮箱") from error
    if mail.transport == "file":
        return Files(directory.data / "mail")
    if not mail.host:
        raise unusable("huiyin.toml 的 mail.host", "没有填写邮件服务器", "填写 host，或把 mail.transport 改回 file")
    return Smtp(mail, password(mail, directory, environment))


def password(
    account: MailSettings | InboxSettings, directory: Directory, environment: Mapping[str, str] = os.environ, table: str = "mail"
) -> str:
    """The password of the account in a table of huiyin.toml; empty where the server asks for no log-in."""
    if not account.user:
        return ""
    if account.password_file:
        return _from_file(directory.root / account.password_file, table)
    found = environment.get(account.password_env, "")
    if not found:
        what = f"填了登录用户名，但环境变量 {account.password_env} 里没有密码"
        raise unusable(f"huiyin.toml 的 {table}.user", what, f"设置该环境变量，或填写 {table}.password_file")
    return found


def _from_file(path: Path, table: str) -> str:
    try:
        mode = path.stat().st_mode
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise unusable(str(path), f"密码文件的权限是 {stat.S_IMODE(mode):04o}，别人可以读写", f"运行 chmod 600 {path.name}")
        found = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise unusable(str(path), f"密码文件读不出来（{type(error).__name__}）", f"核对 {table}.password_file 的路径和内容") from error
    if not found:
        raise unusable(str(path), "密码文件是空的", "把密码写进该文件的第一行")
    return found
