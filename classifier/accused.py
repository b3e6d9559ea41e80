"""Who is accused of wrongdoing (被检举控告人): the words that name the person, the head, the unit or the bureau."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from classifier import misconduct as wrong
from classifier.accused_words import (
    ACCUSES,
    ANYBODY,
    ASKED,
    BARE_NAME,
    BODY,
    DEALT_WITH,
    DENIES,
    FORBIDS,
    GREETED,
    HEAD,
    HEADLESS,
    HINDERS,
    IN_SECTION,
    OFFICE,
    OFFICER,
    ONLOOKER,
    POINTS,
    REFUSED,
    STAFF,
    STRONG,
    SURNAME,
    WHO,
)  # fmt: skip
from pipeline.domain.readings import Accusation, SchoolMention, Span
from pipeline.domain.terms import AccusedKind

REACH = 60
SENTENCE_END = re.compile(r"[。！？!?\n]")
ANY_TEACHER = ("老师", "教师")
BEFORE, AFTER, NEXT = 12, 30, 8  # how far from an office the deed may stand that its holder did


def misconduct(folded: str) -> bool:
    """Whether the text tells of misconduct at all, rather than of a condition or a service."""
    return wrong.told(folded)


def accuses(folded: str) -> bool:
    """Whether the text accuses somebody in so many words."""
    return bool(STRONG.search(folded)) and misconduct(folded)


def denounces(folded: str) -> bool:
    """Whether it tells of somebody in office that he takes money, positions or favours, or of a teacher that he himself hits, abuses
    or teaches for money: an accusation, in whatever tone it is told."""
    if DENIES.search(folded[:30]) or DEALT_WITH.search(folded):
        return False
    told = wrong.deeds(folded)
    return any(_own(folded, who, told) for who in WHO.finditer(folded) if who.group() not in HEADLESS and not _asked(folded, who.start()))


def _own(folded: str, who: re.Match[str], told: Sequence[wrong.Deed]) -> bool:
    """Whether one of the grave deeds is this one's own: told next, with nobody else between."""
    kinds = {"bureau": wrong.IN_BUREAU, "head": wrong.IN_OFFICE}.get(who.lastgroup or "", wrong.IN_CLASS)
    after, reach = folded[who.end() : who.end() + 12], NEXT if who.group() in ANY_TEACHER else AFTER
    if GREETED.match(after) or ONLOOKER.match(after) or FORBIDS.search(folded[max(0, who.start() - 16) : who.start()]):
        return False
    grave = (d for d in told if d.kind in kinds and who.end() <= d.start <= who.end() + reach and not wrong.COMMON.match(folded, d.start))
    return any(
        not _parted(folded[who.end() : deed.start]) and not (who.lastgroup == "person" and wrong.FEES.match(folded, deed.start))
        for deed in grave
    )


def _parted(between: str) -> bool:
    """Whether these words part the deed from whoever stands before them."""
    return bool(HINDERS.search(between) or REFUSED.search(between) or WHO.search(between))


