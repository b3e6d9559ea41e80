"""A bureau's directory → one checked `Config`: defaults from the package, the bureau's own over them, every fault at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from config.calendar import calendar
from config.checks import Known, check_deadlines, check_ladder, check_routing, check_topics
from config.documents import Document, document
from config.files import DEFAULT_LABEL, RULES, Shelf, Text, default
from config.page_checks import check_school_page
from config.records import record, records, suggestion
from config.registry import duty, policies, schools, sections
from config.registry_checks import check_codes, check_duty, check_named_sections, check_schools, check_sections
from config.schema import Calendar, Config
from config.schema.registry import Registry
from config.schema.rules import ObligationRule, RoutingRule, RungRule
from config.schema.settings import Settings
from config.schema.sources import Source
from config.schema.topics import Topic
from config.source_checks import check_settings, check_sources
from config.templates import templates
from pipeline.domain.terms import ObligationKind
from pipeline.faults import Fault, Unusable


def load(directory: Path | None, registry_texts: Mapping[str, str] | None = None) -> Config:
    """The configuration of a bureau's directory; of the package alone for None.

    `registry_texts` are the accepted versions of schools.csv, sections.csv, duty.csv and policies.csv that the database holds: they
    win over the directory's files. Raises `Unusable` with every fault.
    """
    config, faults = examine(directory, registry_texts)
    if faults:
        raise Unusable(*faults)
    return config


def load_settings(directory: Path | None) -> Settings:
    """huiyin.toml alone: what is needed to open the store, before the rest can be loaded. Raises `Unusable`."""
    faults: list[Fault] = []
    settings = _settings(document(Shelf(directory), "huiyin.toml", False, faults), faults)
    if faults:
        raise Unusable(*faults)
    return settings


def examine(directory: Path | None, registry_texts: Mapping[str, str] | None = None) -> tuple[Config, list[Fault]]:
    """As much of the configuration as is well formed, and all that is wrong with the rest."""
    faults: list[Fault] = []
    if directory is not None and not directory.is_dir():
        return Config(), [Fault(str(directory), "没有这个目录", f"先运行 huiyin init {directory}")]
    shelf = Shelf(directory, registry_texts or {})
    head = document(shelf, "huiyin.toml", False, faults)
    settings = _settings(head, faults)
    if faults:  # the pace that sources must keep is not known: no fault of theirs follows from ours
        settings = settings.model_copy(update={"crawl": settings.crawl.model_copy(update={"delay_seconds": 0.0})})
    documents = {"huiyin.toml": head}
    for file in RULES[1:]:
        documents[file] = document(shelf, file, settings.files.get(file) == "replace", faults)
    texts = {file: _layers(shelf, file, settings, faults) for file in ("calendar.csv", "sections.csv")}
    texts |= {file: (shelf.own(file, faults) or default(file),) for file in ("schools.csv", "duty.csv", "policies.csv")}
    registry = _registry(texts, frozenset(documents["topics.toml"].table), faults)
    config = _rules(documents, settings, registry, faults)
    layers = {file: doc.layers[::-1] for file, doc in documents.items()} | texts | templates(shelf, faults)
    return replace(
        config, calendar=_calendar(texts["calendar.csv"], faults), texts=_texts(layers.values()), versions=_versions(layers)
    ), faults


def _settings(head: Document, faults: list[Fault]) -> Settings:
    found = record(head, Settings, (), faults)
    if found:
        check_settings(head, found, faults)
        check_school_page(head, found, faults)
    return found or Settings()


def _layers(shelf: Shelf, file: str, settings: Settings, faults: list[Fault]) -> tuple[Text, ...]:
    """The texts that a CSV file is put together from, the bureau's own last."""
    own = shelf.own(file, faults)
    if own is None:
        return (default(file),)
    return (own,) if settings.files.get(file) == "replace" else (default(file), own)


