"""Files, names and commands that prose mentions exist.

Prose is README, CONTRIBUTING, docs/, and the comments and docstrings of the code. Fenced code,
tables that a command prints and URLs are left out, and so is CHANGELOG.md, whose history may name
what is gone.
"""

import ast
import io
import re
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

from testing import repository

ROOT = Path(settings.BASE_DIR)
OURS = ("museum", "search", "ingest", "training", "operations", "testing")
FOLDERS = (*OURS, "deploy", "docs", "locale", "static", "templates", r"\.ci", r"\.github")

URL = re.compile(r"[a-z]+://\S+")
FENCED = re.compile(r"^ *```.*?^ *```", re.DOTALL | re.MULTILINE)
PRINTED = re.compile(r"<!-- printed by the command -->\n\n(?:\|.*\n?)+")
PATH = re.compile(rf"(?<![\w/.-])(?:{'|'.join(FOLDERS)})/(?:[\w./*-]*[\w*])?")
FILE = re.compile(r"(?<![\w/.*{}<>-])(?:[\w.-]+/)*\w[\w-]*\.(?:py|sql|css|js|po|md)\b(?!\()")
DOTTED = re.compile(rf"(?<![\w/.@-])(?:{'|'.join(OURS)})(?:\.\w+)+")
QUOTED = re.compile(r"`([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)(?:\([^`]*\))?`")
DATA_FILE = re.compile(r"\.(?:json|jsonl|html|txt|toml|conf|csv|example|safetensors)$")

# Names of other projects, and a folder that npm fills.
FOREIGN = {
    "Alpine.js",
    "BertTokenizer",
    "NotAcceptable",
    "config.iiif_url",
    "create_reference_table",
    "imagehash",
    "psycopg.sql",
    "security.W021",
    "torchrun",
}
MADE = ("static/vendor/",)

COMMENTS = {
    ".css": re.compile(r"/\*(.*?)\*/", re.DOTALL),
    ".example": re.compile(r"#(.*)"),
    ".html": re.compile(r"\{#(.*?)#\}"),
    ".js": re.compile(r"(?<!:)//(.*)"),
    ".sh": re.compile(r"#(.*)"),
    ".sql": re.compile(r"--(.*)"),
    ".toml": re.compile(r"#(.*)"),
    ".yml": re.compile(r"#(.*)"),
}
BINARY = {".jpg", ".mo", ".png", ".safetensors"}


@cache
def tracked() -> tuple[str, ...]:
    """Paths from the root that git knows or would add."""
    names = repository.files(ROOT)
    if names is None:
        pytest.skip("no git repository here, so no list of the project's files")
    return names


@cache
def tree(name: str) -> ast.Module:
    return ast.parse((ROOT / name).read_text())


@cache
def modules() -> dict[str, str]:
    """Dotted name of each module and package -> its path."""
    return {
        name.removesuffix(".py").removesuffix("/__init__").replace("/", "."): name
        for name in tracked()
        if name.endswith(".py")
    }


@cache
def names_in(module: str) -> set[str]:
    """What `module` defines or imports, submodules included, and attributes of its classes."""
    code = tree(modules()[module])
    names = {each.removeprefix(f"{module}.") for each in modules() if each.startswith(module + ".")}
    for node in ast.walk(code):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                names.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                names.add(name)
            case ast.ClassDef(name=name):
                names.add(name)
            case ast.alias(name=name, asname=alias):
                names.add((alias or name).split(".")[0])
    return names


@cache
def classes() -> dict[str, set[str]]:
    """Name of each class -> what the modules that define one of that name define."""
    found: dict[str, set[str]] = defaultdict(set)
    for module, path in modules().items():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ClassDef):
                found[node.name] |= names_in(module)
    return found


@cache
def words_of_code() -> set[str]:
    """Every word in the code, comments and docstrings of Python left out, and in file names."""
    words: set[str] = set()
    for name in tracked():
        words.update(re.findall(r"\w+", name))
        if name.endswith(".py"):
            source = (ROOT / name).read_text()
            docstrings = {node.body[0].lineno for node in documented(tree(name))}
            for token in tokenize.generate_tokens(io.StringIO(source).readline):
                is_docstring = token.type == tokenize.STRING and token.start[0] in docstrings
                if token.type != tokenize.COMMENT and not is_docstring:
                    words.update(re.findall(r"\w+", token.string))
        elif Path(name).suffix not in BINARY | {".md"}:
            words.update(re.findall(r"\w+", (ROOT / name).read_text()))
    return words


def documented(code: ast.Module) -> Iterator[ast.Module | ast.ClassDef | ast.FunctionDef]:
    """Parts of `code` that have a docstring."""
    for node in ast.walk(code):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(
            node
        ):
            yield node


