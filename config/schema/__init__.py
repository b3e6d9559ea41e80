"""The frozen types of everything that is configured; `Config` holds them all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from config.schema.registry import Registry
from config.schema.rules import ObligationRule, RoutingRule, RungRule
from config.schema.settings import Settings
from config.schema.sources import Source
from config.schema.topics import Topic
from pipeline.domain.terms import ObligationKind


@dataclass(frozen=True, slots=True)
class Calendar:
    """The State Council's calendar: single days off, single weekend days worked, the years it covers, and what the days are called."""

    off: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()
    years: frozenset[int] = frozenset()
    names: Mapping[date, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Config:
    """Everything configured, checked, as one value. `texts` are the files it came from, `versions` their hashes (first 12 hex)."""

    settings: Settings = field(default_factory=Settings)
    sources: Mapping[str, Source] = field(default_factory=dict)
    topics: Mapping[str, Topic] = field(default_factory=dict)
    routing: Mapping[str, RoutingRule] = field(default_factory=dict)
    deadlines: Mapping[ObligationKind, ObligationRule] = field(default_factory=dict)
    ladder: Mapping[str, RungRule] = field(default_factory=dict)
    calendar: Calendar = field(default_factory=Calendar)
    registry: Registry = field(default_factory=Registry)
    texts: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
