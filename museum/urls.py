"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path, re_path

from museum import iiif

urlpatterns = [
    path("admin/", admin.site.urls),
    re_path(r"^iiif/2/(?P<sha256>[0-9a-f]{64})/(?P<parameters>.+)$", iiif.image, name="iiif"),
    path("", include("search.urls")),
]
