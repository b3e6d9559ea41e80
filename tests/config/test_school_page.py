"""Under which address a link to the school's page may leave, and what is refused before it does."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.commands import check
from config.load import examine, load

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)


def faults(directory: Path, lines: str) -> list[str]:
    """What is wrong with a bureau whose [school_page] says this."""
    (directory / "huiyin.toml").write_text(f"[school_page]\n{lines}\n", "utf-8")
    return [str(f) for f in examine(directory)[1] if "school_page" in str(f) or "huiyin.toml" in f.where]


@pytest.mark.parametrize(
    "lines",
    [
        "", 'public_url = "https://yuqing.bureau.example"', 'public_url = "https://bureau.example:8443/school/"',
        'public_url = "http://127.0.0.1:8601"', 'public_url = "http://localhost:8601/"', 'public_url = "http://[::1]:8601"',
        'public_url = "https://x.example"\nhost = "0.0.0.0"\ncertificate = "c.pem"\nkey = "k.pem"',
        'public_url = "https://x.example"\nhost = "0.0.0.0"\nproxies = ["10.1.2.3"]',
    ],
)
def test_these_may_be(tmp_path: Path, lines: str) -> None:
    assert faults(tmp_path, lines) == []


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        ('public_url = "http://yuqing.bureau.example"', "不是 HTTPS"), ('public_url = "http://10.1.2.3:8601"', "不是 HTTPS"),
        ('public_url = "http://127.0.0.1.evil.example"', "不是 HTTPS"), ('public_url = "yuqing.bureau.example"', "不是可用的网址"),
        ('public_url = "ftp://x.example"', "不是可用的网址"), ('public_url = "https://x.example/?a=1"', "不是可用的网址"),
        ('public_url = "https://a:b@x.example"', "不是可用的网址"), ('public_url = "https://x.example:99999"', "不是可用的网址"),
        ('public_url = "https://"', "不是可用的网址"), ('public_url = "https://x.example"\nhost = "0.0.0.0"', "不经 HTTPS"),
        ('public_url = "https://x.example"\nport = 8600', "同一个端口"), ('certificate = "c.pem"', "须同时填写"),
        ('public_url = "https://x.example"\nkey = "k.pem"', "须同时填写"), ('proxies = ["proxy.example"]', "不是 IP 地址"),
        ("port = 0", "port"),
    ],
)
def test_these_are_refused_with_line_and_mend(tmp_path: Path, lines: str, what: str) -> None:
    [fault] = faults(tmp_path, lines)
    assert what in fault
    assert "huiyin.toml" in fault
    assert "（" in fault


def test_the_certificates_files_must_be_there_and_the_key_its_owners_alone(tmp_path: Path) -> None:
    lines = '[school_page]\npublic_url = "https://x.example"\nhost = "0.0.0.0"\ncertificate = "c.pem"\nkey = "k.pem"\n'
    (tmp_path / "huiyin.toml").write_text(lines, "utf-8")
    assert [w for w in ("证书文件 c.pem 不存在", "私钥文件 k.pem 不存在") if w not in check(tmp_path, NOW).text] == []
    for name in ("c.pem", "k.pem"):
        (tmp_path / name).write_text("x")
    (tmp_path / "k.pem").chmod(0o640)
    assert "私钥文件 k.pem 其他人也能读" in check(tmp_path, NOW).text
    (tmp_path / "k.pem").chmod(0o600)
    assert "pem" not in check(tmp_path, NOW).text


def test_without_an_address_there_is_no_page(tmp_path: Path) -> None:
    (tmp_path / "huiyin.toml").write_text("[school_page]\nport = 8700\n", "utf-8")
    assert not load(tmp_path).settings.school_page.opens
    assert "学校只能电话或回信签收" in check(tmp_path, NOW).text
