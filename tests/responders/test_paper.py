"""A bureau's own template is used first, and its slips lose no mail."""

from __future__ import annotations

import pytest

from config.schema.settings import BureauSettings
from responders import paper

FACTS = {"title": "交办", "name": "清源一中 王老师", "items": (), "numbers": (), "bureau": None, "to_school": True}


@pytest.mark.parametrize(
    ("own", "text"),
    [
        ("{{ name }}，您好", "清源一中 王老师，您好\n"),
        ("{{ name }}<b>", "清源一中 王老师<b>\n"),
    ],
)
def test_a_bureaus_own_template_is_used(own: str, text: str) -> None:
    assert paper.text("letter.txt", {"templates/letter.txt": own}, **FACTS) == text


def test_html_of_an_own_template_is_escaped_too() -> None:
    assert "&lt;script&gt;" in paper.html("letter.html", {"templates/letter.html": "<p>{{ name }}</p>"}, name="<script>")


@pytest.mark.parametrize("own", ["{{ nobody }}", "{{ name.__class__.__mro__ }}", "{% include 'x' %}"])
def test_a_slip_in_an_own_template_falls_back_to_the_programs(own: str) -> None:
    facts = FACTS | {"bureau": BureauSettings()}
    assert paper.text("letter.txt", {"templates/letter.txt": own}, **facts) == paper.text("letter.txt", {}, **facts)
