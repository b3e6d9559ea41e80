"""A bureau's directory on the disk: where things lie, and the secret that its hashes are keyed with."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from pipeline.faults import unusable


@dataclass(frozen=True, slots=True)
class Directory:
    """The paths of one bureau's directory."""

    root: Path

    @property
    def settings(self) -> Path:
        return self.root / "huiyin.toml"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def database(self) -> Path:
        return self.data / "huiyin.db"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    def must_be_a_bureau(self) -> None:
        """Raises `Unusable` where no configuration stands."""
        if not self.settings.is_file():
            raise unusable(str(self.root), "这里没有 huiyin.toml，不是回音的工作目录", "先运行 huiyin init 目录，或用 -C 指明目录")

    def secret(self) -> bytes:
        """The key of author hashes, audit chain and links: from HUIYIN_SECRET, else data/secret.key (0600), made at first need."""
        given = os.environ.get("HUIYIN_SECRET")
        if given:
            return given.encode()
        path = self.data / "secret.key"
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return _make_secret(path)


def _make_secret(path: Path) -> bytes:
    """Writes a new key whole or not at all; of two processes that do so at once, the first wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"secret.{os.getpid()}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_hex(32).encode())
    try:
        os.link(part, path)
    except FileExistsError:
        pass
    finally:
        part.unlink()
    return path.read_bytes()
