"""Models on disk: npz with JSON inside, so that nothing in a file can run; named by what they come from, written whole or not at all."""

from __future__ import annotations

import json
import os
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from classifier import corpus, features
from classifier.columns import Columns
from classifier.features import Space
from classifier.gate import Floors, Gate
from classifier.meaning import sentence_meaning
from classifier.model import Head, Model
from config.load import load as load_configuration
from config.schema.topics import Topic

FORMAT = 3
KEPT = 6  # model files of a folder; the oldest beyond them go
# What decides how a model comes out beside the corpus and the topics' codes.
PROGRAM = (
    "aliases", "boundaries", "columns", "corpus", "cues", "features", "gate", "lexicon", "meaning", "measures", "model", "places",
    "school_links", "school_names", "schools", "slots", "train", "words",
)  # fmt: skip
HEADS = ("plain", "meant")
STEPS = "依次：读语料、取含义、拟合、留出检验；约需两三分钟"
EVERY = 15
"""Seconds between two signs of life."""
HEAD_ARRAYS = ("weights", "bias", "duals", "platt")


@cache
def _program() -> str:
    """The code that a model comes from, as a short hash."""
    folder = files("classifier")
    return sha256(b"".join((folder / f"{name}.py").read_bytes() for name in PROGRAM)).hexdigest()[:8]


def file_name(wanted_corpus: str, wanted_features: str) -> str:
    """A model's file: named by what it comes from, so that two versions of the program do not take it from one another."""
    return f"reader-{wanted_corpus}-{sha256(wanted_features.encode()).hexdigest()[:8]}.npz"


@cache
def shipped_topics() -> Mapping[str, Topic]:
    """The package's own topics with their words, on which every model is trained: a bureau's own words count when it reads."""
    return load_configuration(None).topics


def feature_version() -> str:
    """What a model must have been trained with to fit: the features' version, the code, the topics, and whether meaning can be read."""
    topics = sha256(repr(sorted(shipped_topics().items())).encode()).hexdigest()[:8]
    return f"{FORMAT}.{features.VERSION}.{_program()}.{topics}.{'meaning' if sentence_meaning() else 'words'}"


def save(model: Model, folder: Path) -> Path:
    """Writes the model beside its readable summary; whole or not at all, whoever else writes at the same moment."""
    folder.mkdir(parents=True, exist_ok=True)
    made_by = feature_version()
    path = folder / file_name(model.corpus, made_by)
    told = json.dumps(_told(model, made_by), ensure_ascii=False, sort_keys=True)
    arrays = {f"{name}_{array}": getattr(getattr(model, name), array) for name in HEADS for array in HEAD_ARRAYS}
    part = folder / f"{path.name}.{os.getpid()}.part"
    with part.open("wb") as file:
        np.savez_compressed(
            file, meta=np.frombuffer(told.encode(), dtype=np.uint8), known=model.known, idf=model.space.columns.idf,
            gate_idf=model.gate.space.columns.idf, gate_weights=model.gate.weights, gate_bias=model.gate.bias, gate_platt=model.gate.platt,
            **arrays,
        )  # fmt: skip
    part.replace(path)
    note = folder / f"{path.stem}.json.{os.getpid()}.part"
    summary = {"version": model.version, "corpus": model.corpus, **{name: dict(getattr(model, name).scores) for name in HEADS}}
    note.write_text(json.dumps(summary, ensure_ascii=False, indent=2) + "\n", "utf-8")
    note.replace(path.with_suffix(".json"))
    for old in sorted(folder.glob("reader-*.npz"), key=lambda p: (p == path, p.stat().st_mtime))[:-KEPT]:
        old.unlink(missing_ok=True)
        old.with_suffix(".json").unlink(missing_ok=True)
    return path


def _told(model: Model, made_by: str) -> dict[str, Any]:
    heads = {n: {"thresholds": dict(getattr(model, n).thresholds), "scores": dict(getattr(model, n).scores)} for n in HEADS}
    return {
        "version": model.version, "corpus": model.corpus, "features": made_by, "labels": model.labels, "topics": model.space.topics,
        "words": model.space.columns.words, "pairs": model.space.columns.pairs, "floors": _pair(model.gate.floors),
        "doubt": _pair(model.doubt),
        "gate_words": model.gate.space.columns.words, "gate_pairs": model.gate.space.columns.pairs, **heads,
    }  # fmt: skip


