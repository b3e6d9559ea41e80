"""Near-duplicates (重复、转发): MinHash bands to find them, an exact comparison of character pairs to be sure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash

from classifier.words import fold

PERMUTATIONS, ROWS = 64, 4
SEED = 20_260
LEAST = 12
LONGEST = 4_000
FORWARDED = re.compile(r"^(?:【?(?:转发?|转帖|转载|扩散|求扩散|快转)】?[:：|丨 ]*)+|(?://|回复)@[\w-]+[:：]?")
WORDLESS = re.compile(r"[\W_]+")
MIX = np.uint64(0x9E37_79B9_7F4A_7C15)
BASES = np.array([pow(1_000_003, ROWS - 1 - i, 2**64) for i in range(ROWS)], np.uint64)
NUMBERS = np.arange(PERMUTATIONS // ROWS, dtype=np.uint64) << np.uint64(48)

Pairs = NDArray[np.uint64]
"""A text's distinct pairs of neighbouring characters, each as one number, in ascending order."""


@dataclass(frozen=True, slots=True, eq=False)
class Fingerprint:
    """A text as its character pairs, with the bands of its MinHash signature (63-bit integers, the band's number on top)."""

    pairs: Pairs
    bands: tuple[int, ...]


def fingerprints(texts: Sequence[str]) -> list[Fingerprint]:
    """Fingerprints of many texts at once; one too short to tell anything has no bands."""
    return prints([fold(text[:LONGEST]) for text in texts])


def prints(folded: Sequence[str]) -> list[Fingerprint]:
    """Fingerprints of texts that are folded already."""
    sets = [_pairs(text) for text in folded]
    if not sets:
        return []
    ends = np.cumsum([len(s) for s in sets], dtype=np.uint64)
    offsets = np.concatenate([np.zeros(1, np.uint64), ends])
    # The pairs are small neighbouring numbers: mixed first, or the permutations would not spread them.
    hashes = np.concatenate(sets) * MIX
    rows = np.array(RMinHash.digest_matrix_from_flat_token_hashes(hashes, offsets, PERMUTATIONS, SEED).to_rows(), np.uint64)
    mixed = (rows.reshape(len(sets), -1, ROWS) * BASES).sum(axis=2, dtype=np.uint64) & np.uint64(0x0000_FFFF_FFFF_FFFF)
    bands = (mixed | NUMBERS).tolist()
    return [Fingerprint(s, tuple(row) if len(s) >= LEAST else ()) for s, row in zip(sets, bands, strict=True)]


def _pairs(folded: str) -> Pairs:
    plain = WORDLESS.sub("", FORWARDED.sub("", folded))
    codes = np.frombuffer(plain.encode("utf-32-le", "replace"), np.uint32).astype(np.uint64)
    return np.unique((codes[:-1] << np.uint64(21)) | codes[1:])


def shared(one: Pairs, other: Pairs) -> int:
    """How many pairs two texts have in common."""
    few, many = (one, other) if len(one) <= len(other) else (other, one)
    if not len(few):
        return 0
    at = np.searchsorted(many, few)
    return int(np.count_nonzero(many[np.minimum(at, len(many) - 1)] == few))


def likeness(one: Pairs, other: Pairs) -> float:
    """How much two texts share: Jaccard's measure, or nine tenths of how much of the shorter one the longer one holds (转发、节选)."""
    if not len(one) or not len(other):
        return 0.0
    common = shared(one, other)
    jaccard = common / (len(one) + len(other) - common)
    least = min(len(one), len(other))
    return max(jaccard, 0.9 * common / least if least >= 3 * LEAST else 0.0)
