"""Explanations: what is shown adds up to what was read, stands where it is said to stand, and is said in Chinese."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import pytest
from rich.cells import cell_len

from classifier import cues, redline
from classifier.explaining import Explanation, Weighed, explain
from classifier.explanation import UNCLEAR, conclusion, explanation_row, reasons, unclear
from classifier.features import landmarks, mask
from classifier.glance import glance
from classifier.meaning import sentence_meaning
from classifier.model import Model
from classifier.reader import PostReader
from classifier.redline import Why
from classifier.schools import SchoolIndex
from classifier.seen import CUE_NAMES, Seen, cues_said
from classifier.words import fold
from config.schema import Config
from pipeline.domain.posts import Post
from pipeline.domain.terms import RedLine

MakePost = Callable[..., Post]
LETTER = ("举报清源三中校长王某", "清源三中校长王某收受回扣1500元，清源一中旁边停水。上次消防演练模拟学生坠楼，请教育局查处，能不能管管？")
OTHER = ("小区停水", "物业三天不管")


@pytest.fixture(scope="module")
def letter(reader: PostReader) -> tuple[Explanation, Post]:
    """An accusation with a drill in it, explained."""
    from tests.classifier.conftest import MOMENT

    post = Post(1, "forum", "1", "", *LETTER, MOMENT, MOMENT)
    return explain(reader, post), post


NUMBERS = re.compile(r"[+-]\d\.\d\d|线 \d|高出|还差|起点|字对")
"""What stands behind `--why`."""


def test_one_screen_says_it_in_words(letter: tuple[Explanation, Post], county: Config) -> None:
    why, post = letter
    screen = glance(why, post, county, ["清源县教育局（教育局）", "由本局受理"], ["研判 11-18 16:00", "另有 2 项"])
    wanted = ("范围　基础教育", "主题　", "为何　", "举报语（举报", "红线　无", "「模拟」", "清源县第三中学", "只作地点")
    for said in (*wanted, "回应　清源县", "时限　研判"):
        assert said in screen
    assert not NUMBERS.search(screen)
    assert len(screen.splitlines()) <= 16
    assert max(cell_len(line) for line in screen.splitlines()) <= 100


def test_what_is_none_of_ours_is_said_in_words(reader: PostReader, county: Config, post: MakePost) -> None:
    given = post(*OTHER)
    screen = glance(explain(reader, given), given, county, ["无，不需回应", "与教育无关"], ["不起算时限"])
    for said in ("范围　与教育无关", "没有说到学校、学生、教师", "说到房产物业（", "回应　无，不需回应"):
        assert said in screen
    assert "主题　" not in screen


@pytest.mark.parametrize(
    ("main", "p", "guess"),
    [(UNCLEAR - 0.01, 0.9, True), (UNCLEAR, 0.02, False), (0.9, 0.9, False), (None, 0.02, True), (None, 0.5, False)],
)
def test_a_main_topic_that_is_a_mere_guess_is_said_to_be_unclear(main: float | None, p: float, guess: bool) -> None:
    assert unclear(Weighed("topic:A5", p, 0.3, main)) is guess


def test_it_goes_from_the_conclusion_to_its_reasons(letter: tuple[Explanation, Post], county: Config) -> None:
    why, _ = letter
    told = conclusion(why, county)
    for said in ("范围　基础教育", "线 0.50，高出", "：说到 ", "首要 ", "被反映人", "清源县第三中学", "只作地点", "不作红线", "演练、宣传"):
        assert said in told
    grounds = reasons(why, county)
    for said in ("初筛", "：通过", "细读　只看词句", "看「涉教」", "举报语", "词库", "相近语料", "未取主题"):
        assert said in grounds
    assert max(cell_len(line) for line in f"{told}\n{grounds}".splitlines()) <= 100


def test_the_row_has_everything(letter: tuple[Explanation, Post], reader: PostReader) -> None:
    why, post = letter
    row = explanation_row(why)
    assert (row["model"], row["read_with_care"]) == (reader.version, True)
    assert {w["code"] for w in row["topics_weighed"] if w["taken"]} == {t["code"] for t in row["topics"]}
    assert len(row["topics_weighed"]) == 30
    assert all(w["margin"] == pytest.approx(w["p"] - w["threshold"], abs=1e-3) for w in row["topics_weighed"])
    assert [(d["surface"], d["why"], d["words"]) for d in row["redline_doubted"]] == [("坠楼", "never", "模拟")]
    spans = [*row["clues"], *(w for c in row["cues"] for w in c["words"]), *row["redline_doubted"]]
    assert all(post.text[s["start"] : s["end"]] == s["surface"] for s in spans)
    assert all(fold(post.text)[h["start"] : h["end"]] == h["word"] for h in row["lexicon"])


def test_the_parts_make_the_probability(letter: tuple[Explanation, Post]) -> None:
    why, _ = letter
    for ground in why.grounds:
        parts = ground.parts
        odds = parts.words + parts.pairs + parts.lexicon + parts.cues + parts.figures + parts.base + parts.meaning * why.by_meaning
        assert 1 / (1 + math.exp(-odds)) == pytest.approx(why.examined.chances.of(ground.label), abs=0.01)


@pytest.mark.skipif(sentence_meaning() is None, reason="the meaning packages are not installed")
def test_a_corpus_row_is_its_own_nearest_neighbour(model: Model, reader: PostReader, post: MakePost) -> None:
    from classifier import corpus

    [example] = corpus.examples(corpus.lines()[70:71])
    near = explain(reader, post(example.title, example.body)).neighbours
    assert near is not None
    assert (near[0].row, near[0].example) == (70, example)
    assert near[0].cosine > 0.99
    assert [n.cosine for n in near] == sorted((n.cosine for n in near), reverse=True)


def test_without_meaning_there_are_no_neighbours(model: Model, county: Config, post: MakePost) -> None:
    why = explain(PostReader(model, county, None, None), post(*LETTER))
    assert why.neighbours is explanation_row(why)["neighbours"] is None
    assert not why.by_meaning
    assert "这次只按词句研读" in reasons(why, county)


def test_what_the_gate_spares_says_so(reader: PostReader, county: Config, post: MakePost) -> None:
    why = explain(reader, post(*OTHER))
    assert not why.examined.let_through
    assert "未过，不细读" in reasons(why, county)
    assert "初筛词语" in reasons(why, county)
    assert explanation_row(why)["gate"]["let_through"] is False


@pytest.mark.parametrize("text", ["", "\n", "😀🏫", "\x00\ud800", "县一中" * 3000, "A7县B2区a1区清源一中清源县第一中学" * 40])
def test_any_text_can_be_explained(reader: PostReader, county: Config, post: MakePost, text: str) -> None:
    given = post(text)
    why = explain(reader, given)
    assert conclusion(why, county)
    assert glance(why, given, county, ["无"], ["不起算时限"])
    assert reasons(why, county)


def test_every_turn_of_phrase_has_a_chinese_name() -> None:
    assert set(CUE_NAMES) == set(cues.NAMES)


@pytest.mark.parametrize("text", ["\n", "\n".join(LETTER), "G1区清源一中a7县\n清源县第一中学旁边A2区区", "县一中\n县一中，县一中附近"])
def test_what_the_model_sees_leads_back_to_the_text(index: SchoolIndex, text: str) -> None:
    folded = fold(text)
    masked = landmarks(folded, index.scan(folded)[0])
    seen = Seen.of(text, folded, masked)
    assert seen.text == mask(folded, masked)
    assert len(seen.stretches) == len(seen.text)
    stretches = [at for stretch in seen.stretches for at in range(*stretch)]
    assert stretches == list(range(len(text)))


@pytest.mark.parametrize(
    ("text", "cue", "words"),
    [
        ("请问何时报名\n谢谢", "asks_title", ["请问", "何时"]),
        ("题\n希望教育局能办好", "helps", []),
        ("题\n希望政府尽快帮助", "helps", ["希望政府尽快帮助"]),
        ("题\n举报学校造假", "accuses", ["举报", "造假"]),
        ("题\n吗？", "question_mark", ["？"]),
    ],
)
def test_a_turn_of_phrase_is_shown_by_its_words(text: str, cue: str, words: list[str]) -> None:
    said = {c.name: [s.surface for s in c.words] for c in cues_said(Seen.of(text, fold(text), ()))}
    assert said.get(cue, []) == words


@pytest.mark.parametrize(
    ("text", "why", "words"),
    [
        ("学校举行消防演练，模拟有学生昏迷送医", Why.NEVER, "模拟"),
        ("担心学生在学校被殴打住院", Why.IMAGINED, "担心"),
        ("新闻里看到别的地方学校有学生溺水", Why.HEARSAY, "新闻里看到别的地方学校有"),
        ("学校没有发生学生溺水", Why.DENIED, "没有发生"),
        ("学生溺水的消息不实", Why.UNDONE, "的消息不实"),
        ("学校教学生防溺水", Why.GUARDED, "防"),
        ("学生在教室被气死了", Why.FIGURE, "气"),
        ("邻居家水管冻裂，昏迷了", Why.NO_CHILD, ""),
    ],
)
def test_a_red_line_that_is_none_says_why(text: str, why: Why, words: str) -> None:
    folded = fold(text)
    assert redline.find(folded, 0.9, False) is None
    assert (why, words) in {(d.why, d.words) for d in redline.doubted(folded, 0.9, False)}


def test_another_countys_red_line_says_so() -> None:
    folded = fold("学校一名学生坠楼身亡")
    assert {d.why for d in redline.doubted(folded, 0.9, True)} == {Why.FOREIGN}
    assert redline.doubted(folded, 0.9, False) == []
    found = redline.find(folded, 0.9, False)
    assert found
    assert found.kind is RedLine.DEATH_OR_INJURY
