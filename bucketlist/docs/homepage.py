"""Homepage: what this is, how to start, and all routes. Where it stands is for the web app to say, whose door it is."""

from typing import cast

from flask import Response, current_app

from bucketlist import config
from bucketlist.docs.examples import list_problems
from bucketlist.docs.overview import read_overview
from bucketlist.docs.pages import page
from bucketlist.kit.http.openapi import ApiApp


def homepage() -> Response:
    """What this is, and how to start."""
    groups = read_overview(cast("ApiApp", current_app).document_json)
    address, registration = current_app.config["PUBLIC_URL"], config.current().registration
    return page("home.html", api=address, groups=groups, problems=list_problems(), registration=registration)
