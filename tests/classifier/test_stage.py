"""The two stages on a real store: read, gather; twice the same; a poison post does not hold up the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from classifier.stage import gather_stage, read_stage
from config.schema import Config
from config.schema.sources import Source
from pipeline.domain.posts import Post, RawPost
from pipeline.domain.readings import Accusation, Reading, SchoolMention, Span, TopicScore
from pipeline.domain.terms import AccusedKind, CaseState, Grade, Nature, Precision, RedLine, Scope
from pipeline.stage import run
from pipeline.store import accounts, audit, cases, gathering, posts, readings
from pipeline.store.db import Store

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
CANTEEN = "食堂承包商把土豆丝卖到六块钱，菜里吃出虫子和钢丝球，后勤主任推给承包商，请公开供货合同和账目，还孩子一口安全饭"
ROAD = "校门口没有红绿灯，上学放学货车一辆接一辆，孩子们过马路胆战心惊，请交警来站岗，装上斑马线和减速带"


class Script:
    """A reader that says what the text says: `k12`, a topic, a red line, a school are words of the title."""

    version = "script-1"

    def read(self, batch: Sequence[Post]) -> list[Reading]:
        if any("毒" in p.title for p in batch):
            raise ValueError("cannot be digested")
        return [self.one(p) for p in batch]

    def one(self, post: Post) -> Reading:
        words = post.title.split()
        topic = next((w for w in words if len(w) == 2 and w[0] in "ABCDEF"), "")
        redline = next((r for r in RedLine if r.value in words), None)
        accused = (Accusation(AccusedKind.HEAD, Span("校长", 0, 2), None),) if "举报" in words else ()
        codes = [w for w in words if w.startswith("QY")]
        schools = tuple(SchoolMention(Span(c, 0, 0), c, c, 0.9) for c in codes)
        ours = bool(topic)
        grade = Grade.II if redline else Grade.IV if topic == "D5" else Grade.III
        return Reading(
            self.version, Scope.K12 if ours else Scope.NONE, 0.9 if ours else 0.1, (TopicScore(topic, 0.9),) if ours else (),
            redline=redline, nature=Nature.COMPLAINT, schools=schools, grade=grade if ours else None,
            accused=accused,
        )  # fmt: skip


@pytest.fixture
def settled(county: Config) -> Config:
    sources = {
        "f": Source(name="论坛", kind="forum", platform="论坛"),
        "w": Source(name="微博", kind="feed", platform="微博"),
        "city": Source(name="市报", kind="feed", reach="city"),
    }
    return replace(county, sources=sources)


def put(
    store: Store, *rows: tuple[str, str, str], source: str = "f", public: bool = True, dormant: bool = False, now: datetime = NOW,
    **more: Any,
) -> None:
    """Stores posts given as (key, title, body)."""
    raw = [RawPost(source, key, title, body, published_at=now, precision=Precision.MINUTE, **more) for key, title, body in rows]
    posts.add(store, raw, now, public=public, dormant=[dormant] * len(raw))


def process(store: Store, settled: Config, now: datetime = NOW) -> None:
    run(read_stage(store, Script()), store, lambda: now)
    run(gather_stage(store, settled), store, lambda: now)


def table(store: Store, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(r.values()) for r in store.rows(sql)]


def held(store: Store) -> dict[str, tuple[int, str]]:
    rows = store.rows("SELECT post.key, case_id, how FROM case_post JOIN post ON post.id = post_id")
    return {r["key"]: (r["case_id"], r["how"]) for r in rows}


def only(store: Store) -> Any:
    [row] = store.rows("SELECT id FROM case_")
    case = cases.get(store, row["id"])
    assert case is not None
    return case


def test_education_opens_a_case_and_other_matters_do_not(store: Store, settled: Config) -> None:
    put(store, ("1", "A5 QY001 食堂", CANTEEN), ("2", "物业", "电梯坏了"))
    process(store, settled)
    case = only(store)
    assert (case.number, case.state) == ("教舆-2026-00001", CaseState.TRIAGE)
    assert (case.title, case.topic, case.grade) == ("A5 QY001 食堂", "A5", Grade.III)
    assert (case.public, case.dormant, case.opened_by, case.found_at, case.published_at) == (True, False, "machine", NOW, NOW)
    assert cases.count_waiting(store) == 1
    assert [e.action for e in audit.history(store, case.id)] == ["立案"]
    assert posts.count_waiting(store, "read") == posts.count_waiting(store, "gather") == 0


def test_doing_it_again_changes_nothing(store: Store, settled: Config) -> None:
    put(store, ("1", "A5 QY001 食堂", CANTEEN), ("2", "A5 QY001 又是食堂", CANTEEN))
    process(store, settled)
    before = [table(store, f"SELECT * FROM {t}") for t in ("case_", "case_post", "reading", "audit_entry", "signature_band")]
    put(store, ("1", "A5 QY001 食堂", CANTEEN))
    process(store, settled)
    assert [table(store, f"SELECT * FROM {t}") for t in ("case_", "case_post", "reading", "audit_entry", "signature_band")] == before


def test_two_posts_of_one_batch_that_tell_one_matter_are_one_case(store: Store, settled: Config) -> None:
    put(store, ("1", "A5 QY001 食堂", CANTEEN), ("2", "A5 QY001 转发", CANTEEN), ("3", "A6 QY001 校门", ROAD))
    process(store, settled)
    found = held(store)
    assert found["1"][0] == found["2"][0] != found["3"][0]
    assert (found["1"][1], found["2"][1]) == ("first", "duplicate")


def test_a_later_post_joins_within_the_window_and_not_after(store: Store, settled: Config) -> None:
    put(store, ("1", "A5 QY001 食堂", CANTEEN))
    process(store, settled)
    put(store, ("2", "A5 QY001 食堂", CANTEEN + "！"), now=NOW + timedelta(days=13))
    process(store, settled, NOW + timedelta(days=13))
    put(store, ("3", "A5 QY001 食堂", CANTEEN + "？"), now=NOW + timedelta(days=59))
    process(store, settled, NOW + timedelta(days=59))
    found = held(store)
    assert found["1"][0] == found["2"][0] != found["3"][0]


def test_other_schools_letters_of_the_same_form_stay_apart(store: Store, settled: Config) -> None:
    put(store, ("1", "A5 QY001 食堂", CANTEEN), ("2", "A5 QY002 食堂", CANTEEN.replace("六", "七")))
    process(store, settled)
    assert len({case for case, _ in held(store).values()}) == 2


def test_spread_raises_the_grade_and_never_lowers_it(store: Store, settled: Config) -> None:
    put(store, ("1", "D5 QY001 作业", CANTEEN), ("2", "D5 QY001 作业", CANTEEN))
    process(store, settled)
    assert only(store).grade is Grade.IV
    put(store, ("3", "D5 QY001 作业", CANTEEN), source="w")
    process(store, settled)
    assert only(store).grade is Grade.III
    put(store, ("4", "D5 QY001 作业", CANTEEN), source="city")
    process(store, settled)
    assert only(store).grade is Grade.II
    put(store, ("5", "D5 QY001 作业", CANTEEN))
    process(store, settled)
    assert only(store).grade is Grade.II


def test_a_raised_grade_has_to_be_confirmed_again(store: Store, settled: Config) -> None:
    put(store, ("1", "D5 QY001 作业", CANTEEN))
    process(store, settled)
    with store.transaction():
        store.execute("UPDATE case_ SET grade_confirmed = 1, waiting = NULL")
    version = only(store).version
    put(store, ("2", "D5 QY001 suicide_risk", CANTEEN))
    process(store, settled)
    case = only(store)
    assert (case.grade, case.grade_confirmed, case.redline) == (Grade.II, False, RedLine.SUICIDE_RISK)
    assert case.version > version
    assert cases.count_waiting(store) == 1


def test_a_red_line_opens_a_case_whatever_the_scope(store: Store, settled: Config) -> None:
    put(store, ("1", "missing_child 寻人", "孩子走丢了"))
    process(store, settled)
    assert only(store).redline is RedLine.MISSING_CHILD


@pytest.mark.parametrize(
    ("reply", "opens"), [("顶一下", False), ("A5 食堂", False), ("A5 QY002 食堂", True), ("missing_child 孩子不见了", True)]
)
def test_a_reply_opens_a_case_only_with_a_red_line_or_its_own_school(store: Store, settled: Config, reply: str, opens: bool) -> None:
    put(store, ("1", "闲聊", "今天天气不错"))
    put(store, ("2", reply, ROAD), parent="1")
    process(store, settled)
    assert ("2" in held(store)) is opens


def test_replies_attach_to_their_parents_case_whatever_they_say(store: Store, settled: Config) -> None:
    put(store, ("1", "A5 QY001 食堂", CANTEEN))
    put(store, ("2", "顶", "同问"), ("3", "A5 QY002 我们也是", ROAD), parent="1")
    process(store, settled)
    assert {how for _, how in held(store).values()} == {"first", "reply"}
    assert len({case for case, _ in held(store).values()}) == 1


@pytest.mark.parametrize("state", ["published", "closed", "dismissed"])
def test_the_echo_after_an_answer_is_only_counted(store: Store, settled: Config, state: str) -> None:
    put(store, ("1", "A5 QY001 食堂", CANTEEN))
    process(store, settled)
    with store.transaction():
        store.execute("UPDATE case_ SET state = ?, waiting = NULL", state)
    before = only(store)
    put(store, ("2", "A5 QY001 食堂", CANTEEN))
    process(store, settled)
    assert only(store) == before
    assert cases.count_waiting(store) == 0
    assert len(held(store)) == 2


def test_a_new_red_line_reopens_as_the_next_generation(store: Store, settled: Config) -> None:
    put(store, ("1", "A5 QY001 食堂", CANTEEN))
    process(store, settled)
    with store.transaction():
        store.execute("UPDATE case_ SET state = 'closed', waiting = NULL, answer_kind = 'public', closed_at = '2026-11-18T02:00:00Z'")
    put(store, ("2", "A5 QY001 food_illness", CANTEEN))
    process(store, settled)
    case = only(store)
    assert (case.state, case.generation, case.answer_kind) == (CaseState.TRIAGE, 2, None)
    assert (case.redline, case.grade) == (RedLine.FOOD_ILLNESS, Grade.II)
    assert table(store, "SELECT generation FROM case_post ORDER BY post_id") == [(1,), (2,)]
    assert "重开" in [e.action for e in audit.history(store, case.id)]


@pytest.mark.parametrize("state", ["published", "closed", "dismissed"])
def test_the_first_accusation_reopens_an_answered_case_and_only_the_first(store: Store, settled: Config, state: str) -> None:
    put(store, ("1", "A5 QY001 food_illness", CANTEEN))
    process(store, settled)
    with store.transaction():
        store.execute("UPDATE case_ SET state = ?, waiting = NULL", state)
    put(store, ("2", "A5 QY001 举报", CANTEEN))
    process(store, settled)
    case = only(store)
    assert (case.state, case.generation, case.accusation, case.redline) == (CaseState.TRIAGE, 2, True, RedLine.FOOD_ILLNESS)
    assert cases.count_waiting(store) == 1
    with store.transaction():
        store.execute("UPDATE case_ SET state = ?, waiting = NULL", state)
    put(store, ("3", "A5 QY001 举报", CANTEEN))
    process(store, settled)
    assert only(store).generation == 2


@pytest.mark.parametrize("said", ["举报", "missing_child"])
def test_an_edit_that_says_it_for_the_first_time_wakes_the_case_from_then_on(store: Store, settled: Config, said: str) -> None:
    put(store, ("1", "A5 QY001 食堂", CANTEEN))
    process(store, settled)
    with store.transaction():
        store.execute("UPDATE case_ SET state = 'closed', waiting = NULL")
    later = NOW + timedelta(days=5)
    put(store, ("1", f"A5 QY001 食堂 {said}", CANTEEN), now=later)
    process(store, settled, later)
    case = only(store)
    assert (case.state, case.generation, case.accusation) == (CaseState.TRIAGE, 2, said == "举报")
    assert cases.dates(store, case).found_at == later
    assert table(store, "SELECT generation FROM case_post") == [(2,)]


def test_the_same_red_line_in_other_words_joins_whatever_the_topic(store: Store, settled: Config) -> None:
    put(store, ("1", "A5 QY001 food_illness", CANTEEN))
    process(store, settled)
    put(store, ("2", "A1 QY001 food_illness", ROAD), ("3", "A1 QY002 food_illness", "孩子吐了一夜"))
    process(store, settled)
    found = held(store)
    assert found["2"] == (found["1"][0], "same_matter")
    assert found["3"][0] != found["1"][0]


def test_a_merged_case_passes_its_posts_on(store: Store, settled: Config) -> None:
    put(store, ("1", "A5 QY001 食堂", CANTEEN), ("2", "A6 QY001 校门", ROAD))
    process(store, settled)
    first, second = (held(store)[k][0] for k in "12")
    with store.transaction():
        store.execute("UPDATE case_ SET state = 'merged', merged_into = ? WHERE id = ?", second, first)
    put(store, ("3", "A5 QY001 食堂", CANTEEN))
    process(store, settled)
    assert held(store)["3"][0] == second


def test_old_posts_make_a_dormant_case_and_a_fresh_one_wakes_it(store: Store, settled: Config) -> None:
    put(store, ("1", "A5 QY001 食堂", CANTEEN), dormant=True)
    process(store, settled)
    assert only(store).dormant
    put(store, ("2", "A5 QY001 食堂", CANTEEN), now=NOW + timedelta(days=1))
    process(store, settled, NOW + timedelta(days=1))
    case = only(store)
    assert not case.dormant
    assert cases.dates(store, case).found_at == NOW + timedelta(days=1)


def test_small_talk_under_an_old_thread_starts_no_clock(store: Store, settled: Config) -> None:
    put(store, ("1", "A5 QY001 食堂", CANTEEN), dormant=True)
    process(store, settled)
    put(store, ("2", "A5 跟帖", "还是希望公家先管"), parent="1", now=NOW + timedelta(days=1))
    process(store, settled, NOW + timedelta(days=1))
    assert held(store)["2"][1] == "reply"
    assert only(store).dormant


def test_a_letter_that_also_stands_in_public_is_public(store: Store, settled: Config) -> None:
    put(store, ("1", "A5 QY001 食堂", CANTEEN), public=False)
    put(store, ("2", "A5 QY001 食堂", CANTEEN), source="w")
    process(store, settled)
    assert only(store).public


def test_a_changed_text_is_read_and_gathered_again_in_its_own_case(store: Store, settled: Config) -> None:
    put(store, ("1", "D5 QY001 作业", ROAD))
    process(store, settled)
    put(store, ("1", "A5 QY001 sexual_offence", CANTEEN))
    process(store, settled)
    case = only(store)
    assert (case.grade, case.redline) == (Grade.II, RedLine.SEXUAL_OFFENCE)
    assert table(store, "SELECT DISTINCT topic FROM matter ORDER BY topic") == [("A5",), ("红线:sexual_offence",)]


def test_a_poison_post_is_set_aside_and_the_others_pass(store: Store, settled: Config) -> None:
    put(store, ("1", "A5 QY001 食堂", CANTEEN), ("2", "毒", "x"), ("3", "A6 QY001 校门", ROAD))
    process(store, settled)
    assert set(held(store)) == {"1", "3"}
    assert table(store, "SELECT stage, subject FROM setback") == [("read", "帖文 2")]
    assert posts.count_waiting(store, "read") == 0


def test_a_post_without_a_reading_is_read_first(store: Store, settled: Config) -> None:
    put(store, ("1", "A5 QY001 食堂", CANTEEN))
    with store.transaction():
        store.execute("UPDATE post SET waiting = 'gather'")
    run(gather_stage(store, settled), store, lambda: NOW)
    assert posts.count_waiting(store, "read") == 1


def test_a_case_without_a_title_is_named_by_its_first_words(store: Store, settled: Config) -> None:
    put(store, ("1", " ", "food_illness"))
    [post] = posts.waiting(store, "read", 1)
    with store.transaction():
        readings.save(store, [(post, Reading("m", Scope.K12, 0.9, (TopicScore("A5", 0.9),), grade=Grade.III))], NOW)
    run(gather_stage(store, settled), store, lambda: NOW)
    assert only(store).title == "food_illness"


def test_numbers_count_up_within_a_year_and_begin_anew(store: Store, settled: Config) -> None:
    put(store, ("1", "A5 QY001 食堂", CANTEEN), ("2", "A6 QY001 校门", ROAD))
    process(store, settled)
    later = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)  # the new year has begun in the bureau
    put(store, ("3", "A5 QY003 食堂", CANTEEN), now=later)
    process(store, settled, later)
    assert [n for (n,) in table(store, "SELECT number FROM case_ ORDER BY id")] == ["教舆-2026-00001", "教舆-2026-00002", "教舆-2027-00001"]


def test_neighbours_are_found_by_index_and_never_by_a_scan(store: Store) -> None:
    for sql in (
        "SELECT post_id FROM signature_band WHERE bureau = 'b' AND band IN (1, 2) AND at BETWEEN 'a' AND 'b' GROUP BY post_id",
        "SELECT post_id FROM matter WHERE bureau = 'b' AND school = 's' AND topic = 't' AND at BETWEEN 'a' AND 'b' ORDER BY at DESC",
        "SELECT post_id FROM rare_word WHERE bureau = 'b' AND word = 'w' AND at BETWEEN 'a' AND 'b' ORDER BY at DESC LIMIT 41",
        "DELETE FROM rare_word WHERE post_id = 1",
        "DELETE FROM signature_band WHERE post_id = 1",
        "DELETE FROM matter WHERE post_id = 1",
        "SELECT max(number) FROM case_ WHERE bureau = 'b' AND number >= 'a' AND number < 'b'",
    ):
        plan = " ".join(str(tuple(r)) for r in store.db.conn.execute(f"EXPLAIN QUERY PLAN {sql}"))
        assert "SEARCH" in plan
        assert "SCAN" not in plan


# ── what staff said stays so ────────────────────────────────────────────────────────────────────────────────────────


def case_with(store: Store, key: str) -> Any:
    found = cases.get(store, held(store)[key][0])
    assert found is not None
    return found


def post_id(store: Store, key: str) -> int:
    return int(store.value("SELECT id FROM post WHERE key = ?", key))


def test_a_case_tells_its_matter_in_its_posts_own_words(store: Store, settled: Config) -> None:
    put(store, ("1", "A5 QY001 食堂", CANTEEN), ("2", "A5 QY001 又是食堂", f"{CANTEEN}。我的电话13800001111，请回复"))
    process(store, settled)
    said = accounts.summary(store, only(store).id)
    assert "供货合同" in said
    assert "13800001111" not in said


def test_what_was_split_stays_apart_when_it_is_read_again_and_so_do_its_copies(store: Store, settled: Config) -> None:
    put(store, ("1", "A5 QY001 食堂", CANTEEN), ("2", "A5 QY001 食堂", CANTEEN + "！"))
    process(store, settled)
    new = gathering.split(store, only(store), [post_id(store, "2")], "另一所食堂", "li", NOW)
    put(store, ("2", "A5 QY001 食堂", CANTEEN + "！！"))
    put(store, ("3", "A5 QY001 food_illness", CANTEEN))
    process(store, settled)
    found = held(store)
    assert found["1"][0] != found["2"][0] == new.id
    assert "拆出" in [e.action for e in audit.history(store, found["1"][0])]


def test_a_post_that_a_person_took_out_of_a_case_never_comes_back(store: Store, settled: Config) -> None:
    put(store, ("1", "A5 QY001 食堂", CANTEEN), ("2", "A5 QY001 食堂", CANTEEN))
    process(store, settled)
    old = only(store)
    gathering.split(store, old, [post_id(store, "2")], "不是一件事", "li", NOW)
    with store.transaction():  # as if it had never been gathered
        store.execute("DELETE FROM case_post WHERE post_id = ?", post_id(store, "2"))
        store.execute("UPDATE post SET waiting = 'gather' WHERE key = '2'")
        store.execute("UPDATE case_ SET state = 'closed', generation = 2 WHERE id = ?", old.id)
    process(store, settled)
    assert held(store)["2"][0] != old.id


def test_what_was_merged_stays_together_across_generations(store: Store, settled: Config) -> None:
    put(store, ("1", "A5 QY001 食堂", CANTEEN), ("2", "A6 QY001 校门", ROAD))
    process(store, settled)
    first, second = case_with(store, "1"), case_with(store, "2")
    into = gathering.merge(store, second, first, "家长联名信里的两件事", "li", NOW)
    assert held(store)["2"][0] == into.id == first.id
    with store.transaction():
        store.execute("UPDATE case_ SET state = 'closed', waiting = NULL WHERE id = ?", into.id)
    put(store, ("2", "A6 QY001 校门 death_or_injury", ROAD))
    put(store, ("3", "A6 QY001 校门", ROAD))
    process(store, settled)
    assert {case for case, _ in held(store).values()} == {first.id}
    assert case_with(store, "2").generation == 2
    assert cases.get(store, second.id).state is CaseState.MERGED  # type: ignore[union-attr]  # it was there


def test_a_post_goes_where_a_person_said_it_belongs(store: Store, settled: Config) -> None:
    put(store, ("1", "A5 QY001 食堂", CANTEEN), ("2", "A6 QY001 校门", ROAD))
    process(store, settled)
    gathering.merge(store, case_with(store, "2"), case_with(store, "1"), "一件事", "li", NOW)
    with store.transaction():
        store.execute("DELETE FROM case_post WHERE post_id = ?", post_id(store, "2"))
        store.execute("UPDATE post SET waiting = 'gather' WHERE key = '2'")
    process(store, settled)
    assert held(store)["2"] == (held(store)["1"][0], "by_hand")


def test_the_newest_word_of_a_person_holds(store: Store, settled: Config) -> None:
    put(store, ("1", "A5 QY001 食堂", CANTEEN), ("2", "A5 QY001 食堂", CANTEEN))
    process(store, settled)
    old = only(store)
    new = gathering.split(store, old, [post_id(store, "2")], "两件事", "li", NOW)
    gathering.merge(store, new, old, "还是一件事", "li", NOW)
    put(store, ("3", "A5 QY001 食堂", CANTEEN))
    process(store, settled)
    assert {case for case, _ in held(store).values()} == {old.id}
    assert [e.action for e in audit.history(store, old.id)][-3:] == ["拆出", "并入事件", "并入帖文"]


@pytest.mark.parametrize("keys", [[], ["1", "2"], ["3"]])
def test_a_split_leaves_something_and_takes_only_what_is_there(store: Store, settled: Config, keys: list[str]) -> None:
    put(store, ("1", "A5 QY001 食堂", CANTEEN), ("2", "A5 QY001 食堂", CANTEEN), ("3", "A6 QY002 校门", ROAD))
    process(store, settled)
    with pytest.raises(ValueError, match="不能拆出"):
        gathering.split(store, case_with(store, "1"), [post_id(store, k) for k in keys], "x", "li", NOW)


def test_a_case_is_not_merged_into_itself(store: Store, settled: Config) -> None:
    put(store, ("1", "A5 QY001 食堂", CANTEEN))
    process(store, settled)
    with pytest.raises(ValueError, match="不能并入"):
        gathering.merge(store, only(store), only(store), "x", "li", NOW)


def test_a_late_echo_of_an_answered_matter_is_a_matter_of_its_own(store: Store, settled: Config) -> None:
    put(store, ("1", "A5 QY001 食堂", CANTEEN))
    process(store, settled)
    with store.transaction():
        store.execute("UPDATE case_ SET state = 'closed', waiting = NULL")
    put(store, ("2", "A5 QY001 食堂", CANTEEN + "！"), now=NOW + timedelta(days=20))
    process(store, settled, NOW + timedelta(days=20))
    assert held(store)["1"][0] != held(store)["2"][0]
