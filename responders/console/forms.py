"""What a form sent: fields read by kind, every fault of it said at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from starlette.datastructures import UploadFile
from starlette.requests import Request

from pipeline.domain.terms import Term
from pipeline.moments import parse

T = TypeVar("T", bound=Term)

FIELDS = 40
LONG = 4000
SHOT_BYTES = 5 * 1024 * 1024
MAGIC = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"%PDF-", "application/pdf"))


class Misfilled(Exception):
    """A form that cannot be taken as it is; carries a sentence a fault."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("；".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a form; `kind` is what its bytes say it is."""

    body: bytes
    kind: str


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a POST. Reading a field notes what is wrong with it; `settle` raises once all were read."""

    fields: tuple[tuple[str, str], ...] = ()
    file: bytes | None = None
    faults: list[str] = field(default_factory=list)

    def raw(self, name: str) -> str:
        """A field as it came, its line ends made one; empty where it is missing."""
        return next((v for n, v in self.fields if n == name), "").replace("\r\n", "\n")

    def text(self, name: str, label: str, *, most: int = LONG, needed: bool = True) -> str:
        """A text, trimmed."""
        value = self.raw(name).strip()
        if needed and not value:
            self.faults.append(f"请填写{label}")
        if len(value) > most:
            self.faults.append(f"{label}最多 {most} 字，现有 {len(value)} 字")
        return value

    def choice(self, name: str, label: str, terms: type[T]) -> T | None:
        """A member of a closed vocabulary; None, with a fault, where none was chosen."""
        value = self.raw(name)
        found = next((t for t in terms if t.value == value), None)
        if found is None:
            self.faults.append(f"请选择{label}")
        return found

    def moment(self, name: str, label: str, latest: datetime) -> datetime | None:
        """A moment in the bureau's time that does not lie in the future."""
        value = self.raw(name).strip().replace("：", ":").replace("/", "-")
        try:
            moment = parse(value)
        except ValueError:
            self.faults.append(f"{label}请写成 2026-11-18 09:30 这样的形式")
            return None
        if moment > latest:
            self.faults.append(f"{label}不能晚于现在")
        return moment

    def number(self, name: str) -> int:
        """A whole number that the page itself put into the form; -1 where it was tampered with."""
        value = self.raw(name)
        return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else -1

    def ticked(self, name: str) -> bool:
        """Whether a box was ticked."""
        return bool(self.raw(name))

    def upload(self, label: str) -> Upload | None:
        """The file that came along, if any: a picture or a PDF, by its bytes and not by its name."""
        if not self.file:
            return None
        kind = next((k for magic, k in MAGIC if self.file.startswith(magic)), "")
        if not kind:
            self.faults.append(f"{label}只收 PNG、JPEG 图片或 PDF 文件")
        if len(self.file) > SHOT_BYTES:
            self.faults.append(f"{label}不能超过 5 MB")
        return Upload(self.file, kind)

    def settle(self) -> None:
        """Raises `Misfilled` with every fault that was noted."""
        if self.faults:
            raise Misfilled(tuple(self.faults))


async def read_form(request: Request) -> Form:
    """The form that a request carries; its size is bounded before it comes here."""
    async with request.form(max_files=1, max_fields=FIELDS, max_part_size=256 * 1024) as sent:
        fields, body = [], None
        for name, value in sent.multi_items():
            if isinstance(value, UploadFile):
                body = await value.read()
            else:
                fields.append((name, value.encode("utf-8", "replace").decode("utf-8")))
        return Form(tuple(fields), body)
