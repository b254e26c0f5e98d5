import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User

from museum.models import Artist, Artwork
from testing.page_factories import work

pytestmark = pytest.mark.django_db
LIST = "/admin/museum/artwork/"


@pytest.fixture
def curator(client):
    client.force_login(User.objects.create_superuser("curator"))
    return client


def form(response, **changes) -> dict:
    """What a browser would send back from the change page, with `changes`."""
    data = {"_as_seen": response.context["as_seen"]}
    forms = [response.context["adminform"].form]
    for inline in response.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for each in forms:
        for bound in each:
            value = bound.value()
            data[bound.html_name] = "" if value is None else value
    data = {name: value for name, value in data.items() if value is not False}
    return {**data, **changes}


@pytest.mark.parametrize(
    ("model", "shown"), [("artist", "Ada Field"), ("artwork", "Dunes"), ("description", "Sand.")]
)
def test_each_model_has_its_list(curator, model, shown):
    work("Dunes", size=(300, 200), artist="Ada Field", text="Sand.")
    assert shown in curator.get(f"/admin/museum/{model}/").content.decode()


@pytest.mark.parametrize("wanted", ["Dune", "77", "1999.5", "Field"])
def test_a_work_is_found_by_title_id_accession_number_or_artist(curator, wanted):
    work("Dunes", artic_id=77, accession_number="1999.5", artist="Ada Field")
    work("Other")
    html = curator.get(LIST, {"q": wanted}).content.decode()
    assert "Dunes" in html
    assert "Other" not in html


def test_the_list_costs_the_same_however_many_works(curator, django_assert_max_num_queries):
    for number in range(30):
        work(f"Work {number}", size=(300, 200), artist=f"Artist {number}")
    with django_assert_max_num_queries(9):
        assert curator.get(LIST).status_code == 200


def test_the_list_shows_pictures(curator):
    work("Dunes", size=(300, 200))
    assert "/full/200,/0/default.jpg" in curator.get(LIST).content.decode()


def test_hiding_a_work_changes_nothing_else(curator):
    made = work(
        "Dunes",
        size=(300, 200),
        subject_titles=["Chicago, Illinois", "sand"],
        text="Sand.",
        palette=[{"hex": "#c0ffee", "lab": [95.0, -15.0, 1.0], "weight": 1.0}],
    )
    before = Artwork.objects.filter(pk=made.pk).values().get()
    address = f"{LIST}{made.pk}/change/"
    response = curator.post(address, form(curator.get(address), is_hidden="on"))
    assert response.status_code == 302, response.context["errors"]
    after = Artwork.objects.filter(pk=made.pk).values().get()
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"is_hidden", "updated_at"}
    assert LogEntry.objects.get().get_change_message() == "Changed Is hidden."


def test_works_come_from_sources_not_from_forms(curator):
    assert curator.get(f"{LIST}add/").status_code == 403


def test_an_artist_can_be_renamed(curator):
    artist = Artist.objects.create(name="Ada")
    address = f"/admin/museum/artist/{artist.pk}/change/"
    curator.post(address, form(curator.get(address), name="Ada Field"))
    assert Artist.objects.get().name == "Ada Field"


def test_visitors_see_no_admin(client):
    assert client.get(LIST).status_code == 302