def find(text: str, folded: str, schools: Sequence[SchoolMention], wholly: bool, most: int = 6) -> tuple[Accusation, ...]:
    """Who is accused, those nearest to the accusation first. Spans count code points of `text`.

    A text that is `wholly` an accusation accuses whom it names, and where it names nobody the school or body that it is about: the
    hand-over must not reach them. In another text the accusing words must stand near.
    """
    told = wrong.deeds(folded)
    points = [m.start() for m in ACCUSES.finditer(folded)] + [deed.start for deed in told]
    if (not points and not wholly) or (not wholly and DENIES.search(folded[:30])):
        return ()
    found: dict[str, tuple[int, Accusation]] = {}
    for accusation in (*_people(text, folded, schools, told, wholly), *_units(text, folded, schools)):
        distance = min((abs(p - accusation.span.start) for p in points), default=0)
        known = next((k for k in found if accusation.span.surface in k or k in accusation.span.surface), accusation.span.surface)
        if (wholly or distance <= REACH) and (known not in found or len(accusation.span.surface) > len(known)):
            distance = min(distance, found.pop(known, (distance, None))[0])
            found[accusation.span.surface] = (distance, accusation)
    ranked = sorted(found.values(), key=lambda pair: (pair[0] > REACH // 2, pair[1].span.start))
    told_on = tuple(accusation for _, accusation in ranked[:most])
    if wholly and all(a.kind is AccusedKind.BUREAU for a in told_on):
        return (*told_on, *_whoever(text, folded, schools, bool(told_on)))[:most]
    return told_on


def _whoever(text: str, folded: str, schools: Sequence[SchoolMention], known: bool) -> Iterator[Accusation]:
    """Where no person is named: the schools that the text is about, else the first body, else whoever is meant in general."""
    subjects = {m.span.surface: m for m in reversed(schools) if not m.landmark}
    if subjects:
        yield from (Accusation(AccusedKind.UNIT, m.span, m.code) for m in reversed(subjects.values()))
        return
    body = BODY.search(folded) or (None if known else ANYBODY.search(folded))
    if body:
        yield Accusation(AccusedKind.UNIT, Span(text[body.start() : body.end()], body.start(), body.end()))


def _people(
    text: str, folded: str, schools: Sequence[SchoolMention], told: Sequence[wrong.Deed], wholly: bool
) -> Iterator[Accusation]:
    deeds = [deed.start for deed in told]
    for match in WHO.finditer(folded):
        if match.group() in HEADLESS or (match.lastgroup == "bureau" and not _bureau_itself(folded, match, told)):
            continue
        if GREETED.match(folded[match.end() : match.end() + 5]) or _asked(folded, match.start()):
            continue
        if OFFICE.fullmatch(match.group()) and not _doer(folded, match, deeds, wholly):
            continue
        if match.group() in ANY_TEACHER and not _own(folded, match, told):
            continue
        school = _school_of(folded, schools, match.start())
        kind = {"bureau": AccusedKind.BUREAU, "head": AccusedKind.HEAD, "person": AccusedKind.PERSON}[match.lastgroup or "person"]
        yield Accusation(kind, Span(text[match.start() : match.end()], match.start(), match.end()), school)


def _doer(folded: str, match: re.Match[str], deeds: Sequence[int], wholly: bool) -> bool:
    """Whether somebody who is told only by the office does the deed, rather than being told of it or looking on.

    Where the whole text accuses, a head counts wherever he stands: to spare one too many is safer than one too few.
    """
    if POINTS.search(folded[max(0, match.start() - 20) : match.start()]):
        return True
    near = any(match.start() - BEFORE <= at <= match.end() + AFTER for at in deeds)
    return (near or wholly) and not ONLOOKER.match(folded[match.end() : match.end() + 12])


def _asked(folded: str, start: int) -> bool:
    """Whether the words name those who are asked for help, or the writer."""
    return bool(ASKED.search(folded[max(0, start - 12) : start]))


def _bureau_itself(folded: str, match: re.Match[str], told: Sequence[wrong.Deed]) -> bool:
    """The bureau is accused where an officer is named, where the accusing word stands directly before it, or where the deed is its own."""
    officer = bool(re.search(OFFICER, match.group()) or IN_SECTION.match(folded, match.start()))
    before = folded[max(0, match.start() - 12) : match.start()]
    pointed_at = re.search(r"(?:举报|检举|控告|投诉|查处|揭发)(?:(?![到给向至后了]).){0,6}$", before)
    return officer or bool(pointed_at) or _own(folded, match, told)


def _named_after(text: str, folded: str, mention: SchoolMention) -> Iterator[Accusation]:
    """Somebody whose bare name follows the school's: 「某某小学张三违规…」."""
    name = BARE_NAME.match(folded, mention.span.end)
    if name:
        start, end = name.span("name")
        yield Accusation(AccusedKind.PERSON, Span(text[start:end], start, end), mention.code)


def _units(text: str, folded: str, schools: Sequence[SchoolMention]) -> Iterator[Accusation]:
    """A school or another body that is itself accused: named directly after the accusing word, and no person of it is."""
    for mention in schools:
        before = folded[max(0, mention.span.start - 10) : mention.span.start]
        after = folded[mention.span.end : mention.span.end + 12]
        person = re.match(rf"的?(?:{STAFF}|{HEAD}|[{SURNAME}]某|.{{0,6}}(?:老师|教师|校长|园长|主任))", after)
        yield from _named_after(text, folded, mention)
        if not mention.landmark and not person and re.search(r"(?:举报|检举|控告|查处|严查|请查|揭发).{0,4}$", before):
            yield Accusation(AccusedKind.UNIT, mention.span, mention.code)


def _school_of(folded: str, schools: Sequence[SchoolMention], at: int) -> str | None:
    """The school that the accused belongs to: the one named before in the same sentence, else the only one.

    Where several are named elsewhere none is guessed: then all of them are kept from the hand-over.
    """
    subjects = [m for m in schools if not m.landmark]
    beside = next((m for m in subjects if m.span.surface in folded[max(0, at - len(m.span.surface) - 3) : at]), None)
    if beside:  # a school is told of by its first place alone, so its name is looked for here as well
        return beside.code
    before = [m for m in subjects if m.span.end <= at + 2 and not SENTENCE_END.search(folded, m.span.end, at)]
    if before:
        return max(before, key=lambda m: m.span.end).code
    codes = {m.code for m in subjects}
    return codes.pop() if len(codes) == 1 else None
