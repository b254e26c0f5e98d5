"""Each component of the pages has a stylesheet of its own, and class names that begin with its."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import FileSystemStorage

from museum.static_storage import JoinedStaticFilesStorage

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


def collect(folder: Path, sources: Path) -> JoinedStaticFilesStorage:
    """Process the files below `sources` as `collectstatic` does, without copying them first."""
    source, storage = FileSystemStorage(sources), JoinedStaticFilesStorage(location=folder)
    names = [str(path.relative_to(sources)) for path in sources.rglob("*") if path.is_file()]
    for name in names:
        if not storage.exists(name):
            with source.open(name) as file:
                storage.save(name, file)
    for _, _, processed in storage.post_process({name: (source, name) for name in names}):
        if isinstance(processed, Exception):
            raise processed
    return storage


def text_of(storage: JoinedStaticFilesStorage, name: str) -> str:
    return (Path(storage.location) / name).read_text()


@pytest.mark.parametrize("index", INDEXES, ids=lambda path: path.stem)
def test_a_stylesheet_is_deployed_as_one_file(tmp_path, index):
    storage = collect(tmp_path / "to", STYLES)
    for name in (f"{index.name}", storage.stored_name(index.name)):
        text = text_of(storage, name)
        assert "@import" not in text
        assert all(part.read_text() in text for part in imports(index))


def test_a_part_that_changes_is_deployed_with_the_next_collectstatic(tmp_path):
    source = tmp_path / "from"
    (source / "parts").mkdir(parents=True)
    (source / "all.css").write_text('@import "parts/a.css";\n@import "parts/b.css";\n')
    (source / "parts" / "a.css").write_text("a{color:red}")
    (source / "parts" / "b.css").write_text("b{color:red}")
    before = collect(tmp_path / "to", source).stored_name("all.css")
    (source / "parts" / "b.css").write_text("b{color:blue}")
    storage = collect(tmp_path / "to", source)
    after = storage.stored_name("all.css")
    assert after != before
    assert text_of(storage, after) == text_of(storage, "all.css") == "a{color:red}\nb{color:blue}\n"
    assert text_of(storage, before) == "a{color:red}\nb{color:red}\n"


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (None, "static/all.css imports 'a.css', which does not exist"),
        ("i{background:url(i.svg)}", "uses url()"),
    ],
)
def test_a_part_that_cannot_be_joined_stops_collectstatic(tmp_path, part, message):
    source = tmp_path / "from"
    source.mkdir()
    (source / "all.css").write_text('@import "a.css";\n')
    if part:
        (source / "a.css").write_text(part)
    with pytest.raises(ImproperlyConfigured, match=re.escape(message)):
        collect(tmp_path / "to", source)
