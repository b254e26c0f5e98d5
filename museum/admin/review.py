"""The queue of texts that wait for a decision, as a grid of small forms."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.generic import View

from museum import review_queue
from museum.admin.thumbnails import thumbnail
from museum.models import Artwork, Description

SIZE = 24
MISSING = "missing"
TABS = {
    "generated": "Written by AI",
    "alt": "Uninformative alternative texts",
    MISSING: "No alternative text",
}


class ReviewView(View):
    """One page of a queue; each decision is a POST of its own."""

    model_admin: Any = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Only for those who may decide."""
        if not self.model_admin.has_review_permission(request):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show what waits."""
        queue = request.GET.get("queue", "")
        queue = queue if queue in TABS else "generated"
        address = reverse("admin:museum_description_review")
        context = {
            **self.model_admin.admin_site.each_context(request),
            "title": "Texts to review",
            "opts": Description._meta,
            "queue": queue,
            "tabs": [
                (f"{address}?queue={key}", label, key == queue) for key, label in TABS.items()
            ],
            "cards": list(_missing() if queue == MISSING else _waiting(queue)),
        }
        return TemplateResponse(request, "admin/museum/description/review.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Decide about one text, or write one; a script is answered in a sentence."""
        try:
            said, status = _decide(request), 200
        except review_queue.NotDecided as error:
            said, status = str(error), 409
        if request.headers.get("X-Requested-With") == "fetch":
            return HttpResponse(said, status=status, content_type="text/plain; charset=utf-8")
        messages.add_message(request, messages.SUCCESS if status == 200 else messages.ERROR, said)
        queue = request.POST.get("queue", "")
        return redirect(
            f"{reverse('admin:museum_description_review')}?queue={queue if queue in TABS else ''}"
        )


def _waiting(queue: str) -> Iterable[dict[str, Any]]:
    texts = review_queue.waiting(queue).order_by("source", "artwork").select_related("artwork")
    for text in texts.defer("search_document", "artwork__search_document")[:SIZE]:
        yield {
            "work": text.artwork,
            "picture": thumbnail(text.artwork, 400, 160),
            "text": text,
            "seen": review_queue.seen(text),
        }


def _missing() -> Iterable[dict[str, Any]]:
    works = Artwork.objects.visible().lacking_alt_text().order_by("artic_id")
    for work in works.defer("search_document")[:SIZE]:
        yield {"work": work, "picture": thumbnail(work, 400, 160), "text": None}


def _decide(request: HttpRequest) -> str:
    user: Any = request.user
    sent = request.POST
    words = sent.get("text", "")
    if sent.get("decision") == "write":
        number = sent.get("work", "")
        work = get_object_or_404(Artwork, pk=int(number) if number.isdecimal() else 0)
        review_queue.write(work, Description.Source.CURATOR_ALT_TEXT, user, words)
        return f"Written: {work.title}"
    number = sent.get("id", "")
    pk, was = int(number) if number.isdecimal() else 0, sent.get("seen", "")
    if sent.get("decision") == "approve":
        return f"Approved: {review_queue.approve(pk, was, user).artwork.title}"
    if sent.get("decision") == "reject":
        return f"Rejected: {review_queue.reject(pk, was, user).artwork.title}"
    if sent.get("decision") == "edit":
        return f"Rewritten: {review_queue.rewrite(pk, was, user, words).artwork.title}"
    raise review_queue.NotDecided("Choose Approve, Reject or Edit.")
