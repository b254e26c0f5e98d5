"""Templates stay readable."""

from django.conf import settings

LONGEST_LINE = 240  # a sentence in a translation tag needs a line of its own


def test_no_line_of_a_template_is_longer_than_a_sentence():
    long = [
        f"{path.name}:{number}"
        for path in settings.BASE_DIR.glob("templates/**/*.html")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > LONGEST_LINE
    ]
    assert long == []
