"""合并 and 拆分 over HTTP: choosing, being told, confirming; who may; and the event's account on its page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from config.schema import Config
from pipeline.domain.cases import Case
from pipeline.domain.terms import CaseState, Nature, ObligationKind, UserRole
from pipeline.store import accounts, assignments, cases, obligations, ties
from pipeline.store.db import Store
from responders import actions
from responders.acts import MAY, Act

Browser = Any
Go = Callable[..., Any]
READ = {"schools": {"清源一中": "QY001"}}


def case_of(store: Store, case_id: int) -> Case:
    """The case as it stands."""
    found = cases.get(store, case_id)
    assert found is not None
    return found


@pytest.fixture
def second(gathered: Go, routed: Go, now: datetime) -> int:
    """A second case on the canteen of 清源一中, found just now."""
    case_id = int(gathered("清源一中的饭里吃出虫子\n联系13800002222", "A5", read=READ, at=now))
    routed(now)
    return case_id


@pytest.fixture
def echoed(canteen: int, joined: Go, routed: Go, now: datetime) -> int:
    """The canteen's case with two more posts, of yesterday and of today."""
    for n, at in ((1, now - timedelta(hours=30)), (2, now)):
        joined(canteen, f"清源一中食堂又有虫{n}\n吃坏了肚子，电话1380000333{n}", "A5", at, read=READ)
    routed(now)
    return canteen


def sent(browser: Browser, store: Store, case: int, target: int, **given: Any) -> Any:
    """The confirming form, filled in."""
    versions = {"version": case_of(store, case).version, "into_version": case_of(store, target).version}
    fields = {"into": target, "reason": "同一件事"} | versions
    return browser.send(f"/cases/{case}/merge", **fields | given)


def test_a_clerk_merges_two_cases(approver: Browser, store: Store, canteen: int, second: int, now: datetime) -> None:
    assert f'href="/cases/{second}/merge"' in approver.open(f"/cases/{second}").text
    choice = approver.open(f"/cases/{second}/merge").text
    assert [w for w in ("教舆-2026-00001", "同一学校", "同一主题", f"merge?into={canteen}") if w not in choice] == []
    page = approver.open(f"/cases/{second}/merge?into={canteen}")
    assert page.status_code == 200
    assert [w for w in ("政务舆情回应", "合并后到期", "只会提前", "1 条帖文归入 教舆-2026-00001", "不变") if w not in page.text] == []
    done = sent(approver, store, second, canteen)
    assert (done.status_code, done.headers["location"]) == (303, f"/cases/{canteen}?done=merge")
    whole = approver.open(done.headers["location"]).text
    for words in ("「合并」已记录", "把 教舆-2026-00002 并入本事件，带来 1 条帖文", f'<a href="/cases/{second}">'):
        assert words in whole, words
    gone = approver.open(f"/cases/{second}").text
    for words in ("本事件已并入", f'<a href="/cases/{canteen}">', "把本事件并入 教舆-2026-00001", "理由：同一件事", "已终止"):
        assert words in gone, words
    assert "合并到…" not in gone
    assert case_of(store, second).state is CaseState.MERGED


def test_an_earlier_start_is_shown_before_it_is_done(approver: Browser, canteen: int, second: int) -> None:
    page = approver.open(f"/cases/{canteen}/merge?into={second}").text
    assert "提前" in page
    assert "2026-11-20 08:00" in page  # 48 h from the older case's start
    assert "2026-11-20 10:00" in page


def test_the_likeliest_case_comes_first_and_a_number_finds_any(
    approver: Browser, canteen: int, gathered: Go, routed: Go, now: datetime
) -> None:
    other = gathered("清源二中门口没有红绿灯", "A6", read={"schools": {"清源二中": "QY002"}}, at=now - timedelta(hours=2))
    same = gathered("清源一中食堂的账目", "A5", read=READ, at=now - timedelta(days=6))
    routed(now)
    page = approver.open(f"/cases/{canteen}/merge").text
    assert page.index(f"into={same}") < page.index(f"into={other}")
    found = approver.open(f"/cases/{canteen}/merge?q=00002").text
    assert f"into={other}" in found
    assert f"into={same}" not in found
    assert "没有找到" in approver.open(f"/cases/{canteen}/merge?q=99999").text


