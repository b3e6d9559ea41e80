"""Places in a text: the bureau's own, its neighbours, and any other county that a name says outright."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from classifier.aliases import short

CODED = re.compile(r"[a-z]\d{0,3}(?:省|市|县|区)")
SAID = re.compile(r"([\u4e00-\u9fff]{2,3}(?:县|市))(?![场民政委级内里外区直属长局])")
FUNCTION = re.compile(r"^[在是到去和与由向给从请让对及任于往来的我一为以]+")
NO_PLACE = re.compile(
    r"我们?县|本县|全县|该县|各县|贵县|县[市区]|我们?市|本市|全市|该市|各市|贵市|城市|都市|超市|门市|股市|楼市|上市|"
    r"省市|夜市|菜市|集市|闹市|两市|地市|外县|外市|邻县|邻市|下县|到县|在县|去县|是县|为县|和县(?!人)|与县|由县|向县|"
    r"给县|从县|请县|让县|对县|及县|任县|于县|往县|来县|进县|至县|回县|的县|的市"
)


@dataclass(frozen=True, slots=True)
class Place:
    """A place named in a text, by its folded name."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Folded place names: ours (county, city, townships; whole and short) and the neighbours'."""

    own: frozenset[str]
    neighbours: frozenset[str]

    @classmethod
    def of(cls, own: Sequence[str], neighbours: Sequence[str]) -> Gazetteer:
        """From configured names, whole ones; the short forms are added."""
        ours = frozenset(own) | frozenset(map(short, own))
        others = frozenset(neighbours) | frozenset(map(short, neighbours))
        return cls(ours, others - ours)

    def is_own(self, name: str) -> bool:
        """Whether a place is ours, in either form."""
        return name in self.own

    def foreign(self, name: str) -> bool:
        """Whether a name is somebody else's county; nothing is, where the bureau has not said its own place.

        A bureau that has said only its city may have any county or district: there only another city is somebody else's.
        """
        if not self.own or name in self.own:
            return False
        others = "县市区" if any(own[-1:] in ("县", "区") for own in self.own) else "市"
        return name in self.neighbours or name[-1:] in others


def said(folded: str) -> list[Place]:
    """Places that carry their class word (临川县, A7县), in the first four thousand characters."""
    text = folded[:4000]
    found = [Place(m.group(), m.start(), m.end()) for m in CODED.finditer(text)]
    for match in SAID.finditer(text):
        name = FUNCTION.sub("", match.group(1))
        if len(name) > 2 and not NO_PLACE.search(match.group(1)):
            found.append(Place(name, match.end(1) - len(name), match.end(1)))
    return sorted(found, key=lambda p: p.start)


def foreign(folded: str, gazetteer: Gazetteer, city: str, own_school: bool) -> str | None:
    """The other county in which a text's matter happened; None where it is ours or nobody says.

    A person who moved here names the old home too, so it takes a place in the title or at the head of the news, and no word of ours.
    """
    if own_school or not gazetteer.own:
        return None
    title, _, body = folded.partition("\n")
    head = f"{title}\n{body[:60]}"
    near = [p for p in said(head) if gazetteer.foreign(p.name) and not _ours(p.name, gazetteer, city)]
    near += [Place(n, head.find(n), 0) for n in gazetteer.neighbours if n in head]
    if not near or any(own in folded for own in gazetteer.own if len(own) > 1):
        return None
    first = min(near, key=lambda p: p.start)
    if re.search(r"(?:来自|老家|户口|户籍|迁|原籍|嫁|搬|转学|籍|娘家|在).{0,4}$", head[max(0, first.start - 6) : first.start]):
        return None
    return first.name


def _ours(name: str, gazetteer: Gazetteer, city: str) -> bool:
    return (bool(city) and name in (city, short(city))) or any(name.endswith(own) for own in gazetteer.own if len(own) > 1)
