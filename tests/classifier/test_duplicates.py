"""Near-duplicates: reposts, edits and cuts are found; other letters of the same form are not."""

from __future__ import annotations

import pytest

from classifier.duplicates import fingerprints, likeness

LETTER = (
    "县一中食堂的饭菜又涨价了，一份土豆丝六块钱，还经常吃出头发和虫子，孩子回家说肚子不舒服。我们几个家长去找学校后勤，"
    "他们让我们去找承包商，承包商又说按合同办。请教育局查一查食堂的账目和卫生，公开供货来源。"
)


@pytest.mark.parametrize(
    "other",
    [
        LETTER,
        f"转发：{LETTER}",
        f"【求扩散】{LETTER}大家都来看看",
        LETTER.replace("六块钱", "七块钱").replace("头发", "钢丝"),
        LETTER[: int(len(LETTER) * 0.6)],
        "縣一中" + LETTER[3:],
    ],
)
def test_copies_meet_in_a_band_and_are_alike(other: str) -> None:
    one, two = fingerprints([LETTER, other])
    assert set(one.bands) & set(two.bands)
    assert likeness(one.pairs, two.pairs) >= 0.6


@pytest.mark.parametrize("other", ["县一中食堂的饭菜很好吃，给食堂师傅点赞，孩子每天都吃得干干净净", "请问今年小学什么时候报名", ""])
def test_other_texts_are_not_alike(other: str) -> None:
    one, two = fingerprints([LETTER, other])
    assert likeness(one.pairs, two.pairs) < 0.4


def test_a_text_too_short_to_tell_anything_has_no_bands() -> None:
    assert [f.bands for f in fingerprints(["", "顶", "同问"])] == [(), (), ()]


def test_bands_fit_a_signed_integer_column() -> None:
    [one] = fingerprints([LETTER])
    assert all(0 <= band < 2**63 for band in one.bands)
    assert len(one.bands) == len(set(one.bands)) == 16
