"""Precision–recall curves (准确率–召回率曲线) of a labelled file, as pictures; the same bytes for the same figures."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, fontManager, get_font
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, precision_recall_curve

from classifier.evaluate import Count
from classifier.judging import Chances
from classifier.labels import Label
from pipeline.domain.readings import Reading
from pipeline.faults import unusable, why

MOST_TOPICS = 6
SIDE, DOTS = 6.0, 110
WHY_BELOW = "×低于曲线：首要主题不过线也取最像的一个，每条至多取三个，\n初筛未放行的不取；曲线只按各主题的可能性和门槛"
WHY_BELOW_IN_CODE = (
    "x below the curve: a main topic is always said, three at most,\nnone where the gate spares a text; the curve knows chances alone"
)
NEEDED = "涉教判断主题合计准确率召回现用阈值" + WHY_BELOW
FAMILIES = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei",
    "Microsoft YaHei", "SimHei", "PingFang SC", "Droid Sans Fallback",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Curve:
    """Precision over recall as the threshold falls, the average precision, and where the thresholds in use stand on it."""

    name: str
    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    average: float
    at: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """The curves that are drawn together, under one title."""

    title: str
    title_in_code: str
    curves: tuple[Curve, ...]
    note: str = ""
    note_in_code: str = ""


def relevance(labels: Sequence[Label], readings: Sequence[Reading], used: Count) -> Picture:
    """Whether a message is education, each with its weight."""
    scored = [
        (label.ours, reading.relevance, label.weight)
        for label, reading in zip(labels, readings, strict=True) if not label.skip_scope
    ]  # fmt: skip
    wanted, chances, weights = np.array(scored, dtype=float).reshape(-1, 3).T
    return Picture("涉教判断", "relevance", tuple(_curve("k12", wanted > 0, chances, weights, used)))


def topics(labels: Sequence[Label], chances: Sequence[Chances], used: Count) -> Picture:
    """All topics together and the most frequent ones, over the messages of education; answers that count neither way are left out."""
    ours = [(label, found) for label, found in zip(labels, chances, strict=True) if label.ours and not label.skip_scope]
    known = [name.removeprefix("topic:") for name in (ours[0][1].column if ours else ()) if name.startswith("topic:")]
    cells = {t: _cells(t, ours) for t in known}
    everything = [cell for of_topic in cells.values() for cell in of_topic]
    often = sorted(known, key=lambda t: (-sum(wanted for wanted, _ in cells[t]), t))
    curves = [*_of_cells("all", everything, used), *(c for t in often for c in _of_cells(t, cells[t], None))]
    return Picture("主题", "topics", tuple(islice(curves, MOST_TOPICS + 1)), WHY_BELOW, WHY_BELOW_IN_CODE)


def _cells(topic: str, ours: Iterable[tuple[Label, Chances]]) -> list[tuple[bool, float]]:
    """Whether each message has the topic, and how likely that was read."""
    return [(topic in label.topics, found.of(f"topic:{topic}")) for label, found in ours if topic not in label.accept_topic]


def _of_cells(name: str, cells: Sequence[tuple[bool, float]], used: Count | None) -> list[Curve]:
    return _curve(name, np.array([w for w, _ in cells]), np.array([p for _, p in cells]), np.ones(len(cells)), used)


def _curve(
    name: str, wanted: NDArray[np.bool_], chances: NDArray[np.float64], weights: NDArray[np.float64], used: Count | None
) -> list[Curve]:
    """One curve; none where nothing was wanted, since no recall can then be told."""
    if not wanted.any():
        return []
    precision, recall, _ = precision_recall_curve(wanted, chances, sample_weight=weights)
    at = (used.recall or 0.0, used.precision) if used and used.precision is not None else None
    average = round(float(average_precision_score(wanted, chances, sample_weight=weights)), 4)
    return [Curve(name, precision, recall, average, at)]


def files_of(target: Path) -> tuple[Path, ...]:
    """The pictures that will be drawn: one file with both, or two files in a directory, which is made if need be."""
    if target.suffix.lower() == ".png":
        return (target,)
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unusable(str(target), f"建不了这个目录（{why(error)}）", "换一个可写的目录，或写成 文件.png") from error
    return (target / "relevance.png", target / "topics.png")


def draw(files: Sequence[Path], pictures: Sequence[Picture], names: dict[str, str]) -> None:
    """Draws the pictures into one file side by side, or each into its own; whole or not at all."""
    sheets = [pictures] if len(files) == 1 else [[picture] for picture in pictures]
    for file, sheet in zip(files, sheets, strict=True):
        _save(_figure(sheet, names), file)


def _figure(pictures: Sequence[Picture], names: dict[str, str]) -> Figure:
    figure = Figure(figsize=(SIDE * len(pictures), SIDE), dpi=DOTS, layout="tight")
    FigureCanvasAgg(figure)
    font = chinese("".join([NEEDED, *names.values()]))
    for place, picture in enumerate(pictures, 1):
        _panel(figure.add_subplot(1, len(pictures), place), picture, names if font else {}, font)
    return figure


def _panel(axes: Axes, picture: Picture, names: dict[str, str], font: FontProperties | None) -> None:
    """One picture; in Chinese where the machine has letters for it, else by codes."""
    words = (picture.title, "召回率", "准确率", "现用阈值") if font else (picture.title_in_code, "recall", "precision", "in use")
    for number, curve in enumerate(picture.curves):
        name = names.get(curve.name, curve.name)
        axes.step(curve.recall, curve.precision, where="post", label=f"{name}  AP {curve.average:.3f}", linewidth=1.4 if number else 2.4)
        if curve.at:
            axes.plot(*curve.at, "kx", markersize=9, label=f"{words[3]}  {curve.at[1]:.3f} / {curve.at[0]:.3f}")
    axes.set(xlim=(0, 1.01), ylim=(0, 1.01))
    axes.grid(visible=True, alpha=0.3)
    axes.set_title(words[0], fontproperties=font)
    note = picture.note if font else picture.note_in_code
    axes.set_xlabel("\n".join(filter(None, (words[1], note))), fontproperties=font)
    axes.set_ylabel(words[2], fontproperties=font)
    if picture.curves:
        axes.legend(loc="lower left", prop=font)


@cache
def chinese(needed: str) -> FontProperties | None:
    """A font of this machine that has every one of these characters; None where there is none."""
    installed = {entry.name: entry.fname for entry in fontManager.ttflist}
    files = [installed[name] for name in FAMILIES if name in installed]
    good = (file for file in files if {ord(c) for c in needed if not c.isspace()} <= set(get_font(file).get_charmap()))
    file = next(good, None)
    return FontProperties(fname=file, size=10) if file else None


def _save(figure: Figure, file: Path) -> None:
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    try:
        figure.savefig(part, format="png", metadata={"Software": None})
        part.replace(file)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise unusable(str(file), f"写不了这个文件（{why(error)}）", "检查目录是否存在、是否可写") from error
