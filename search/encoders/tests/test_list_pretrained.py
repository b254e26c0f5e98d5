"""The list of open_clip's tags in docs/models.md is what the command prints."""

import io
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command


@pytest.mark.slow
def test_the_table_in_the_docs_is_what_the_command_prints():
    out = io.StringIO()
    call_command("list_pretrained", "--markdown", stdout=out)
    docs = Path(settings.BASE_DIR, "docs/models.md").read_text()
    assert docs.endswith(out.getvalue()), "manage.py list_pretrained --markdown prints it anew"
    assert "cannot be built" not in docs
