"""What curators do with works, texts and themes, who may, and what is kept of it."""

from itertools import chain

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from museum import permissions
from museum.admin.tests.test_admin import form
from museum.models import Artwork, Description, Theme
from testing.factories import work

pytestmark = pytest.mark.django_db
WORKS, TEXTS, THEMES = (f"/admin/museum/{name}/" for name in ("artwork", "description", "theme"))
REVIEW = f"{TEXTS}review/"


def member(group: str, name: str = "") -> Client:
    """A browser in which somebody of that group is signed in."""
    user = User.objects.create_user(name or f"a {group}", is_staff=True)
    if group:
        user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    return client


def act(client, address, action, *rows, **more):
    data = {"action": action, "_selected_action": [row.pk for row in rows], **more}
    return client.post(address, data, follow=True)


def save(client, address, **changes):
    return client.post(address, form(client.get(address), **changes))


# --- Who may do what ------------------------------------------------------------------------------
def attempts(one: Artwork) -> dict:
    """Each thing to do, as a POST that a browser could send, and whether it was done."""
    text = one.descriptions.get()
    theme = Theme.objects.create(title="Sea", slug="sea")
    seen = {"_as_seen": ""}

    def fresh(model, row):
        return model.objects.get(pk=row.pk)

    return {
        "curator": [
            (
                WORKS,
                {"action": "hide", "_selected_action": one.pk},
                lambda: fresh(Artwork, one).is_hidden,
            ),
            (
                WORKS,
                {"action": "set_boost", "_selected_action": one.pk, "boost": "0.5"},
                lambda: fresh(Artwork, one).boost == 0.5,
            ),
            (
                REVIEW,
                {"decision": "write", "work": one.pk, "text": "A boat."},
                lambda: one.descriptions.filter(source="curator_alt_text").exists(),
            ),
            (
                TEXTS,
                {"action": "reject", "_selected_action": text.pk},
                lambda: not fresh(Description, text).is_approved,
            ),
            (f"{THEMES}add/", NEW_THEME, lambda: Theme.objects.filter(slug="new").exists()),
        ],
        "editor": [
            (
                f"{THEMES}{theme.pk}/delete/",
                {"post": "yes"},
                lambda: not Theme.objects.filter(pk=theme.pk).exists(),
            ),
            (
                TEXTS,
                {"action": "delete_selected", "_selected_action": text.pk, "post": "yes"},
                lambda: not Description.objects.filter(pk=text.pk).exists(),
            ),
        ],
        "admin": [
            (
                "/admin/auth/user/add/",
                {"username": "new", "usable_password": "false"},
                lambda: User.objects.filter(username="new").exists(),
            ),
        ],
        "nobody": [
            (
                WORKS,
                {"action": "delete_selected", "_selected_action": one.pk, "post": "yes"},
                lambda: not Artwork.objects.filter(pk=one.pk).exists(),
            ),
            (
                f"{WORKS}{one.pk}/change/",
                {**seen, "title": "x"},
                lambda: fresh(Artwork, one).title == "x",
            ),
        ],
    }


NEW_THEME = {
    "title": "New", "slug": "new", "places-TOTAL_FORMS": "0", "places-INITIAL_FORMS": "0",
    "published_from_0": "2026-01-01", "published_from_1": "00:00",
}  # fmt: skip


@pytest.mark.parametrize("group", ["", *permissions.GROUPS])
def test_each_group_does_what_it_may_and_nothing_else_even_by_direct_posts(group):
    client = member(group)
    allowed = {"": 0, "viewer": 0, "curator": 1, "editor": 2, "admin": 3}[group]
    tried = attempts(work("Boat", text="A boat."))
    for level, todo in zip((1, 2, 3, 4), tried.values(), strict=True):
        for address, data, is_done in todo:
            client.post(address, data)
            assert is_done() == (allowed >= level), (group, address, data)
    if allowed:  # only editors publish
        published = Theme.objects.get(slug="new").published_from
        assert (published is not None) == (allowed >= 2)


def test_everyone_else_is_asked_to_sign_in(client):
    tried = attempts(work("Boat", text="A boat."))
    for address, data, is_done in chain(*tried.values()):
        assert client.post(address, data).url.startswith("/admin/login/")
        assert not is_done()


