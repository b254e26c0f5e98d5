"""Migrations are applied while the site runs."""

from itertools import pairwise

import pytest
from django.conf import settings

from operations import migration_lint

pytestmark = pytest.mark.django_db

MIGRATIONS = {
    "0001_initial": 'Migration = import_module("operations.migrations.0001_initial").Migration',
    "0002_gone": 'RemoveField("recallprobe", "queries")',
    "0003_demanding": 'AddField("recallprobe", "note", models.TextField())',
    "0004_locking": 'AddIndex("recallprobe", models.Index(fields=["recall"], name="a_lock"))',
    "0005_optional": 'AddField("recallprobe", "hint", models.TextField(null=True))',
}


@pytest.mark.django_db(transaction=True)  # indexes are made concurrently outside of one
def test_our_own_are_safe():
    assert migration_lint.dangerous(str(settings.BASE_DIR), is_quiet=True) == []


def test_what_would_stop_a_running_site_is_named(tmp_path, monkeypatch):
    folder = tmp_path / "these_migrations"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    names = list(MIGRATIONS)
    head = "from importlib import import_module\nfrom django.db import migrations, models\n"
    (folder / f"{names[0]}.py").write_text(head + MIGRATIONS[names[0]])
    for before, name in pairwise(names):
        body = (
            "class Migration(migrations.Migration):\n"
            f"    dependencies = [('operations', '{before}')]\n"
            f"    operations = [migrations.{MIGRATIONS[name]}]\n"
        )
        (folder / f"{name}.py").write_text(head + body)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(settings, "MIGRATION_MODULES", {"operations": folder.name})
    found = migration_lint.dangerous(str(tmp_path), ("operations",), is_quiet=True)
    assert found == [f"operations.{name}" for name in names[1:4]]
