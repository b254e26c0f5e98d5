"""Fixtures of the pages' tests."""

import pytest

from testing.factories import work


@pytest.fixture
def works(media_folder):
    sizes = [(640, 400), (400, 560), (500, 500), (843, 300), (300, 640), (600, 420), (420, 600)]
    return [
        work(
            f"Boat {number}",
            size=sizes[number % len(sizes)],
            artist="The Harbour Workshop",
            date_display="1901",
            medium_display="Oil on board",
            subject_titles=["boat", "sea"],
            alt_text="A boat on a grey sea.",
            text="A boat lies at anchor.",
        )
        for number in range(14)
    ]


def failed(request) -> list[str]:
    """Return complaints about a failed request; the page itself aborts some, as for suggestions."""
    return [] if request.failure == "net::ERR_ABORTED" else [f"failed: {request.url}"]


@pytest.fixture
def visit(browser, live_server, works):
    """Open a page as some kind of visitor; `complaints` has what the browser complains about."""
    contexts = []

    def open_page(path="/", width=1440, **options):
        context = browser.new_context(
            base_url=live_server.url, viewport={"width": width, "height": 900}, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("requestfailed", lambda request: page.complaints.extend(failed(request)))
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
