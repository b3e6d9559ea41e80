"""A bureau's own templates of mails and documents, in its directory's templates/: where one stands, it is used."""

from __future__ import annotations

from jinja2 import Environment, TemplateSyntaxError

from config.files import TEMPLATES, Shelf, Text
from pipeline.faults import Fault

FOLDER = "templates/"


def templates(shelf: Shelf, faults: list[Fault]) -> dict[str, tuple[Text, ...]]:
    """The bureau's own, by `templates/<name>`; one that cannot be parsed is a fault with its line."""
    found = {FOLDER + name: own for name in TEMPLATES if (own := shelf.own(FOLDER + name, faults))}
    for text in found.values():
        try:
            Environment(autoescape=True).parse(text.text)
        except TemplateSyntaxError as error:
            faults.append(Fault(text.at(error.lineno), f"模板写法不对：{error.message}", "对照程序自带的同名模板改正，或移走这个文件"))
    return {name: (text,) for name, text in found.items()}
