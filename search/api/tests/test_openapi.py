"""The OpenAPI document says what the forms read and the serializers write."""

import pytest

from search import tasks
from search.api.docs import description
from testing.factories import work


def operations():
    for path, methods in description()["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


OPERATIONS = {operation["operationId"]: operation for _, _, operation in operations()}


def component(name: str) -> dict:
    return description()["components"]["schemas"][name]


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=list(OPERATIONS))
class TestEachOperation:
    def test_it_and_its_parameters_are_described(self, operation):
        assert operation["summary"]
        assert operation["description"]
        for parameter in operation.get("parameters", []):
            assert parameter["description"], parameter["name"]

    def test_errors_are_problem_documents(self, operation):
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                assert set(response["content"]) == {"application/problem+json"}, status

    def test_headers_are_named(self, operation):
        headers = operation["responses"]["200"]["headers"]
        assert {"RateLimit", "RateLimit-Policy"} <= set(headers)
        assert ("ETag" in headers) is (operation["operationId"] != "searchByPost")
        assert "Retry-After" in operation["responses"]["429"]["headers"]


def test_weights_are_numbers_and_other_kinds_what_they_are():
    parameters = {each["name"]: each["schema"] for each in OPERATIONS["search"]["parameters"]}
    assert parameters["w_text"] == {"type": "number", "minimum": 0.01, "maximum": 100}
    assert parameters["limit"] == {"type": "integer", "minimum": 1, "maximum": 100}
    assert parameters["like"]["items"] == {"type": "integer", "minimum": 0}
    assert parameters["on_view"] == {"type": "boolean"}
    assert parameters["min_relevance"]["enum"] == ["strong", "related", "weak"]
    assert "image" not in parameters
    assert component("SearchRequest")["properties"]["image"]["format"] == "binary"


def test_what_may_be_left_out_is_not_required():
    assert component("Hit")["required"] == ["id"]
    assert component("ArtworkAnswer")["required"] == ["id", "licences", "model"]
    assert component("Collection")["required"] == ["slug"]
    assert "seconds" in component("SearchAnswer")["required"]


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        ("search", "/api/search?q=boat"),
        ("artwork", "/api/artworks/{id}"),
        ("similar", "/api/artworks/{id}/similar"),
        ("suggest", "/api/suggest?q=boa"),
        ("facets", "/api/facets"),
        ("models", "/api/models"),
        ("collections", "/api/collections"),
    ],
)
def test_an_answer_has_the_fields_of_its_component_in_its_order(client, tiny, operation, path):
    made = [work(f"Boat {n}", seed=n, text="A boat.", artist="A Workshop") for n in range(2)]
    tasks.embed_artworks([each.pk for each in made])
    body = client.get(path.format(id=made[0].artic_id)).json()
    content = OPERATIONS[operation]["responses"]["200"]["content"]["application/json"]
    name = content["schema"]["$ref"].rpartition("/")[2]
    assert list(body) == list(component(name)["properties"])
    if operation == "search":
        assert list(body["results"][0]) == list(component("Hit")["properties"])
