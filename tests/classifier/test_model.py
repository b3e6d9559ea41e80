"""The model file: built from the corpus alone, kept whole, opened without running anything, made anew when it does not fit."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from classifier import model_files as models
from classifier.commands import SHOWN
from classifier.model import Model
from classifier.model_files import find, keep, load, load_or_train, save
from config.schema import Config


def test_a_model_round_trips(model: Model, tmp_path: Path) -> None:
    name = save(model, tmp_path).name
    found = load(tmp_path, model.corpus, models.feature_version())
    assert found is not None
    assert (found.version, found.labels, found.doubt, found.gate.floors) == (model.version, model.labels, model.doubt, model.gate.floors)
    assert np.array_equal(found.known, model.known)
    for ours, theirs in ((model.plain, found.plain), (model.meant, found.meant)):
        assert (dict(theirs.scores), dict(theirs.thresholds)) == (dict(ours.scores), dict(ours.thresholds))
        assert all(np.array_equal(getattr(ours, array), getattr(theirs, array)) for array in models.HEAD_ARRAYS)
    for ours, theirs in ((model.space, found.space), (model.gate.space, found.gate.space)):
        assert (theirs.columns.words, theirs.columns.pairs, theirs.topics) == (ours.columns.words, ours.columns.pairs, ours.topics)
    assert [p.name for p in sorted(tmp_path.iterdir())] == [name.replace(".npz", ".json"), name]


def test_the_file_holds_no_pickle(model: Model, tmp_path: Path) -> None:
    path = save(model, tmp_path)
    with zipfile.ZipFile(path) as file:
        assert all(name.endswith(".npy") for name in file.namelist())
    with np.load(path, allow_pickle=False) as arrays:
        assert all(arrays[name].dtype != object for name in arrays.files)


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 no zip", b"\x80\x04."])
def test_a_damaged_file_is_no_model(plain_model: Model, tmp_path: Path, damage: bytes) -> None:
    save(plain_model, tmp_path).write_bytes(damage)
    assert load(tmp_path, plain_model.corpus, models.feature_version()) is None


def test_a_model_of_another_corpus_or_program_does_not_fit(plain_model: Model, tmp_path: Path) -> None:
    save(plain_model, tmp_path)
    fitting = models.feature_version()
    assert load(tmp_path, "another", fitting) is None
    assert load(tmp_path, plain_model.corpus, "0") is None
    assert load(tmp_path / "nowhere", plain_model.corpus, fitting) is None


def test_the_first_folder_that_has_one_is_taken(plain_model: Model, county: Config, tmp_path: Path) -> None:
    save(plain_model, tmp_path / "b")
    said: list[str] = []
    found = load_or_train([tmp_path / "a", tmp_path / "b"], said.append)
    assert found.version == plain_model.version
    assert said == []
    assert find([tmp_path / "a"]) is None


def test_a_new_model_is_kept_in_the_first_folder_that_can_be_written(
    plain_model: Model, county: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("classifier.train.train_model", lambda lines, topics: plain_model)
    blocked = tmp_path / "blocked"
    blocked.write_text("a file, no folder")
    said: list[str] = []
    load_or_train([blocked, tmp_path / "ok"], said.append)
    assert find([tmp_path / "ok"]) is not None
    assert any("首次使用" in text for text in said)
    assert keep(plain_model, [blocked]) is None


def test_two_versions_of_the_program_keep_their_own_models(
    plain_model: Model, county: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("classifier.train.train_model", lambda lines, topics: plain_model)
    ours = save(plain_model, tmp_path)
    said: list[str] = []
    with monkeypatch.context() as other:
        other.setattr(models.features, "VERSION", "another")
        load_or_train([tmp_path], said.append)
    assert said[0].startswith("程序有变，正在训练研读模型")
    assert ours.exists()
    assert len(list(tmp_path.glob("*.npz"))) == 2
    assert find([tmp_path]) is not None


def test_a_folder_keeps_only_the_newest_models(plain_model: Model, tmp_path: Path) -> None:
    for number in range(models.KEPT + 2):
        save(replace(plain_model, corpus=f"{number:012x}"), tmp_path)
    assert len(list(tmp_path.glob("*.npz"))) == models.KEPT
    assert len(list(tmp_path.glob("*.json"))) == models.KEPT


def test_held_out_scores_are_inside_and_honest(model: Model) -> None:
    assert model.scores["relevance_f1"] > 0.9
    assert model.scores["topic_f1"] > 0.75
    assert model.scores["main_topic_accuracy"] > 0.75
    assert model.scores["tag_f1"] > 0.85
    assert model.scores["nature_accuracy"] > 0.78
    assert model.scores.keys() == SHOWN.keys()  # each has words for people


def test_probabilities_are_probabilities(model: Model, county: Config) -> None:
    from classifier.lexicon import Lexicon

    lexicon = Lexicon(county.topics)
    rows = model.space.matrix([], lexicon)
    assert rows.shape == (0, model.space.width)
    assert model.probabilities(rows).shape == (0, len(model.labels))


def test_a_topic_of_the_bureaus_own_is_no_reason_to_fail(model: Model, county: Config) -> None:
    from classifier.reader import PostReader
    from pipeline.domain.posts import Post
    from tests.classifier.samples import MOMENT

    more = {**county.topics, "Z9": county.topics["A5"]}
    asked = Post(1, "f", "1", "", "清源一中食堂饭菜有虫子", "孩子说学校食堂的菜里吃出虫子，家长反映了也没有改。", MOMENT, MOMENT)
    [found] = PostReader(model, replace(county, topics=more)).read([asked])
    assert found.topics
