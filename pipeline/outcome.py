"""What a command has to say: one JSON document for programs, a text for people, an exit code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

DONE, FAILED, UNUSABLE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a command. `data` is what `--json` prints; `text` is printed without it; `code` is the exit status: 0 done,
    1 a check or goal failed, 2 unusable input."""

    data: Any
    text: str
    code: int = DONE
