"""A tally as people and programs read it: overall figures, each topic, what was taken for what, the worst mistakes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from classifier.evaluate import UNREAD, Count, Mistake, Tally, figures
from classifier.layout import clipped, table
from config.schema import Config
from pipeline.domain.terms import OwnerKind, Scope

Pairs = Counter[tuple[str, str]]
Naming = Callable[[str], str]
COUNTED = {"relevance": "涉教判断", "topic": "主题", "school": "学校名", "tag": "标签", "redline": "红线", "event": "同一件事"}
SHARES = {
    "main_topic_accuracy": "首要主题正确", "owner_accuracy": "回应主体正确", "nature_accuracy": "诉求性质正确",
    "school_link_accuracy": "学校对应名册正确", "accusation_safe": "举报未转给学校",
}  # fmt: skip
TITLE, WANTED, SAID = 20, 20, 26
TOPIC, PAIRS_SHOWN = 26, 20


def data(found: Tally, config: Config, worst: int) -> dict[str, Any]:
    """Everything, for programs."""
    return {
        "scores": figures(found), "topics": [_topic_row(code, found, config) for code in _by_support(found)],
        "confusion": {"topics": _matrix(found.mains), "scope": _matrix(found.scopes), "owner": _matrix(found.owners)},
        "worst": [_mistake_row(m) for m in found.worst(worst)],
    }


def text(found: Tally, config: Config, worst: int) -> str:
    """The same as tables of a hundred columns; of the confusions only the wrong ones, the most frequent first."""
    scopes, owners = ({k.value: k.zh for k in kind} for kind in (Scope, OwnerKind))
    parts = [
        _overall(found), _topics(found, config), _confused("首要主题的混淆", found.mains, _topic_naming(config)),
        _confused("范围的混淆", found.scopes, lambda s: scopes.get(s, s)),
        _confused("回应主体的混淆", found.owners, lambda s: owners.get(s, s)), _worst(found.worst(worst), config),
    ]
    return "\n\n".join(part for part in parts if part)


def _overall(found: Tally) -> str:
    scores = figures(found)
    rows = [
        [zh, *(_said(scores[f"{name}_{figure}"]) for figure in ("precision", "recall", "f1"))]
        for name, zh in COUNTED.items() if f"{name}_f1" in scores
    ]  # fmt: skip
    rows += [[zh, _said(scores[name]), "", ""] for name, zh in SHARES.items()]
    return table("总体", ("项目", "准确率", "召回率", "F1"), rows)


def _said(figure: float | None) -> str:
    return "无" if figure is None else f"{figure:.3f}"


def _by_support(found: Tally) -> list[str]:
    return sorted(found.topic, key=lambda code: (-found.support[code], code))


def _topic_row(code: str, found: Tally, config: Config) -> dict[str, Any]:
    count: Count = found.topic[code]
    return {
        "code": code, "name": _name(code, config), "precision": count.precision, "recall": count.recall, "f1": count.f1,
        "support": found.support[code], "said": int(count.right + count.wrong),
    }


def _topics(found: Tally, config: Config) -> str:
    rows = [
        [
            row["code"], clipped(row["name"], TOPIC), *(_said(row[k]) for k in ("precision", "recall", "f1")),
            str(row["support"]), str(row["said"]),
        ]
        for row in (_topic_row(code, found, config) for code in _by_support(found))
    ]
    return table("各主题（按应有条数）", ("代码", "主题", "准确率", "召回率", "F1", "应有", "读出"), rows, words=(0, 1)) if rows else ""


def _topic_naming(config: Config) -> Naming:
    return lambda code: clipped(f"{code} {_name(code, config)}".strip(), TOPIC)


def _name(code: str, config: Config) -> str:
    return config.topics[code].name if code in config.topics else ""


def confused(pairs: Pairs) -> list[tuple[str, str, int]]:
    """What was wanted, what was said instead, how often; the most frequent first."""
    return sorted(((w, s, n) for (w, s), n in pairs.items() if w != s), key=lambda row: (-row[2], row[0], row[1]))


def _confused(title: str, pairs: Pairs, naming: Naming) -> str:
    wrong = confused(pairs)
    if not wrong:
        return ""
    right, all_ = sum(n for (w, s), n in pairs.items() if w == s), pairs.total()
    rows = [[naming(wanted), naming(said), str(n)] for wanted, said, n in wrong[:PAIRS_SHOWN]]
    rows += [["其余", "", str(sum(n for _, _, n in wrong[PAIRS_SHOWN:]))]] if len(wrong) > PAIRS_SHOWN else []
    return table(f"{title}（{all_} 条中 {right} 条读对）", ("应为", "读作", "条数"), rows, words=(0, 1))


def _matrix(pairs: Pairs) -> dict[str, Any]:
    """Rows are what people said, columns what was read, both in the order of `labels`."""
    labels = sorted({label for pair in pairs for label in pair}, key=lambda label: (label == UNREAD, label))
    return {"labels": labels, "matrix": [[pairs[wanted, said] for said in labels] for wanted in labels]}


def _worst(mistakes: Sequence[Mistake], config: Config) -> str:
    naming = _topic_naming(config)
    rows = []
    for m in mistakes:
        wanted, said = map(naming, (m.wanted, m.said)) if m.about == "主题" else (m.wanted, m.said)
        rows.append([m.id, clipped(m.title, TITLE), m.about, clipped(wanted, WANTED), clipped(said, SAID), f"{m.sureness:.2f}"])
    heads = ("编号", "标题", "错在", "应为", "读作", "把握")
    return table("最有把握的错误", heads, rows, words=(0, 1, 2, 3, 4)) if rows else ""


def _mistake_row(m: Mistake) -> dict[str, Any]:
    return {"id": m.id, "title": m.title, "about": m.about, "wanted": m.wanted, "said": m.said, "sureness": m.sureness}
