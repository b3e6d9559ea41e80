"""Near-duplicates (重复、转发): MinHash bands to find them, an exact comparison of character pairs to be sure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rensa import RMinHash

from classifier.words import fold

PERMUTATIONS, ROWS = 64, 4
SEED = 20_260
LEAST = 12
LONGEST = 4_000
FORWARDED = re.compile(r"^(?:【?(?:转发?|转帖|转载|扩散|求扩散|快转)】?[:：|丨 ]*)+|(?://|回复)@[\w-]+[:：]?")
WORDLESS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A text as its set of character pairs, with the bands of its MinHash signature (63-bit integers, the band's number on top)."""

    pairs: frozenset[str]
    bands: tuple[int, ...]


def fingerprints(texts: Sequence[str]) -> list[Fingerprint]:
    """Fingerprints of many texts at once; one too short to tell anything has no bands."""
    sets = [_pairs(text) for text in texts]
    signatures = RMinHash.digest_matrix_from_token_sets([sorted(s) or [""] for s in sets], PERMUTATIONS, SEED).to_rows()
    return [Fingerprint(s, _bands(row) if len(s) >= LEAST else ()) for s, row in zip(sets, signatures, strict=True)]


def _pairs(text: str) -> frozenset[str]:
    plain = WORDLESS.sub("", FORWARDED.sub("", fold(text[:LONGEST])))
    return frozenset(plain[i : i + 2] for i in range(len(plain) - 1))


def _bands(signature: Sequence[int]) -> tuple[int, ...]:
    found = []
    for number in range(PERMUTATIONS // ROWS):
        mixed = 0
        for value in signature[number * ROWS : (number + 1) * ROWS]:
            mixed = (mixed * 1_000_003 + int(value)) & 0x0000_FFFF_FFFF_FFFF
        found.append(number << 48 | mixed)
    return tuple(found)


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """How much two texts share: Jaccard's measure, or nine tenths of how much of the shorter one the longer one holds (转发、节选)."""
    if not one or not other:
        return 0.0
    common = len(one & other)
    jaccard = common / (len(one) + len(other) - common)
    least = min(len(one), len(other))
    return max(jaccard, 0.9 * common / least if least >= 3 * LEAST else 0.0)
