"""Texts for people: every message is translated, and no Chinese hides in the code."""

import ast
import configparser
import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import heatward_collector
from heatward_collector.locale import CHINESE, ENGLISH, preferred, texts

ROOT = Path(heatward_collector.__file__).parent
KEYWORDS = {"say": None, "message": None, "_": None, "plural": (1, 2), "ngettext": (1, 2)}
CJK = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
WITHOUT_CHINESE = (
    "api",
    "explain",
    "cli.py",
    "commands/status.py",
    "commands/run.py",
    "running/health.py",
)
"""Rooms whose texts all come from the catalogues."""


def extracted() -> dict[str, tuple[str, ...]]:
    """Return the messages of code and templates as the committed configuration finds them."""
    settings = configparser.ConfigParser()
    settings.read(ROOT / "locale" / "extraction.cfg")
    methods, options = [], {}
    for section in settings.sections():
        method, pattern = section.split(": ")
        methods.append((pattern, method))
        options[pattern] = dict(settings[section])
    found = {}
    for _, _, message, _, _ in extract_from_dir(ROOT, methods, options, KEYWORDS):
        forms = message if isinstance(message, tuple) else (message,)
        found[forms[0]] = forms
    return found


def catalogue(name: str) -> Catalog:
    with resources.files("heatward_collector.locale").joinpath(name).open("rb") as file:
        return read_po(file)


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)[a-z]", text))


def test_every_message_has_a_chinese_text_and_none_is_fuzzy_or_left_over() -> None:
    messages = extracted()
    chinese = {
        (entry.id[0] if isinstance(entry.id, tuple) else entry.id): entry
        for entry in catalogue("zh_CN.po")
        if entry.id
    }
    assert set(messages) - set(chinese) == set(), "missing: add them to zh_CN.po"
    assert set(chinese) - set(messages) == set(), "left over: remove them from zh_CN.po"
    assert [key for key, entry in chinese.items() if entry.fuzzy] == []
    assert [key for key, entry in chinese.items() if not any(entry.string)] == []


def test_translations_fill_in_the_same_values() -> None:
    messages = extracted()
    for name in ("zh_CN.po", "en.po"):
        for entry in catalogue(name):
            if not entry.id:
                continue
            key = entry.id[0] if isinstance(entry.id, tuple) else entry.id
            wanted = set().union(*(placeholders(form) for form in messages[key]))
            strings = entry.string if isinstance(entry.string, tuple) else (entry.string,)
            for string in strings:
                assert placeholders(string) == wanted, key


def test_the_english_catalogue_has_no_message_that_is_not_used() -> None:
    assert {entry.id for entry in catalogue("en.po") if entry.id} <= set(extracted())


def code_files() -> Iterator[Path]:
    for name in WITHOUT_CHINESE:
        path = ROOT / name
        yield from [path] if path.is_file() else path.rglob("*.py")


def test_no_chinese_text_stands_outside_the_catalogues() -> None:
    for path in code_files():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not CJK.search(node.value), f"{path.name}:{node.lineno} {node.value!r}"
    for path in (ROOT / "api").rglob("*.html"):
        assert not CJK.search(path.read_text("utf-8")), path.name


def test_plurals_and_values_are_filled_in() -> None:
    forms = ("%(n)d hour ago", "%(n)d hours ago")
    assert texts(ENGLISH).plural(*forms, 1) == "1 hour ago"
    assert texts(ENGLISH).plural(*forms, 3) == "3 hours ago"
    assert texts(CHINESE).plural(*forms, 3) == "3 小时前"


def test_an_unknown_language_is_chinese() -> None:
    assert texts("fr").language == CHINESE


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, CHINESE),
        ({"LANG": "zh_CN.UTF-8"}, CHINESE),
        ({"LANG": "en_US.UTF-8"}, ENGLISH),
        ({"LANG": "C.UTF-8"}, CHINESE),
        ({"LC_ALL": "en_GB.UTF-8", "LANG": "zh_CN.UTF-8"}, ENGLISH),
    ],
)
def test_a_terminal_is_chinese_unless_it_says_english(
    environment: dict[str, str], expected: str
) -> None:
    assert preferred(environment) == expected
