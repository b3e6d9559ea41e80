"""The linear model: all labels stacked in one matrix, calibrated, kept as npz with its JSON; nothing in the file can run."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from classifier import corpus, features
from classifier.features import Sheet, Space
from classifier.lexicon import Lexicon
from config.schema import Config
from pipeline.domain.terms import Nature, Scope, Tag

FORMAT = 2
KEPT = 6  # model files of a folder; the oldest beyond them go
# What decides how a model comes out beside the corpus and the topics' codes.
PROGRAM = (
    "aliases", "asides", "boundaries", "corpus", "cues", "features", "lexicon", "measures", "places", "school_links", "school_names",
    "schools", "slots", "train", "words",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Model:
    """Weights of every label over the columns of `space`, each label's calibration and threshold, and how it was measured.

    `labels` are `scope:k12`, `topic:A1`, `nature:咨询`, `tag:学生` …; `platt` has a and b for each label, with which a margin m
    becomes the probability 1 / (1 + exp(-(a m + b))).
    """

    version: str
    corpus: str
    space: Space
    labels: tuple[str, ...]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    platt: NDArray[np.float32]
    thresholds: Mapping[str, float]
    scores: Mapping[str, float]

    def matrix(self, pages: Sequence[Sheet], lexicon: Lexicon) -> csr_matrix:
        """The texts as the model sees them."""
        return self.space.matrix(pages, lexicon)

    def probabilities(self, rows: csr_matrix) -> NDArray[np.float32]:
        """One column a label: calibrated for scope, topics and tags, shares of one for nature."""
        margins = np.asarray(rows @ self.weights) + self.bias
        found = 1 / (1 + np.exp(-np.clip(margins * self.platt[:, 0] + self.platt[:, 1], -30, 30)))
        nature = self.columns("nature:")
        found[:, nature] /= found[:, nature].sum(axis=1, keepdims=True)
        chances: NDArray[np.float32] = found.astype(np.float32)
        return chances

    def columns(self, prefix: str) -> slice:
        """Where the labels of one kind stand."""
        places = [i for i, label in enumerate(self.labels) if label.startswith(prefix)]
        return slice(places[0], places[-1] + 1)

    def clues(self, row: csr_matrix, label: str, most: int) -> list[tuple[str, float]]:
        """The words and pairs of one text that spoke most for a label."""
        column = self.weights[row.indices, self.labels.index(label)] * row.data
        names = self._names()
        best = [(names[row.indices[i]], float(column[i])) for i in np.argsort(-column)[: 4 * most] if row.indices[i] in names]
        return [(name, weight) for name, weight in best if weight > 0.02][:most]

    def _names(self) -> Mapping[int, str]:
        return _named(self)


_NAMES: dict[str, dict[int, str]] = {}


def _named(model: Model) -> Mapping[int, str]:
    """Which word each column stands for, once a model version."""
    if model.version not in _NAMES:
        _NAMES[model.version] = {i: w for w, i in (*model.space.words.items(), *model.space.pairs.items())}
    return _NAMES[model.version]


@cache
def _program() -> str:
    """The code that a model comes from, as a short hash."""
    folder = files("classifier")
    return sha256(b"".join((folder / f"{name}.py").read_bytes() for name in PROGRAM)).hexdigest()[:8]


def file_name(wanted_corpus: str, wanted_features: str) -> str:
    """A model's file: named by what it comes from, so that two versions of the program do not take it from one another."""
    return f"reader-{wanted_corpus}-{sha256(wanted_features.encode()).hexdigest()[:8]}.npz"


def feature_version(topics: Sequence[str]) -> str:
    """What a model must have been trained with to fit this program: the features' own version, the code and the topics."""
    return f"{FORMAT}.{features.VERSION}.{_program()}.{'-'.join(topics)}"


