"""Lines of keys, as an editor counts them."""

from __future__ import annotations

import pytest

from config.places import line_of

TEXT = '''# a comment with [brackets] and = signs
top = "x = 1"

[A5]                        # the table's own comment
words = [
    "食堂",   # not = a key
    "[饭菜]",
]
risk = 3
note = """
[not-a-table]
risk = 9
"""
[A5.inner."带.点"]
'钥匙' = true
a.b = { c = 1 }
[[many]]
n = 1
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("A5",), 4),
        (("A5", "words"), 5),
        (("A5", "risk"), 9),
        (("A5", "note"), 10),
        (("A5", "inner", "带.点"), 14),
        (("A5", "inner", "带.点", "钥匙"), 15),
        (("A5", "inner", "带.点", "a", "b", "c"), 16),
        (("many", "n"), 18),
        (("A5", "nothing"), 4),
        (("not-a-table",), 0),
    ],
)
def test_a_key_is_found_where_it_stands_else_its_table(path: tuple[str, ...], line: int) -> None:
    assert line_of(TEXT, path)[0] == line
