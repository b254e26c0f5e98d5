"""Themes of the sample museum."""

import pytest

from ingest.sample.themes import publish_themes
from museum.models import Theme
from testing.factories import work

pytestmark = pytest.mark.django_db


def test_themes_are_made_of_works_that_show_their_subjects():
    grey, red = (
        work(title, size=(30, 20), subject_titles=["sailboat"], palette=[{"lab": lab}])
        for title, lab in (("Grey sails", [50, 1, 2]), ("Red sails", [50, 70, 40]))
    )
    work("Sails without a picture", subject_titles=["sailboat"])
    work("Real sails", size=(30, 20), subject_titles=["sailboat"], is_generated=False)
    work("Kettle", size=(30, 20), subject_titles=["kettle"])
    assert publish_themes() == 1
    theme = Theme.objects.published().get()
    assert theme.slug == "under-sail"
    assert list(theme.visible_works()) == [red, grey]


def test_a_museum_that_has_themes_keeps_its_own():
    work("Sails", size=(30, 20), subject_titles=["sailboat"])
    Theme.objects.create(title="A draft", slug="draft")
    assert publish_themes() == 0
    assert Theme.objects.count() == 1