def _pair(floors: Floors) -> tuple[float, float]:
    return floors.brief, floors.longer


def load(folder: Path, wanted_corpus: str, wanted_features: str) -> Model | None:
    """The model of a folder; None when there is none, or it is damaged, or made from another corpus or by another program."""
    try:
        with (folder / file_name(wanted_corpus, wanted_features)).open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            meta: dict[str, Any] = json.loads(file["meta"].tobytes().decode())
            if meta["corpus"] != wanted_corpus or meta["features"] != wanted_features:
                return None
            topics = tuple(meta["topics"])
            space = Space(Columns(tuple(meta["words"]), tuple(meta["pairs"]), file["idf"]), topics)
            looked = Space(Columns(tuple(meta["gate_words"]), tuple(meta["gate_pairs"]), file["gate_idf"]), topics)
            gate = Gate(looked, file["gate_weights"], file["gate_bias"], file["gate_platt"], Floors(*meta["floors"]))
            plain, meant = (_head(file, meta, name) for name in HEADS)
            doubt, labels = Floors(*meta["doubt"]), tuple(meta["labels"])
            return Model(meta["version"], meta["corpus"], gate, space, labels, plain, meant, doubt, file["known"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def _head(file: Mapping[str, Any], meta: Mapping[str, Any], name: str) -> Head:
    weights, bias, duals, platt = (file[f"{name}_{array}"] for array in HEAD_ARRAYS)
    return Head(weights, bias, duals, platt, meta[name]["thresholds"], meta[name]["scores"])


def find(folders: Sequence[Path]) -> Model | None:
    """The first model in these folders that fits the shipped corpus and this program."""
    wanted = corpus.fingerprint(corpus.lines()), feature_version()
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


def load_or_train(folders: Sequence[Path], say: Callable[[str], None]) -> Model:
    """The model of the first folder that has a fitting one, else a new one, kept in the first folder that can be written."""
    from classifier.train import train_model

    known = find(folders)
    if known is not None:
        return known
    say(f"{reason(folders)}，正在训练研读模型（{STEPS}）…")
    with heartbeat(say):
        model = train_model(corpus.lines(), shipped_topics())
    kept = keep(model, folders)
    say(f"研读模型 {model.version} 已就绪，存于 {kept}。" if kept else "研读模型已就绪，但没有可写的目录保存它，下次使用还要重新训练。")
    return model


def reason(folders: Sequence[Path]) -> str:
    """Why none of the kept models fits, by what the nearest of them was made from."""
    made = {made_by(path) for folder in folders if folder.is_dir() for path in folder.glob("reader-*.npz")} - {("", "")}
    if not made:
        return "首次使用"
    wanted, program = corpus.fingerprint(corpus.lines()), feature_version()
    before, _, mode = program.rpartition(".")
    if any(of == wanted and by.rpartition(".")[0] == before for of, by in made):
        return "改为只按词句研读（不读含义），还没有这样的模型" if mode == "words" else "改为连同含义研读，还没有这样的模型"
    if any(by == program for _, by in made):
        return "语料有变"
    return "程序有变" if any(of == wanted for of, _ in made) else "语料和程序有变"


def made_by(path: Path) -> tuple[str, str]:
    """The corpus and the program that a model file names as its own; empty where it cannot be read."""
    try:
        with np.load(path, allow_pickle=False) as file:
            meta: dict[str, Any] = json.loads(file["meta"].tobytes().decode())
            return str(meta["corpus"]), str(meta["features"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return "", ""


@contextmanager
def heartbeat(say: Callable[[str], None]) -> Iterator[None]:
    """A sign of life now and then, while something takes its time."""
    done = threading.Event()

    def tell() -> None:
        seconds = EVERY
        while not done.wait(EVERY):
            say(f"仍在训练，已 {seconds} 秒…")
            seconds += EVERY

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()
