"""Chinese text in columns for a terminal of a hundred: tables, and lines that wrap under themselves. A Han character is two wide."""

from __future__ import annotations

import io
from collections.abc import Sequence

from rich import box
from rich.cells import cell_len, chop_cells
from rich.console import Console
from rich.table import Table

WIDTH = 100
GAP = "　"


def table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], words: Sequence[int] = (0,)) -> str:
    """A table in plain characters; the columns `words` are set left, the figures of all others right."""
    drawn = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for number, head in enumerate(heads):
        left = number in words
        drawn.add_column(head, justify="left" if left else "right", overflow="fold", no_wrap=not left)
    for row in rows:
        drawn.add_row(*(cell.replace("[", r"\[") for cell in row))
    page = io.StringIO()
    Console(file=page, width=WIDTH, color_system=None, legacy_windows=False, force_terminal=False).print(drawn)
    return "\n".join([title, *(line.rstrip() for line in page.getvalue().rstrip().splitlines())])


def wrapped(label: str, pieces: Sequence[str], indent: int = 2) -> list[str]:
    """A label and its pieces, as many on a line as there is room for; later lines begin under the first piece."""
    start = " " * indent + label + GAP
    under = " " * cell_len(start)
    room = WIDTH - len(under)
    lines = [""]
    for piece in (part for whole in pieces for part in chop_cells(whole, room)):
        joined = f"{lines[-1]}{GAP}{piece}" if lines[-1] else piece
        if cell_len(joined) <= room:
            lines[-1] = joined
        else:
            lines.append(piece)
    return [(under if number else start) + line for number, line in enumerate(lines)]


def clipped(text: str, width: int) -> str:
    """As much of a text, on one line, as there is room for."""
    line = " ".join(text.split())
    return line if cell_len(line) <= width else chop_cells(line, width - 1)[0] + "…"
