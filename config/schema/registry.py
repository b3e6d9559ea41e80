"""schools.csv, sections.csv, duty.csv, policies.csv: parties and people, as rows of the files that a bureau keeps in a table program."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class FormerName:
    """A name a school had (曾用名), with the days it was valid where they are known."""

    name: str
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class School:
    """One row of the registry. `code` is the 内部编号 (the 学校标识码 or the row's number where a bureau keeps none); `answers` the code of
    its 回应主体, itself for most. Only `name` and `email` must be given."""

    code: str
    name: str
    email: str = ""
    national_code: str = ""
    short: str = ""
    aliases: tuple[str, ...] = ()
    former: tuple[FormerName, ...] = ()
    ambiguous: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    stage: str = ""
    form: str = ""
    ownership: str = ""
    holder: str = ""
    legal_person: bool = True
    answers: str = ""
    centre: str = ""
    township: str = ""
    section: str = ""
    head: str = ""
    contact: str = ""
    backup: str = ""
    phone: str = ""
    state: str = "在办"
    since: date | None = None
    until: date | None = None
    line: int = 0

    @property
    def open(self) -> bool:
        """Whether it is a working school."""
        return self.state == "在办"


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the bureau (股室); `desk`, `director` and `deputy` are sections too, with these codes."""

    code: str
    name: str
    duty: str = ""
    head: str = ""
    phone: str = ""
    email: str = ""
    topics: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class Shift:
    """Who is on duty (值班) from `start` to `end`, half-open, UTC."""

    start: datetime
    end: datetime
    name: str
    phone: str = ""
    email: str = ""
    note: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Policy:
    """A document of the bureau: who drafted it explains it (谁起草、谁解读)."""

    number: str
    title: str
    section: str
    disclosure: str = ""
    url: str = ""
    explained_at: str = ""
    until: date | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Registry:
    """All parties of a bureau, with look-ups by code."""

    schools: tuple[School, ...] = ()
    sections: tuple[Section, ...] = ()
    duty: tuple[Shift, ...] = ()
    policies: tuple[Policy, ...] = ()

    def school(self, code: str) -> School | None:
        """The school with this code."""
        return next((s for s in self.schools if s.code == code), None)

    def section(self, code: str) -> Section | None:
        """The section with this code."""
        return next((s for s in self.sections if s.code == code), None)

    def answering(self, school: School) -> School:
        """The school that answers for this one (回应主体); the loader has made sure that the chain ends."""
        while school.answers and school.answers != school.code:
            above = self.school(school.answers)
            if above is None:
                return school
            school = above
        return school

    def on_duty(self, now: datetime) -> Shift | None:
        """The duty officer at `now`."""
        return next((s for s in self.duty if s.start <= now < s.end), None)
