"""Puts facts on paper: the templates of mails and documents, escaped in HTML, the style inside the tags as mail programs need it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import css_inline
from jinja2 import BaseLoader, DictLoader, PackageLoader, StrictUndefined, TemplateError, select_autoescape
from jinja2.sandbox import ImmutableSandboxedEnvironment

from pipeline.moments import shown

log = logging.getLogger(__name__)

OWN = "templates/"


def text(template: str, texts: Mapping[str, str], **facts: Any) -> str:
    """A template of plain text, filled in. `texts` are the configuration's: a bureau's own template there is used first."""
    return _filled(template, texts, facts).strip() + "\n"


def html(template: str, texts: Mapping[str, str], **facts: Any) -> str:
    """An HTML template, filled in and escaped, its style sheet worked into the tags; nothing is loaded from anywhere."""
    inliner = css_inline.CSSInliner(load_remote_stylesheets=False)
    return str(inliner.inline(_filled(template, texts, facts)))


def _filled(template: str, texts: Mapping[str, str], facts: Mapping[str, Any]) -> str:
    own = texts.get(OWN + template)
    if own is not None:
        try:
            return _environment(template, own).get_template(template).render(facts)
        except TemplateError as error:  # a mail that must leave is not lost for a bureau's slip in a template
            log.warning("%s%s: %s; the program's own template is used", OWN, template, error)
    return _environment(template, None).get_template(template).render(facts)


@lru_cache(maxsize=16)
def _environment(template: str, own: str | None) -> ImmutableSandboxedEnvironment:
    loader: BaseLoader = PackageLoader("responders", "templates") if own is None else DictLoader({template: own})
    environment = ImmutableSandboxedEnvironment(
        loader=loader, autoescape=select_autoescape(("html",)), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    environment.filters["shown"] = shown
    return environment


def one_line(words: str, most: int = 200) -> str:
    """The words as a header may carry them: no line break nor any other control character, and not without end."""
    plain = "".join(" " if (not c.isprintable() or c in "\u2028\u2029") else c for c in words)
    line = " ".join(plain.split())
    return line if len(line) <= most else line[: most - 1] + "…"
