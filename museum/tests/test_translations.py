"""The interface in Spanish is whole, and compiled from what is written."""

import ast
import re
from pathlib import Path

import polib
import pytest
from django.conf import settings

CATALOG = Path(settings.BASE_DIR) / "locale/es/LC_MESSAGES/django.po"
PLAIN = re.compile(r"""\{%\s*translate\s+(?:"([^"]+)"|'([^']+)')\s*(?:as \w+\s*)?%\}""")
BLOCK = re.compile(
    r"\{%\s*blocktranslate( trimmed)?[^%]*%\}(.*?)"
    r"(?:\{%\s*plural\s*%\}.*?)?\{%\s*endblocktranslate\s*%\}",
    re.DOTALL,
)
HOLES = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
SAYS = {"_", "gettext", "gettext_lazy"}


@pytest.fixture(scope="module")
def catalog():
    return polib.pofile(str(CATALOG))


def test_every_string_of_the_templates_is_in_the_catalog(catalog):
    known = {entry.msgid for entry in catalog}
    used = set()
    for path in (Path(settings.BASE_DIR) / "templates").rglob("*.html"):
        text = path.read_text()
        used |= {plain or quoted for plain, quoted in PLAIN.findall(text)}
        for trimmed, block in BLOCK.findall(text):
            said = " ".join(block.split()) if trimmed else block
            used.add(re.sub(r"\{\{\s*(\w+)\s*\}\}", r"%(\1)s", said))
    assert len(used) > 100
    assert used <= known, "run manage.py makemessages -l es, translate, and make translations"


def test_every_string_that_pages_say_in_python_is_in_the_catalog(catalog):
    known = {entry.msgid for entry in catalog}
    used = set()
    for app in ("museum", "search"):
        for path in (Path(settings.BASE_DIR) / app).rglob("*.py"):
            if "tests" in path.parts:
                continue
            for call in ast.walk(ast.parse(path.read_text())):
                match call:
                    case ast.Call(
                        func=ast.Name(id=name), args=[ast.Constant(value=str(said)), *_]
                    ) if name in SAYS:
                        used.add(said)
    assert len(used) > 100
    assert used - known == set()


def test_every_string_is_translated_with_the_same_holes(catalog):
    for entry in catalog:
        said = entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]
        assert all(said), entry.msgid
        assert "fuzzy" not in entry.flags, entry.msgid
        for each in said:
            assert set(HOLES.findall(each)) == set(HOLES.findall(entry.msgid)), entry.msgid


def test_the_compiled_catalog_is_that_of_the_written_one(catalog):
    compiled = polib.mofile(str(CATALOG.with_suffix(".mo")))
    assert {e.msgid: (e.msgstr, e.msgstr_plural) for e in compiled} == {
        e.msgid: (e.msgstr, e.msgstr_plural) for e in catalog
    }, "run make translations"
