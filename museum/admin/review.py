"""The review queue: a grid with a small form for each text that waits for a decision."""

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

PAGE_SIZE = 24
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
        """Refuse users who may not review texts."""
        if not self.model_admin.has_review_permission(request):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the first texts of the queue."""
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
            "cards": list(_missing() if queue == MISSING else _pending(queue)),
        }
        return TemplateResponse(request, "admin/museum/description/review.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Decide about one text, or write one; answer a script with one sentence."""
        try:
            message, status = _decide(request), 200
        except review_queue.ReviewError as error:
            message, status = str(error), 409
        if request.headers.get("X-Requested-With") == "fetch":
            return HttpResponse(message, status=status, content_type="text/plain; charset=utf-8")
        level = messages.SUCCESS if status == 200 else messages.ERROR
        messages.add_message(request, level, message)
        queue = request.POST.get("queue", "")
        return redirect(
            f"{reverse('admin:museum_description_review')}?queue={queue if queue in TABS else ''}"
        )


def _pending(queue: str) -> Iterable[dict[str, Any]]:
    texts = review_queue.pending(queue).order_by("source", "artwork").select_related("artwork")
    for text in texts.defer("search_document", "artwork__search_document")[:PAGE_SIZE]:
        yield {
            "work": text.artwork,
            "picture": thumbnail(text.artwork, 400, 160),
            "text": text,
            "seen": review_queue.text_digest(text),
        }


def _missing() -> Iterable[dict[str, Any]]:
    works = Artwork.objects.visible().lacking_alt_text().order_by("artic_id")
    for work in works.defer("search_document")[:PAGE_SIZE]:
        yield {"work": work, "picture": thumbnail(work, 400, 160), "text": None}


def _decide(request: HttpRequest) -> str:
    user: Any = request.user
    form = request.POST
    words = form.get("text", "")
    if form.get("decision") == "write":
        number = form.get("work", "")
        work = get_object_or_404(Artwork, pk=int(number) if number.isdecimal() else 0)
        review_queue.write(work, Description.Source.CURATOR_ALT_TEXT, user, words)
        return f"Written: {work.title}"
    number = form.get("id", "")
    pk, digest = int(number) if number.isdecimal() else 0, form.get("seen", "")
    if form.get("decision") == "approve":
        return f"Approved: {review_queue.approve(pk, digest, user).artwork.title}"
    if form.get("decision") == "reject":
        return f"Rejected: {review_queue.reject(pk, digest, user).artwork.title}"
    if form.get("decision") == "edit":
        return f"Rewritten: {review_queue.rewrite(pk, digest, user, words).artwork.title}"
    raise review_queue.ReviewError("Choose Approve, Reject or Edit.")