def save(model: Model, folder: Path) -> Path:
    """Writes the model beside its readable summary; whole or not at all, whoever else writes at the same moment."""
    folder.mkdir(parents=True, exist_ok=True)
    made_by = feature_version(model.space.topics)
    path = folder / file_name(model.corpus, made_by)
    meta = {
        "version": model.version, "corpus": model.corpus, "features": made_by, "labels": model.labels,
        "thresholds": dict(model.thresholds), "scores": dict(model.scores), "topics": model.space.topics,
        "words": list(model.space.words), "pairs": list(model.space.pairs),
    }  # fmt: skip
    text = json.dumps(meta, ensure_ascii=False, sort_keys=True)
    part = folder / f"{path.name}.{os.getpid()}.part"
    with part.open("wb") as file:
        told = np.frombuffer(text.encode(), dtype=np.uint8)
        np.savez_compressed(file, meta=told, idf=model.space.idf, weights=model.weights, bias=model.bias, platt=model.platt)
    part.replace(path)
    summary = {k: meta[k] for k in ("version", "corpus", "scores")}
    note = folder / f"{path.stem}.json.{os.getpid()}.part"
    note.write_text(json.dumps(summary, ensure_ascii=False, indent=2) + "\n", "utf-8")
    note.replace(path.with_suffix(".json"))
    for old in sorted(folder.glob("reader-*.npz"), key=lambda p: (p == path, p.stat().st_mtime))[:-KEPT]:
        old.unlink(missing_ok=True)
        old.with_suffix(".json").unlink(missing_ok=True)
    return path


def load(folder: Path, wanted_corpus: str, wanted_features: str) -> Model | None:
    """The model of a folder; None when there is none, or it is damaged, or made from another corpus or by another program."""
    try:
        with (folder / file_name(wanted_corpus, wanted_features)).open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            meta: dict[str, Any] = json.loads(file["meta"].tobytes().decode())
            if meta["corpus"] != wanted_corpus or meta["features"] != wanted_features:
                return None
            words = {w: i for i, w in enumerate(meta["words"])}
            pairs = {p: len(words) + i for i, p in enumerate(meta["pairs"])}
            space = Space(words, pairs, file["idf"], tuple(meta["topics"]))
            return Model(
                meta["version"], meta["corpus"], space, tuple(meta["labels"]), file["weights"], file["bias"], file["platt"],
                meta["thresholds"], meta["scores"],
            )  # fmt: skip
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def find(folders: Sequence[Path], config: Config) -> Model | None:
    """The first model in these folders that fits the shipped corpus and this program."""
    wanted = corpus.fingerprint(corpus.lines()), feature_version(tuple(config.topics))
    return next((model for folder in folders if (model := load(folder, *wanted)) is not None), None)


def keep(model: Model, folders: Sequence[Path]) -> Path | None:
    """Saves a model in the first folder that can be written, and returns that folder."""
    for folder in folders:
        try:
            save(model, folder)
        except OSError:
            continue
        return folder
    return None


def load_or_train(folders: Sequence[Path], config: Config, say: Callable[[str], None]) -> Model:
    """The model of the first folder that has a fitting one, else a new one, kept in the first folder that can be written."""
    from classifier.train import train_model

    known = find(folders, config)
    if known is not None:
        return known
    some = any(folder.is_dir() and any(folder.glob("reader*.npz")) for folder in folders)
    say("语料或程序有变，正在重新训练研读模型…" if some else "首次使用，正在由语料训练研读模型（约需半分钟）…")
    model = train_model(corpus.lines(), config)
    kept = keep(model, folders)
    say(f"研读模型 {model.version} 已就绪，存于 {kept}。" if kept else "研读模型已就绪，但没有可写的目录保存它，下次使用还要重新训练。")
    return model


def labels_of(topics: Sequence[str]) -> tuple[str, ...]:
    """Every label, in the order of the columns."""
    return (
        f"scope:{Scope.K12}", f"scope:{Scope.HIGHER_ED}", *(f"topic:{t}" for t in topics),
        *(f"nature:{n}" for n in Nature), *(f"tag:{t}" for t in Tag),
    )  # fmt: skip