def test_a_viewer_sees_every_list_and_no_way_to_change_it():
    client = member("viewer")
    one = work("Boat", text="A boat.")
    for address in (WORKS, TEXTS, THEMES, f"{WORKS}{one.pk}/change/", f"{WORKS}{one.pk}/history/"):
        page = client.get(address)
        assert page.status_code == 200
        assert "_save" not in page.content.decode()
        assert "Write a text" not in page.content.decode()
    assert client.get(REVIEW).status_code == 403
    assert client.get("/admin/admin/logentry/").status_code == 403


def test_a_forged_request_decides_nothing():
    text = waiting()
    client = member("curator")
    seen = client.get(REVIEW).context["cards"][0]["seen"]
    forger = Client(enforce_csrf_checks=True)
    forger.cookies = client.cookies
    sent = {"id": text.pk, "seen": seen, "decision": "approve"}
    assert forger.post(REVIEW, sent).status_code == 403
    assert not Description.objects.get().is_approved


# --- Two at once ----------------------------------------------------------------------------------
def test_the_second_of_two_who_save_is_told_and_loses_nothing():
    one = work("Boat", date_display="1901")
    address = f"{WORKS}{one.pk}/change/"
    ada, bea = member("curator", "ada"), member("curator", "bea")
    opened = bea.get(address)
    save(ada, address, title="Ship", place_of_origin="Leith")
    mine = form(opened, title="Barque", date_display="1902")
    refused = bea.post(address, mine)
    assert refused.status_code == 409
    conflict = refused.context["conflict"]
    assert conflict.by == "ada"
    said = {each.label: (each.before, each.now) for each in conflict.differences}
    assert said["Title"] == ("Boat", "Ship")
    assert said["Place of origin"] == ("empty", "Leith")
    one.refresh_from_db()
    assert (one.title, one.date_display) == ("Ship", "1901")
    # What bea typed is still there, and what she had left alone is what it is now.
    again = form(refused)
    assert (again["title"], again["date_display"]) == ("Barque", "1902")
    assert again["place_of_origin"] == "Leith"
    assert bea.post(address, again).status_code == 302
    one.refresh_from_db()
    assert (one.title, one.place_of_origin, one.date_display) == ("Barque", "Leith", "1902")


def test_a_form_without_what_was_seen_saves_nothing():
    one = work("Boat")
    address = f"{WORKS}{one.pk}/change/"
    client = member("curator")
    for forged in ("", "x", "eyJ9:1"):
        data = form(client.get(address), title="Ship", _as_seen=forged)
        assert client.post(address, data).status_code == 409
    assert Artwork.objects.get().title == "Boat"


def test_a_mistake_in_a_form_does_not_hide_a_conflict():
    one = work("Boat")
    address = f"{WORKS}{one.pk}/change/"
    ada, bea = member("curator", "ada"), member("curator", "bea")
    wrong = bea.post(address, form(bea.get(address), boost="7"))
    assert wrong.status_code == 200
    save(ada, address, title="Ship")
    assert bea.post(address, form(wrong, boost="0.7")).status_code == 409


def test_themes_differ_when_their_works_do():
    theme = Theme.objects.create(title="Sea", slug="sea", published_from=timezone.now())
    address = f"{THEMES}{theme.pk}/change/"
    ada, bea = member("editor", "ada"), member("editor", "bea")
    opened = bea.get(address)
    published = {
        "published_from_0": theme.published_from.strftime("%Y-%m-%d"),
        "published_from_1": theme.published_from.strftime("%H:%M:%S"),
    }
    number = work("Boat").artic_id
    assert save(ada, address, add_works=str(number), **published).status_code == 302
    refused = bea.post(address, form(opened, title="Seas", **published))
    assert refused.status_code == 409
    assert str(number) in refused.content.decode()
    assert Theme.objects.get().title == "Sea"


