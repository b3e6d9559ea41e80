"""The topics' words (词库): which of them stand in a text, and where; a word beside one of its excludes (排除) does not count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick

from classifier.words import fold
from config.schema.topics import Topic

BESIDE = 12


@dataclass(frozen=True, slots=True)
class WordHit:
    """A word of a topic in a folded text."""

    topic: str
    word: str
    start: int
    end: int


class Lexicon:
    """All topics' words in one automaton."""

    def __init__(self, topics: Mapping[str, Topic]) -> None:
        self.topics = tuple(topics)
        self._of_word: dict[str, list[str]] = defaultdict(list)
        self._of_exclude: dict[str, set[str]] = defaultdict(set)
        for code, topic in topics.items():
            for word in dict.fromkeys(map(fold, topic.words + topic.more_words)):
                self._of_word[word].append(code)
            for exclude in map(fold, topic.excludes):
                self._of_exclude[exclude].add(code)
        self._patterns = sorted({*self._of_word, *self._of_exclude} - {""})
        self._automaton = AhoCorasick(self._patterns)

    def weight(self, word: str) -> float:
        """A word that many topics share speaks for each of them less."""
        return 1.0 / len(self._of_word[word])

    def hits(self, folded: str) -> list[WordHit]:
        """Every word of every topic, in the order of the text."""
        found = [(self._patterns[i], s, e) for i, s, e in self._automaton.find_matches_as_indexes(folded, overlapping=True)]
        blocked = [(self._of_exclude[p], s, e) for p, s, e in found if p in self._of_exclude]
        return [
            WordHit(topic, word, start, end)
            for word, start, end in found
            for topic in self._of_word.get(word, ())
            if not any(topic in topics and s - BESIDE < end and start < e + BESIDE for topics, s, e in blocked)
        ]
