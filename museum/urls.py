"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path, re_path

from museum import iiif, views

urlpatterns = [
    path("", views.home, name="home"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("robots.txt", views.robots, name="robots"),
    path("admin/", admin.site.urls),
    re_path(r"^iiif/2/(?P<sha256>[0-9a-f]{64})/(?P<parameters>.+)$", iiif.image, name="iiif"),
    path("", include("search.urls")),
]