def _registry(texts: Mapping[str, tuple[Text, ...]], topics: frozenset[str], faults: list[Fault]) -> Registry:
    """The four tables, checked against each other."""
    school_text, duty_text, policy_text = (texts[f][-1] for f in ("schools.csv", "duty.csv", "policies.csv"))
    found = sections(texts["sections.csv"], faults)
    codes = {s.name: s.code for s in found} | {s.code: s.code for s in found}
    all_schools = tuple(replace(s, section=codes.get(s.section, s.section)) for s in schools(school_text, faults))
    all_policies = tuple(replace(p, section=codes.get(p.section, p.section)) for p in policies(policy_text, faults))
    roster = duty(duty_text, faults)
    check_sections(texts["sections.csv"][-1], found, topics, faults)
    check_schools(school_text, all_schools, faults)
    check_codes(school_text, all_schools, found, faults)
    check_named_sections(school_text, "主管股室", all_schools, set(codes), faults)
    check_named_sections(policy_text, "起草股室", all_policies, set(codes), faults)
    check_duty(duty_text, roster, faults)
    return Registry(all_schools, found, roster, all_policies)


def _rules(documents: Mapping[str, Document], settings: Settings, registry: Registry, faults: list[Fault]) -> Config:
    """The rule files, checked against each other. Names are known by their keys alone, so that one fault does not breed others."""
    codes = frozenset(s.code for s in registry.sections)
    known = Known(frozenset(documents["topics.toml"].table), codes, frozenset(documents["sources.toml"].table))
    sources = records(documents["sources.toml"], Source, faults)
    topics = records(documents["topics.toml"], Topic, faults)
    routing = records(documents["routing.toml"], RoutingRule, faults)
    deadlines = _deadlines(documents["deadlines.toml"], faults)
    ladder = records(documents["ladder.toml"], RungRule, faults)
    check_sources(documents["sources.toml"], sources, settings, faults)
    check_topics(documents["topics.toml"], topics, known, faults)
    check_routing(documents["routing.toml"], routing, known, faults)
    check_deadlines(documents["deadlines.toml"], deadlines, known, faults)
    check_ladder(documents["ladder.toml"], ladder, documents["deadlines.toml"].table, faults)
    ordered = dict(sorted(routing.items(), key=lambda item: item[1].order))
    return Config(settings, sources, _assigned(topics, registry), ordered, deadlines, ladder, registry=registry)


def _deadlines(found: Document, faults: list[Fault]) -> dict[ObligationKind, ObligationRule]:
    kinds = {kind.value: kind for kind in ObligationKind}
    for name in found.table:
        if name not in kinds:
            faults.append(Fault(found.at(name), f"没有名为 {name} 的时限", suggestion(name, list(kinds))))
    return {kinds[name]: rule for name, rule in records(found, ObligationRule, faults).items() if name in kinds}


def _assigned(topics: Mapping[str, Topic], registry: Registry) -> dict[str, Topic]:
    """The topics with the sections that sections.csv gives them to (主题 column), which wins over topics.toml."""
    given = {code: section.code for section in registry.sections for code in section.topics}
    return {code: topic.model_copy(update={"section": given[code]}) if code in given else topic for code, topic in topics.items()}


def _calendar(texts: tuple[Text, ...], faults: list[Fault]) -> Calendar:
    found = calendar(texts, faults)
    years = found.years or {0}
    for year in range(min(years), max(years)):
        if year not in years:
            faults.append(Fault(texts[-1].label, f"缺少 {year} 年的节假日", "按国务院办公厅当年通知补齐"))
    if not found.years:
        faults.append(Fault(texts[-1].label, "一天也没有写，工作日无法计算", "按国务院办公厅每年的通知填写日期和休、班"))
    return found


def _texts(layers: Iterable[tuple[Text, ...]]) -> dict[str, str]:
    """Every text that counts, by its name: `routing.toml` the bureau's own, `defaults/routing.toml` the package's."""
    found = [text for file in layers for text in file]
    return {text.label if text.own else text.label.replace(DEFAULT_LABEL, "defaults/"): text.text for text in found}


def _versions(layers: Mapping[str, tuple[Text, ...]]) -> dict[str, str]:
    """A hash a file, of all its layers: a change of the package's defaults is a new version too."""
    return {file: _hash("\0".join(text.text for text in texts)) for file, texts in layers.items()}


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:12]
