"""Mail into files (试用): each becomes data/mail/<time>-<id>.eml, whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from responders.mail.transport import Delivery, Parcel, Verdict


@dataclass(frozen=True, slots=True)
class Files:
    """Writes beneath one folder. Written again, a mail replaces itself: that is harmless, so it never says `before_data`."""

    folder: Path

    @property
    def lease(self) -> timedelta:
        return timedelta(minutes=2)

    def deliver(self, parcel: Parcel, before_data: Callable[[], None]) -> Delivery:  # noqa: ARG002 — nothing here cannot be taken back
        """Writes one file."""
        path = self.folder / f"{parcel.name}.eml"
        part = path.with_name(f".{parcel.name}.{os.getpid()}.part")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                file.write(parcel.raw)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except OSError as error:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            return Delivery(Verdict.LATER, f"写入 {path} 失败：{error.strerror or error}", server_trouble=True)
        return Delivery(Verdict.SENT, str(path))
