"""What the forms of the school's page bring: short texts and a few files, told by their bytes and never by their names."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from io import BytesIO

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from pipeline.domain.links import SentFile
from responders.console.forms import FIELDS, MAGIC, Form
from responders.console.security import again, whole_body
from responders.paper import one_line

MOST_FILES = 6
FILE_BYTES = 5 * 1024 * 1024
BODY_BYTES = 20 * 1024 * 1024
NAME = 80
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "application/pdf": "pdf", WORD: "docx"}
"""The kinds of file that are taken, with the ending under which staff save them."""
KINDS = "PNG、JPEG 图片，PDF 或 Word（.docx）文件"
TOO_LARGE = f"附件过大，没有提交：单个不超过 {FILE_BYTES // 1024 // 1024} MB，一次合计不超过 {BODY_BYTES // 1024 // 1024} MB"


@dataclass(frozen=True, slots=True)
class Sent:
    """A form of the page, with the files that could be taken; what is wrong with the others is among the form's faults."""

    form: Form
    files: tuple[SentFile, ...] = ()


async def read(request: Request) -> Sent:
    """The form that a request carries. What cannot be read is an empty form with its fault."""
    body = await whole_body(request.scope, request.receive, BODY_BYTES)
    if body is None:
        return Sent(Form(faults=[TOO_LARGE]))
    again_readable = Request(request.scope, again(body, request.receive))
    try:
        async with again_readable.form(max_files=MOST_FILES, max_fields=FIELDS, max_part_size=256 * 1024) as sent:
            fields, files = [], []
            for name, value in sent.multi_items():
                if isinstance(value, UploadFile):
                    files.append((value.filename or "", await value.read()))
                else:
                    fields.append((name, value.encode("utf-8", "replace").decode("utf-8")))
    except HTTPException:
        return Sent(Form(faults=[f"表单不完整，没有提交；附件一次最多 {MOST_FILES} 个"]))
    form = Form(tuple(fields))
    kept = [_file(form, name, content) for name, content in files if content]
    return Sent(form, tuple(f for f in kept if f))


def kind_of(body: bytes) -> str:
    """What the bytes of a file say it is; empty for what is not taken, such as a document with macros."""
    if body.startswith(b"PK\x03\x04"):
        return WORD if _is_word(body) else ""
    return next((kind for magic, kind in MAGIC if body.startswith(magic)), "")


def _is_word(body: bytes) -> bool:
    try:
        with zipfile.ZipFile(BytesIO(body)) as packed:
            names = set(packed.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return False
    return {"[Content_Types].xml", "word/document.xml"} <= names and not any(n.endswith("vbaProject.bin") for n in names)


def _file(form: Form, name: str, body: bytes) -> SentFile | None:
    shown = one_line(name.replace("\\", "/").rpartition("/")[2], NAME) or "未命名"
    kind = kind_of(body)
    if len(body) > FILE_BYTES:
        form.faults.append(f"「{shown}」超过 {FILE_BYTES // 1024 // 1024} MB")
    elif not kind:
        form.faults.append(f"「{shown}」不能接收：只收{KINDS}")
    else:
        return SentFile(shown, kind, body)
    return None
