"""The admin as one site: who may enter, and what its first page offers to do."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django_otp import devices_for_user, user_has_device
from django_otp.forms import OTPAuthenticationFormMixin

from museum.core.http import rate_limits
from museum.permissions import OWN


@dataclass(frozen=True)
class Job:
    """Something that waits for a curator; `count` is how many there are, None where none count."""

    label: str
    url: str
    count: int | None = None


# What each app offers on the first page: None to whoever may not do it. Apps add theirs in `admin`.
JOBS: list[Callable[[HttpRequest], Job | None]] = []


class SignInForm(OTPAuthenticationFormMixin, AdminAuthenticationForm):
    """Name and password, and a code of whoever has a device for codes (of all, where required)."""

    otp_device = forms.CharField(required=False, label="Device", widget=forms.Select)
    otp_challenge = forms.CharField(required=False, widget=forms.HiddenInput)
    otp_token = forms.CharField(
        required=False,
        label="Code",
        help_text="From your authenticator app, if you have set one up.",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def clean(self) -> dict[str, Any]:
        """Ask for the code after the password was right."""
        cleaned: dict[str, Any] = super().clean()
        user = self.get_user()
        if user is not None and (settings.ADMIN_REQUIRE_2FA or user_has_device(user)):
            self.clean_otp(user)
        return cleaned

    def _chosen_device(self, user: Any) -> Any:
        """With one device there is nothing to choose; with more, the form asks."""
        devices = list(devices_for_user(user, for_verify=True))
        if not devices:
            raise forms.ValidationError(
                "You have no device for codes yet: ask an administrator to add one."
            )
        return devices[0] if len(devices) == 1 else super()._chosen_device(user)


class CurationSite(admin.AdminSite):
    """Django's admin in the site's own colours."""

    site_header = site_title = "Ekphrasis"
    index_title = "Curation"
    login_form = SignInForm

    def has_permission(self, request: HttpRequest) -> bool:
        """Staff, and where two factors are required, only with both."""
        verified = not settings.ADMIN_REQUIRE_2FA or request.user.is_verified()  # type: ignore[union-attr]
        return super().has_permission(request) and verified

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, Any]]:
        """Put what curators work with before accounts and devices."""
        found = super().get_app_list(request, app_label)
        return sorted(found, key=lambda app: app["app_label"] not in OWN)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Let nobody guess passwords for long."""
        refused = rate_limits.sign_in_refusal(request) if request.method == "POST" else None
        return refused or super().login(request, extra_context)

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Put what waits for this curator before the list of all tables."""
        jobs = [job for offer in JOBS if (job := offer(request))]
        return super().index(request, {"jobs": jobs, **(extra_context or {})})
