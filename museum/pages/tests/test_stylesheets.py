"""Each component of the pages has a stylesheet of its own, and class names that begin with its."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from museum.core.static_finders import JoinedStylesheetFinder

STYLES = settings.BASE_DIR / "static" / "css"
INDEXES = [STYLES / "site.css", STYLES / "admin.css"]
PARTS = sorted([*STYLES.glob("components/*.css"), *STYLES.glob("admin/*.css")])
CLASS = re.compile(r"\.([a-zA-Z][\w-]*)")
# Classes of Django's admin, which its own templates use.
FOREIGN = re.compile(
    r"(form-|field|inline-|submit-|object-|action|button$|small$|content$|shifted$|main$|errorlist$"
    r"|aligned$|module$|breadcrumbs$|login$|related|help$|paginator)"
)

# Classes that are put together: from a size, from a counter, by a template tag and by the admin.
MADE = {"wall-small", "sweep-line-2", "is-whole", "texts"}


def selectors(text: str) -> list[str]:
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"@media[^{]*\{", "", text)
    found = [rule.rpartition("}")[2] for rule in text.split("{")[:-1]]
    return [each.strip() for rule in found for each in rule.split(",\n") if each.strip()]


def imports(index: Path) -> list[Path]:
    return [STYLES / path for path in re.findall(r'@import "([^"]+)";', index.read_text())]


@pytest.mark.parametrize("path", PARTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_names_of_a_components_classes_begin_with_the_components(path):
    owners = {part.stem for part in PARTS if part.parent == path.parent}
    for selector in selectors(path.read_text()):
        names = [name for name in CLASS.findall(selector) if not name.startswith("is-")]
        if path.parent.name == "components":
            own = [name for name in names if name == path.stem or name.startswith(f"{path.stem}-")]
            assert own or not names, selector
        for name in names:
            is_owned = any(name == owner or name.startswith(f"{owner}-") for owner in owners)
            assert is_owned or (path.parent.name == "admin" and FOREIGN.match(name)), selector


@pytest.mark.parametrize("index", INDEXES, ids=lambda path: path.stem)
def test_every_part_is_imported_once(index):
    folders = {"site": ["base", "components"], "admin": ["admin"]}[index.stem]
    parts = [path for folder in folders for path in STYLES.glob(f"{folder}/*.css")]
    parts += [STYLES / "shapes.css"] if index.stem == "site" else []
    assert sorted(imports(index)) == sorted(parts)


def used_classes() -> set[str]:
    used = set(MADE)
    for page in settings.BASE_DIR.glob("templates/**/*.html"):
        used.update(*(found.split() for found in re.findall(r'class="([^"]*)"', page.read_text())))
    for script in STYLES.parent.glob("js/*.js"):
        used |= set(re.findall(r'"([\w-]+)"', script.read_text()))
    return used


def test_no_class_is_styled_that_no_page_has():
    used = used_classes()
    for part in PARTS:
        names = {name for each in selectors(part.read_text()) for name in CLASS.findall(each)}
        unused = {name for name in names - used if not FOREIGN.match(name)}
        assert not unused, part.name


@pytest.mark.parametrize("index", INDEXES, ids=lambda path: path.stem)
def test_browsers_get_a_stylesheet_as_one_file(client, index):
    response = client.get(f"/static/css/{index.name}")
    text = b"".join(response).decode()
    assert "@import" not in text
    assert all(part.read_text() in text for part in imports(index))


@pytest.fixture
def source(tmp_path, settings):
    settings.STATICFILES_DIRS = [tmp_path]
    (tmp_path / "parts").mkdir()
    (tmp_path / "all.css").write_text('@import "parts/a.css";\n@import "parts/b.css";\n')
    (tmp_path / "parts" / "a.css").write_text("a{color:red}")
    (tmp_path / "parts" / "b.css").write_text("b{color:red}")
    return tmp_path


def test_collectstatic_takes_the_joined_file_anew_when_a_part_changes(source):
    finder = JoinedStylesheetFinder()
    ((name, storage),) = finder.list([])
    assert name == "all.css"
    assert storage.open(name).read() == b"a{color:red}\nb{color:red}\n"
    (source / "parts" / "b.css").write_text("b{color:blue}")
    ((name, storage),) = finder.list([])
    assert storage.open(name).read() == b"a{color:red}\nb{color:blue}\n"
    assert Path(finder.find("all.css")).read_text() == "a{color:red}\nb{color:blue}\n"


def test_other_files_are_left_to_other_finders(source):
    finder = JoinedStylesheetFinder()
    for name in ("parts/a.css", "none.css", "icon.svg"):
        assert finder.find(name) == []
        assert finder.find(name, find_all=True) == []


def test_a_part_that_is_missing_or_names_files_is_refused(source):
    finder = JoinedStylesheetFinder()
    (source / "parts" / "b.css").unlink()
    with pytest.raises(ImproperlyConfigured, match=r"imports 'parts/b.css', which does not"):
        list(finder.list([]))
    (source / "parts" / "b.css").write_text("b{background:url(b.svg)}")
    with pytest.raises(ImproperlyConfigured, match=r"parts/b.css uses url\(\)"):
        finder.find("all.css")
