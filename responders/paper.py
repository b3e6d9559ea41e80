"""Puts facts on paper: the templates of mails and documents, escaped in HTML, the style inside the tags as mail programs need it."""

from __future__ import annotations

from functools import cache
from typing import Any

import css_inline
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from pipeline.moments import shown


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("responders", "templates"), autoescape=select_autoescape(("html",)), undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=False,
    )
    environment.filters["shown"] = shown
    return environment


def text(template: str, **facts: Any) -> str:
    """A template of plain text, filled in."""
    return _environment().get_template(template).render(facts).strip() + "\n"


def html(template: str, **facts: Any) -> str:
    """An HTML template, filled in and escaped, its style sheet worked into the tags; nothing is loaded from anywhere."""
    inliner = css_inline.CSSInliner(load_remote_stylesheets=False)
    return str(inliner.inline(_environment().get_template(template).render(facts)))


def one_line(words: str, most: int = 200) -> str:
    """The words as a header may carry them: no line break nor any other control character, and not without end."""
    plain = "".join(" " if (not c.isprintable() or c in "\u2028\u2029") else c for c in words)
    line = " ".join(plain.split())
    return line if len(line) <= most else line[: most - 1] + "…"
