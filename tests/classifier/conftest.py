"""The sample county's schools, a trained model (once for all tests), and short ways to make a post."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

import config as package
from classifier.meaning import sentence_meaning
from classifier.model import Head, Model
from classifier.model_files import load_or_train
from classifier.reader import PostReader
from classifier.schools import SchoolIndex
from config.load import load
from config.schema import Config
from pipeline.domain.posts import Post

LOADED = load(Path(package.__file__).parent / "sample")
MOMENT = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def county() -> Config:
    """清源县, the sample."""
    return LOADED


@pytest.fixture(scope="session")
def index() -> SchoolIndex:
    """The schools of 清源县."""
    bureau = LOADED.settings.bureau
    return SchoolIndex(LOADED.registry, (bureau.county, *bureau.places), bureau.neighbours, bureau.city)


@pytest.fixture(scope="session")
def model(models: Path) -> Model:
    """The model of the shipped corpus."""
    return load_or_train([models], lambda text: None)


@pytest.fixture(scope="session")
def plain_model(model: Model) -> Model:
    """A model of the shipped one's shape that has learnt nothing: quickly written and read, for tests that look at files."""

    def nothing(head: Head) -> Head:
        return replace(head, weights=np.zeros_like(head.weights), duals=np.zeros_like(head.duals))

    return replace(model, plain=nothing(model.plain), meant=nothing(model.meant), known=np.zeros_like(model.known))


@pytest.fixture(scope="session")
def reader(model: Model) -> PostReader:
    """The reader of 清源县."""
    return PostReader(model, LOADED, None, sentence_meaning())


@pytest.fixture
def post() -> Callable[..., Post]:
    """A public post of this moment."""

    def make(title: str, body: str = "", number: int = 1, source: str = "forum", **more: object) -> Post:
        return Post(number, source, str(number), "", title, body, MOMENT, MOMENT, **more)  # type: ignore[arg-type]  # fields by name

    return make