def prose(name: str) -> str:
    """Return what `name` says to its readers."""
    path = ROOT / name
    text = path.read_text()
    if path.suffix == ".md":
        text = PRINTED.sub("", FENCED.sub("", text))
    elif path.suffix == ".py":
        parts = [ast.get_docstring(node) or "" for node in documented(tree(name))]
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        parts += [each.string.lstrip("# ") for each in tokens if each.type == tokenize.COMMENT]
        text = "\n".join(parts)
    else:
        text = "\n".join(COMMENTS[path.suffix].findall(text))
    return URL.sub("", text)


def documents() -> list[str]:
    """Files with prose."""
    suffixes = {".md", ".py", *COMMENTS}
    return [n for n in tracked() if Path(n).suffix in suffixes and n != "CHANGELOG.md"]


def is_there(path: str, document: str) -> bool:
    """Whether `path` exists from the root, or from the folder of `document`."""
    if path.startswith(MADE):
        return True
    return any(any(base.glob(path)) for base in (ROOT, (ROOT / document).parent))


def resolves(dotted: str) -> bool:
    """Whether a dotted name that begins with one of our packages is a module or a name in one."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        module = ".".join(parts[:length])
        if module in modules():
            return all(part in names_in(module) for part in parts[length : length + 1])
    return False


def is_known(quoted: str) -> bool:
    """Whether a name in backticks is ours, or one that our code uses."""
    first, _, rest = quoted.partition(".")
    attribute = rest.partition(".")[0]
    if not attribute:
        return first in words_of_code()
    if first in OURS:
        return resolves(quoted)
    if first in classes():
        return attribute in classes()[first]
    if ours := [module for module in modules() if module.rpartition(".")[2] == first]:
        return any(attribute in names_in(module) for module in ours) or is_local(first, attribute)
    return {first, attribute} <= words_of_code()


def is_local(first: str, attribute: str) -> bool:
    """Whether code somewhere reads `attribute` of a variable that has a module's name."""
    return any(
        isinstance(node, ast.Attribute)
        and node.attr == attribute
        and isinstance(node.value, ast.Name)
        and node.value.id == first
        for path in modules().values()
        for node in ast.walk(tree(path))
    )


def test_files_and_folders_exist():
    missing = []
    for document in documents():
        text = prose(document)
        for path in {*PATH.findall(text), *FILE.findall(text)} - FOREIGN:
            if not is_there(path, document):
                missing.append(f"{document}: {path}")
    assert sorted(missing) == []


def test_dotted_names_exist():
    missing = [
        f"{document}: {name}"
        for document in documents()
        for name in set(DOTTED.findall(prose(document))) - FOREIGN
        if not FILE.fullmatch(name) and not name.endswith(".example") and not resolves(name)
    ]
    assert sorted(missing) == []


def test_names_in_backticks_exist():
    missing = [
        f"{document}: {name}"
        for document in documents()
        if document.endswith((".md", ".py"))
        for name in set(QUOTED.findall(prose(document))) - FOREIGN
        if not FILE.fullmatch(name) and not DATA_FILE.search(name) and not is_known(name)
    ]
    assert sorted(missing) == []


def our_commands() -> set[str]:
    return {name for name, app in get_commands().items() if app in OURS}


def test_every_command_is_described():
    described = re.findall(r"`manage\.py (\w+)", (ROOT / "docs/commands.md").read_text())
    assert sorted(our_commands() - set(described)) == []


def test_commands_that_documents_name_exist():
    unknown = [
        f"{document}: {name}"
        for document in documents()
        if document.endswith(".md")
        for name in re.findall(r"manage\.py ([a-z]\w*)", (ROOT / document).read_text())
        if name not in get_commands()
    ]
    assert unknown == []


def test_targets_of_make_that_documents_name_exist():
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    unknown = [
        f"{document}: make {name}"
        for document in documents()
        for name in re.findall(r"`make ([\w-]+)", prose(document))
        if name not in targets
    ]
    assert unknown == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see `search/gone.py`, please", ["search/gone.py"]),
        ("ranked by gone.py", ["gone.py"]),
        ("in search/gone/ and templates/", ["search/gone", "templates/"]),
        ("at https://example.org/search/gone.py", []),
    ],
)
def test_paths_are_recognised(text, found):
    text = URL.sub("", text)
    assert sorted({*PATH.findall(text), *FILE.findall(text)}) == found


def test_names_are_told_from_names_that_are_gone():
    assert resolves("search.ranking.fusion.fuse")
    assert resolves("search.ranking.fusion")
    assert not resolves("search.ranking.fusion.gone")
    assert not resolves("search.gone")
    assert is_known("Artwork.title")
    assert not is_known("Artwork.gone_field")
    assert is_known("fusion.fuse")
    assert not is_known("fusion.gone_name")