@pytest.mark.parametrize("role", list(UserRole))
@pytest.mark.parametrize("act", [Act.MERGE, Act.SPLIT])
def test_who_may_merge_and_split(
    browser: Browser, store: Store, echoed: int, second: int, counted: Go, role: UserRole, act: Act
) -> None:
    browser.log_in(role.value)
    before = counted()
    allowed = role in MAY[act]
    assert (f'href="/cases/{echoed}/{act.value}"' in browser.open(f"/cases/{echoed}").text) is allowed
    assert browser.open(f"/cases/{echoed}/{act.value}").status_code == (200 if allowed else 403)
    version = case_of(store, echoed).version
    reply = sent(browser, store, echoed, second) if act is Act.MERGE else browser.send(
        f"/cases/{echoed}/split", version=version, posts="2", reason="两件事"
    )
    assert reply.status_code == (303 if allowed else 403)
    assert (counted() == before) is not allowed


BAD = [
    ({"version": 0}, 409), ({"into_version": 0}, 409), ({"reason": " "}, 422), ({"into": "x"}, 404), ({"into": 999}, 404),
    ({"csrf": "other"}, 403),
]


@pytest.mark.parametrize(("given", "status"), BAD, ids=[str(b[0]) for b in BAD])
def test_a_bad_merge_changes_nothing(
    approver: Browser, store: Store, canteen: int, second: int, counted: Go, given: dict[str, Any], status: int
) -> None:
    before = counted()
    assert sent(approver, store, second, canteen, **given).status_code == status
    assert counted() == before


def test_a_merge_sent_twice_counts_once(approver: Browser, store: Store, canteen: int, second: int, counted: Go) -> None:
    versions = {"version": case_of(store, second).version, "into_version": case_of(store, canteen).version}
    assert sent(approver, store, second, canteen, **versions).status_code == 303
    after = counted()
    assert sent(approver, store, second, canteen, **versions).status_code == 409
    assert counted() == after


@pytest.mark.parametrize("path", ["merge", "merge?into=1", "merge?into=abc", "merge?into=999", "split", "split?go=1", "split?post=1&go=1"])
def test_looking_changes_nothing(approver: Browser, canteen: int, second: int, counted: Go, path: str) -> None:
    before = counted()
    assert approver.open(f"/cases/{second}/{path}").status_code in (200, 404, 422)
    assert counted() == before


def test_a_waiver_takes_the_second_persons_own_password(
    browser: Browser, store: Store, config: Config, canteen: int, second: int, now: datetime
) -> None:
    owed = next(o for o in obligations.of_case(store, case_of(store, canteen)) if o.kind is ObligationKind.RESPONSE)
    actions.waive(store, config, owed.id, "甲", "乙", "县政府统一回应", now)
    browser.log_in("triager")
    assert "第二人同意" in browser.open(f"/cases/{second}/merge?into={canteen}").text
    assert "第二人" in sent(browser, store, second, canteen).text
    for who, password in (("viewer", "correct horse battery"), ("approver", "wrong wrong wrong"), ("triager", "correct horse battery")):
        assert sent(browser, store, second, canteen, second=who, second_password=password).status_code == 422
    assert case_of(store, second).state is CaseState.TRIAGE
    assert sent(browser, store, second, canteen, second="approver", second_password="correct horse battery").status_code == 303


def test_a_case_that_the_accused_holds_is_warned_of(
    approver: Browser, store: Store, config: Config, canteen: int, gathered: Go, routed: Go, now: datetime
) -> None:
    read = READ | {"accused": {"校长": ("head", "QY001")}, "nature": Nature.ACCUSATION}
    case = gathered("举报清源一中校长吃回扣", "F3", read=read)
    routed(now)
    held = assignments.lead(store, case_of(store, canteen))
    assert held is not None
    actions.hand_over(store, config, held.id, held.version, "请核实", "甲", now)
    page = approver.open(f"/cases/{case}/merge?into={canteen}").text
    assert "被检举的 清源县第一中学 现承办" in page.replace("\n", "")


