"""What a matter's posts say, in their own words: the most central title and sentences, masked (摘录).

Nothing is written here that does not stand in a post."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from classifier.rarity import Rarity, terms
from classifier.sameness import cosine, model
from classifier.telling import Weights, unit
from classifier.words import fold
from pipeline.domain.posts import Post
from pipeline.masking import masked
from pipeline.spread import moment

SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]?")
COURTESY = re.compile(
    r"^(?:尊敬的|敬爱的|您好|你好|领导好|谢谢|感谢|盼复|此致|敬礼|望回复|恳请(?:领导)?(?:回复|重视)[。！]?$)|^【?(?:转发?|转帖|转载)】?"
)
SHORTEST, LONGEST, MOST_READ = 10, 120, 60
QUOTED, LENGTH = 3, 200
CENTRAL, SAME_WORDS = 0.4, 0.6
"""A sentence far less central than the best says something else; two as alike as this say the same: neither is quoted."""
TITLE = 40


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of a post: where it stands in the post's text, and its words with personal data masked."""

    post: int
    version: int
    start: int
    end: int
    words: str


@dataclass(frozen=True, slots=True)
class Account:
    """A matter as its posts tell it."""

    title: str
    quotes: tuple[Quote, ...]

    @property
    def summary(self) -> str:
        """The quotes as one text."""
        return " ".join(q.words for q in self.quotes)


def account(posts: Sequence[Post]) -> Account:
    """The title and summary of a matter, quoted from its posts."""
    rarity = model().rarity.fresh()
    told = sorted(posts, key=lambda p: (moment(p), p.id))
    sentences = [q for post in told for q in _sentences(post)][:MOST_READ]
    weighed = [_weights(q.words, rarity) for q in sentences]
    # Each post speaks once, however long it is; a sentence is central by what the other posts say, if there are any.
    posts_said = {p.id: _sum([w for q, w in zip(sentences, weighed, strict=True) if q.post == p.id]) for p in told}
    whole = _sum(list(posts_said.values()))
    others = {i: _sum([w for k, w in posts_said.items() if k != i]) or whole for i in posts_said}
    worth = [(cosine(w, others[q.post]), -i) for i, (q, w) in enumerate(zip(sentences, weighed, strict=True))]
    least = CENTRAL * max(worth)[0] if worth else 0.0
    chosen = _different([-i for value, i in sorted(worth, reverse=True) if value >= least], weighed, sentences)
    return Account(_title(told, whole, rarity), tuple(sentences[i] for i in sorted(chosen)))


def _sentences(post: Post) -> list[Quote]:
    text, found = post.text, []
    for match in SENTENCE.finditer(text, len(post.title) + 1):
        words = match.group().strip()
        if SHORTEST <= len(words) <= LONGEST and not COURTESY.match(words):
            start = match.start() + len(match.group()) - len(match.group().lstrip())
            found.append(Quote(post.id, post.version, start, start + len(words), masked(words)))
    return found


def _weights(words: str, rarity: Rarity) -> Weights:
    return unit({w: rarity.weight(w) for w in terms(fold(words))})


def _sum(lists: Sequence[Weights]) -> Weights:
    total: Counter[str] = Counter()
    for weights in lists:
        for word, weight in weights.items():
            total[word] += weight  # type: ignore[assignment]  # a Counter of weights
    return unit(total)


def _different(ranked: Sequence[int], weighed: Sequence[Weights], sentences: Sequence[Quote]) -> list[int]:
    """The best sentences that do not repeat each other, as many as fit."""
    chosen: list[int] = []
    room = LENGTH
    for i in ranked:
        if len(chosen) == QUOTED:
            break
        if len(sentences[i].words) <= room and all(cosine(weighed[i], weighed[k]) < SAME_WORDS for k in chosen):
            chosen.append(i)
            room -= len(sentences[i].words)
    return chosen


def _title(posts: Sequence[Post], whole: Weights, rarity: Rarity) -> str:
    """The title nearest to what all say; of equals the earliest. Without any, the first words of the first post."""
    titled = [p for p in posts if p.title.strip()]
    if not titled:
        return masked(posts[0].body.strip()[:TITLE]) if posts else ""
    best = max(enumerate(titled), key=lambda pair: (round(cosine(_weights(pair[1].title, rarity), whole), 3), -pair[0]))[1]
    return masked(best.title.strip())
