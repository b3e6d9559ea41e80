"""Templates: everything is escaped, nothing undefined passes, and no string reaches a page with invisible characters in it."""

from __future__ import annotations

from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from pipeline.masking import masked
from pipeline.moments import shown
from responders.console import display
from responders.wording import remaining

STATIC = ("console.css", "console.js", "mark.svg")


def environment() -> Environment:
    """The templates with their filters."""
    made = Environment(
        loader=PackageLoader("responders.console", "templates"), autoescape=True, undefined=StrictUndefined, finalize=display.visible,
        trim_blocks=True, lstrip_blocks=True,
    )
    made.filters.update(
        shown=shown, brief=display.brief, age=display.age, remaining=remaining, day=display.day, host=display.host, masked=masked,
        percent=lambda p: f"{p:.0%}", amount=lambda n: f"{n:g}",
    )
    made.globals["static"] = {name: f"/static/{name}?v={_mark(name)}" for name in STATIC}
    return made


class Pages:
    """Renders templates; made once for the life of the console."""

    def __init__(self) -> None:
        self._templates = environment()

    def render(self, template: str, **context: Any) -> str:
        """The HTML of a page."""
        return self._templates.get_template(template).render(**context)


def _mark(name: str) -> str:
    """Changes with the file, so that a browser fetches it anew."""
    return sha256((files("responders.console") / "static" / name).read_bytes()).hexdigest()[:10]
