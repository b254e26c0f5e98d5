"""Who may enter the admin, with one factor and with two, and what it promises browsers."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management.sql import emit_post_migrate_signal
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from museum import permissions

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return User.objects.create_user("ada", password="a long one", is_staff=True)


def sign_in(client, **more):
    data = {"username": "ada", "password": "a long one", **more}
    return client.post("/admin/login/?next=/admin/", data)


def code(device) -> str:
    return f"{totp(device.bin_key):06}"


def test_a_password_is_enough_without_a_device(client, ada):
    assert sign_in(client).status_code == 302
    assert client.get("/admin/").status_code == 200


def test_whoever_has_a_device_needs_its_code(client, ada):
    device = TOTPDevice.objects.create(user=ada, name="phone")
    assert "enter your OTP token" in sign_in(client).content.decode()
    assert "Invalid token" in sign_in(client, otp_token="000000").content.decode()
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    assert sign_in(client, otp_token=code(device)).status_code == 302


def test_with_two_devices_the_form_asks_which(client, ada):
    device = TOTPDevice.objects.create(user=ada, name="phone")
    StaticDevice.objects.create(user=ada, name="paper")
    page = sign_in(client).content.decode()
    assert "phone" in page
    assert "paper" in page
    chosen = {"otp_device": device.persistent_id, "otp_token": code(device)}
    assert sign_in(client, **chosen).status_code == 302


def test_where_two_factors_are_required_a_password_is_not_enough(client, ada, settings):
    settings.ADMIN_REQUIRE_2FA = True
    assert "You have no device" in sign_in(client).content.decode()
    client.force_login(ada)  # a session from before the setting
    assert client.get("/admin/").status_code == 302
    device = TOTPDevice.objects.create(user=ada, name="phone")
    assert sign_in(client, otp_token=code(device)).status_code == 302
    assert client.get("/admin/").status_code == 200


def test_every_right_that_is_named_exists():
    there = {
        f"{app}.{codename}"
        for app, codename in Permission.objects.values_list("content_type__app_label", "codename")
    }
    assert there >= permissions.permissions_of("editor")


def create_groups():
    """What `manage.py migrate` does at its end."""
    emit_post_migrate_signal(verbosity=0, interactive=False, db="default")


def test_migrating_makes_the_groups_and_keeps_what_was_given_by_hand():
    extra = Permission.objects.get(codename="view_session")
    Group.objects.get(name="viewer").permissions.add(extra)
    Group.objects.get(name="editor").delete()
    create_groups()
    sizes = {group.name: group.permissions.count() for group in Group.objects.all()}
    assert sizes["viewer"] < sizes["curator"] < sizes["editor"] < sizes["admin"]
    assert extra in Group.objects.get(name="viewer").permissions.all()


def test_pages_of_the_admin_hold_no_inline_script_or_style(admin_client):
    for path in [
        "/admin/",
        "/admin/museum/artwork/",
        "/admin/auth/user/",
        "/admin/auth/group/add/",
    ]:
        page = admin_client.get(path).content.decode()
        assert "<style" not in page
        assert "<script>" not in page
        assert ' style="' not in page
        assert "css/admin.css" in page