# --- History --------------------------------------------------------------------------------------
def test_history_says_who_changed_what_and_how_it_was_found():
    one = work("Boat")
    client = member("curator", "ada")
    save(client, f"{WORKS}{one.pk}/change/", title="Ship")
    Artwork.objects.filter(pk=one.pk).update(medium_display="Oil")  # as a load writes
    act(client, WORKS, "hide", one)
    versions = [
        (v.history_user and v.history_user.username, v.title, v.medium_display, v.is_hidden)
        for v in one.history.order_by("history_id")
    ]
    assert versions == [
        (None, "Boat", None, False),
        ("ada", "Ship", None, False),
        (None, "Ship", "Oil", False),
        ("ada", "Ship", "Oil", True),
    ]
    page = client.get(f"{WORKS}{one.pk}/history/").content.decode()
    assert "<del>Boat</del>" in page
    assert "<ins>Ship</ins>" in page


def test_nothing_is_kept_of_what_nobody_signed_in_does():
    one = work("Boat", text="A boat.")
    one.title = "Ship"
    one.save()
    assert not one.history.exists()


def test_bulk_actions_are_in_history_and_in_the_trail(django_assert_max_num_queries):
    works = [work(f"Boat {n}") for n in range(30)]
    client = member("curator", "ada")
    with django_assert_max_num_queries(25):
        client.post(WORKS, {"action": "hide", "_selected_action": [each.pk for each in works]})
    assert Artwork.objects.filter(is_hidden=True).count() == 30
    assert all(each.history.count() == 2 for each in works)
    entries = LogEntry.objects.filter(change_message="Hidden.", user__username="ada")
    assert entries.count() == 30
    trail = member("admin", "eve").get("/admin/admin/logentry/").content.decode()
    assert "Hidden." in trail


def test_a_boost_needs_a_number_in_bounds():
    one = work("Boat")
    client = member("curator")
    for wrong in ("", "3", "nan", "much"):
        page = act(client, WORKS, "set_boost", one, boost=wrong)
        assert "Enter a value from -1 (lower) to 1 (higher)" in page.content.decode(), wrong
    assert Artwork.objects.get().boost == 0


def test_old_versions_have_no_forms():
    one = work("Boat")
    save(member("curator"), f"{WORKS}{one.pk}/change/", title="Ship")
    version = one.history.earliest()
    address = f"{WORKS}{one.pk}/history/{version.pk}/"
    for group in ("viewer", "editor"):
        assert member(group).post(address, {"title": "Wreck"}).status_code == 404
    assert Artwork.objects.get().title == "Ship"


# --- Texts ----------------------------------------------------------------------------------------
def waiting(source="generated", text="A boat in fog.", **fields) -> Description:
    fields = {
        "is_approved": source != "generated",
        "is_boilerplate": source == "alt_text",
        **fields,
    }
    return Description.objects.create(
        artwork=work("Boat", size=(30, 20)), source=source, text=text, **fields
    )


def decide(client, text, decision, words=""):
    card = next(c for c in client.get(REVIEW, {"queue": QUEUE[text.source]}).context["cards"])
    data = {"id": text.pk, "seen": card["seen"], "decision": decision, "text": words}
    return client.post(REVIEW, data, follow=True)


QUEUE = {"generated": "generated", "alt_text": "alt"}


@pytest.mark.parametrize("source", QUEUE)
def test_approved_and_rejected_texts_leave_the_queue(source):
    client = member("curator")
    decide(client, waiting(source), "approve")
    kept = Description.objects.get(source=source)
    assert (kept.is_approved, kept.is_boilerplate) == (True, False)
    kept.artwork.delete()
    decide(client, waiting(source), "reject")
    assert not Description.objects.get(source=source).is_approved
    assert client.get(REVIEW, {"queue": QUEUE[source]}).context["cards"] == []
    assert LogEntry.objects.filter(change_message="Rejected.").exists()


@pytest.mark.parametrize(
    ("source", "own"), [("generated", "curator"), ("alt_text", "curator_alt_text")]
)
def test_a_text_written_anew_is_the_curators_own(source, own):
    client = member("curator", "ada")
    text = waiting(source)
    decide(
        client,
        text,
        "edit",
        'A <b>boat</b><script>x</script> off <a href="javascript:1">Leith</a>.',
    )
    made = text.artwork.descriptions.get(source=own)
    assert made.text == "A boat off Leith."
    assert made.html == 'A <b>boat</b> off <a rel="noopener nofollow">Leith</a>.'
    assert made.history.get().history_user.username == "ada"
    text.refresh_from_db()
    assert (text.is_approved, text.text) == (False, "A boat in fog.")


