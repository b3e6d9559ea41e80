"""The sample county's schools, a trained model (once for all tests), and short ways to make a post."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

import config as package
from classifier.model import Model, load_or_train
from classifier.reader import LinearReader
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
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """The model of the shipped corpus, trained once a session."""
    folder = tmp_path_factory.getbasetemp() / "model"
    return load_or_train([folder], LOADED, lambda text: None)


@pytest.fixture(scope="session")
def reader(model: Model) -> LinearReader:
    """The reader of 清源县."""
    return LinearReader(model, LOADED)


@pytest.fixture
def post() -> Callable[..., Post]:
    """A public post of this moment."""

    def make(title: str, body: str = "", number: int = 1, source: str = "forum", **more: object) -> Post:
        return Post(number, source, str(number), "", title, body, MOMENT, MOMENT, **more)  # type: ignore[arg-type]  # fields by name

    return make
