"""The admin site: who may sign in, and what its first page offers to do."""

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


@dataclass(frozen=True)
class Job:
    """Work that waits for a curator; `count` is how much, None where that is not counted."""

    label: str
    url: str
    count: int | None = None


# What the first page offers: each function returns None to users who may not do the job. Apps add
# theirs in `admin`.
JOBS: list[Callable[[HttpRequest], Job | None]] = []


class SignInForm(OTPAuthenticationFormMixin, AdminAuthenticationForm):
    """Name and password, and a code from users with a device (from everyone, if required)."""

    otp_device = forms.CharField(required=False, label="Device", widget=forms.Select)
    otp_challenge = forms.CharField(required=False, widget=forms.HiddenInput)
    otp_token = forms.CharField(
        required=False,
        label="Code",
        help_text="From your authenticator app, if you have set one up.",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def clean(self) -> dict[str, Any]:
        """Require the code once the password is right."""
        cleaned: dict[str, Any] = super().clean()
        user = self.get_user()
        if user is not None and (settings.ADMIN_REQUIRE_2FA or user_has_device(user)):
            self.clean_otp(user)
        return cleaned

    def _chosen_device(self, user: Any) -> Any:
        """Return the user's only device, or the one chosen in the form."""
        devices = list(devices_for_user(user, for_verify=True))
        if not devices:
            raise forms.ValidationError(
                "You have no device for codes yet: ask an administrator to add one."
            )
        return devices[0] if len(devices) == 1 else super()._chosen_device(user)


class CurationSite(admin.AdminSite):
    """Django's admin with two-factor sign-in, rate limits and a list of jobs."""

    site_header = site_title = "Ekphrasis"
    index_title = "Curation"
    login_form = SignInForm

    def has_permission(self, request: HttpRequest) -> bool:
        """Admit staff; where two factors are required, only with both."""
        verified = not settings.ADMIN_REQUIRE_2FA or request.user.is_verified()  # type: ignore[union-attr]
        return super().has_permission(request) and verified

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, Any]]:
        """List the project's own apps before accounts and devices."""
        app_list = super().get_app_list(request, app_label)
        return sorted(app_list, key=lambda app: app["app_label"] not in settings.PROJECT_APPS)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Limit attempts to sign in."""
        refusal = rate_limits.sign_in_refusal(request) if request.method == "POST" else None
        return refusal or super().login(request, extra_context)

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Show this user's jobs before the list of tables."""
        jobs = [job for offer in JOBS if (job := offer(request))]
        return super().index(request, {"jobs": jobs, **(extra_context or {})})