def test_a_clerk_splits_a_case(approver: Browser, store: Store, echoed: int, now: datetime) -> None:
    ticks = approver.open(f"/cases/{echoed}/split").text
    assert ticks.count('type="checkbox"') == 3
    assert "1380000" not in ticks
    page = approver.open(f"/cases/{echoed}/split?post=2&post=3&go=1").text
    assert [w for w in ("拆出 2 条帖文", "留下 1 条帖文", "2026-11-19 04:00", 'name="posts" value="2,3"') if w not in page] == []
    assert "1380000" not in page
    done = approver.send(f"/cases/{echoed}/split", version=case_of(store, echoed).version, posts="2,3", reason="另一批饭菜")
    assert (done.status_code, done.headers["location"]) == (303, "/cases/2?done=split")
    new = approver.open(done.headers["location"]).text
    assert [w for w in ("「拆分」已记录", "从 教舆-2026-00001 拆出 2 条帖文，立为本事件", "待研判") if w not in new] == []
    assert "从本事件拆出 2 条帖文，另立 教舆-2026-00002" in approver.open(f"/cases/{echoed}").text
    assert ties.posts(store, 2) == [2, 3]


UNTAKEN = [("", 422), ("1,2,3", 422), ("99", 422), ("2,x", 422), ("2;3", 422), ("-1", 422)]


@pytest.mark.parametrize(("posts", "status"), UNTAKEN)
def test_a_bad_choice_of_posts_changes_nothing(
    approver: Browser, store: Store, echoed: int, counted: Go, posts: str, status: int
) -> None:
    before = counted()
    version = case_of(store, echoed).version
    assert approver.send(f"/cases/{echoed}/split", version=version, posts=posts, reason="两件事").status_code == status
    assert approver.send(f"/cases/{echoed}/split", version=version - 1, posts="2", reason="两件事").status_code == 409
    assert counted() == before


def test_ticks_of_other_pages_are_kept(
    approver: Browser, echoed: int, joined: Go, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("responders.console.views.event.PER_PAGE", 2)
    page = approver.open(f"/cases/{echoed}/split?post=1&post=2&page=2").text
    assert page.count('<input type="hidden" name="post"') == 2
    assert "其他页已勾选 2 条" in page


def test_a_case_of_one_post_offers_no_split(approver: Browser, canteen: int) -> None:
    page = approver.open(f"/cases/{canteen}").text
    assert "合并到…" in page
    assert "拆分…" not in page


def test_the_account_says_where_it_began_and_how_far_it_went(approver: Browser, store: Store, echoed: int) -> None:
    title = "清源一中食堂的饭菜发霉了"
    with store.transaction():
        store.execute("UPDATE post SET url = 'https://bbs.example/t/9' WHERE id = 2")
        accounts.save(store, echoed, "", "x", [(1, 1, len(title) + 1, len(title) + 24), (99, 1, 0, 5)])
    page = approver.open(f"/cases/{echoed}").text
    quoted = "「孩子吃了拉肚子，家长电话［手机号］」"
    for words in (quoted, "bbs.example ↗", "2026-11-17 04:00", "3 条，1 个平台", "历时 30 小时", "<td>2026-11-17</td>"):
        assert words in page, words
    assert "13800001111" not in page


def test_a_quotation_leaves_with_its_post(approver: Browser, store: Store, config: Config, echoed: int, now: datetime) -> None:
    with store.transaction():
        accounts.save(store, echoed, "", "x", [(2, 1, 0, 6)])
    assert "「清源一中食堂」" in approver.open(f"/cases/{echoed}").text
    actions.split(store, config, echoed, case_of(store, echoed).version, [2], "两件事", "甲", now)
    assert "「清源一中食堂」" not in approver.open(f"/cases/{echoed}").text
