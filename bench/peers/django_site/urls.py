"""Routes of the site (Django's URL configuration)."""

from django.urls import path

from bench.peers.django_site.api import api

urlpatterns = [path("v1/", api.urls)]