def test_a_decision_is_taken_once():
    client = member("curator")
    text = waiting()
    seen = client.get(REVIEW).context["cards"][0]["seen"]
    data = {"id": text.pk, "seen": seen, "decision": "approve"}
    Description.objects.update(text="Another text.")  # as a model or a load writes
    fetched = {"HTTP_X_REQUESTED_WITH": "fetch"}
    refused = client.post(REVIEW, data, **fetched)
    assert refused.status_code == 409
    assert "it has changed" in refused.content.decode()
    Description.objects.update(text="A boat in fog.")
    assert client.post(REVIEW, data, **fetched).content == b"Approved: Boat"
    assert client.post(REVIEW, {**data, "decision": "reject"}, **fetched).status_code == 409
    assert Description.objects.get().is_approved


def test_works_without_an_alternative_text_are_flagged_and_given_one():
    client = member("curator")
    one = waiting("alt_text").artwork
    work("Described", size=(30, 20), alt_text="A quay.")
    assert [card["work"] for card in client.get(REVIEW, {"queue": "missing"}).context["cards"]] == [
        one
    ]
    assert client.get(WORKS, {"alt": "missing"}).context["cl"].result_count == 1
    sent = {"decision": "write", "work": one.pk, "text": "A boat in fog.", "queue": "missing"}
    client.post(REVIEW, sent)
    assert client.get(REVIEW, {"queue": "missing"}).context["cards"] == []
    assert 'alt="A boat in fog."' in client.get(one.get_absolute_url()).content.decode()
    again = client.post(REVIEW, sent, follow=True).content.decode()
    assert "has a curator&#x27;s text already" in again


def test_a_sources_text_cannot_be_rewritten_and_a_curators_can():
    client = member("curator")
    one = work("Boat", text="A boat.")
    theirs = one.descriptions.get()
    address = f"{TEXTS}{theirs.pk}/change/"
    assert "text" not in client.get(address).context["adminform"].form.fields
    add = f"{TEXTS}add/?artwork={one.pk}&source=curator"
    new = {
        "artwork": one.pk,
        "source": "curator",
        "language": "en",
        "text": "<p>Mine.</p>",
        "is_approved": "on",
    }
    assert client.post(add, new).status_code == 302
    mine = one.descriptions.get(source="curator")
    assert (mine.text, mine.html) == ("Mine.", "<p>Mine.</p>")
    save(client, f"{TEXTS}{mine.pk}/change/", text="Mine again.")
    mine.refresh_from_db()
    assert (mine.text, mine.html) == ("Mine again.", "")
    page = client.get(f"{WORKS}{one.pk}/change/").content.decode()
    assert "Museum description" in page
    assert "Written by a curator" in page


# --- Themes ---------------------------------------------------------------------------------------
def test_a_theme_is_made_of_works_found_in_their_order():
    client = member("curator")
    works = [work(f"Boat {n}") for n in range(4)]
    chosen = [works[2], works[0], works[3]]
    opened = act(client, WORKS, "make_theme", *chosen)
    given = opened.context["adminform"].form["add_works"].value()
    assert given == ",".join(str(each.artic_id) for each in chosen)
    client.post(f"{THEMES}add/", {**NEW_THEME, "add_works": given})
    assert list(Theme.objects.get().visible_works()) == chosen


def test_the_address_of_saved_works_gives_a_theme_its_works():
    client = member("curator")
    works = [work(f"Boat {n}") for n in range(2)]
    numbers = "%2C".join(str(each.artic_id) for each in works)
    client.post(
        f"{THEMES}add/", {**NEW_THEME, "add_works": f"http://127.0.0.1:8000/saved?works={numbers}"}
    )
    assert list(Theme.objects.get().visible_works()) == works
    refused = client.post(f"{THEMES}add/", {**NEW_THEME, "slug": "b", "add_works": "999999"})
    assert "There is no work 999999" in refused.content.decode()
