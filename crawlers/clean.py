"""Text made fit to be stored: no NUL bytes, no lone surrogates, one kind of line end."""

from __future__ import annotations

import re

UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufeff]")


def clean(text: str) -> str:
    """The same text without what no store and no page can hold; white space at both ends goes."""
    return UNFIT.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
