"""HTTP routes of the web app: its pages and its forms, each once."""

DOORS = [  # of the web app, for all
    *(("GET", "/sign-in"), ("POST", "/sign-in"), ("GET", "/forgot"), ("POST", "/forgot"), ("POST", "/share")),
]
WEB_READS = [  # its pages for whoever is signed in, each once
    *(
        "/echo",
        "/entries/<entry_id>",
        "/entries/<entry_id>/edit",
        "/items/<item_id>",
        "/items/<item_id>/edit",
        "/items/<item_id>/entries/new",
        "/items/new",
        "/journal",
        "/journal/<year>",
        "/lists/<list_id>",
    ),
    *("/lists/<list_id>/edit", "/lists/new", "/search", "/settings", "/tags/<path:tag>"),
    *("/lists/<list_id>/order", "/lists/<list_id>/paste", "/lists/<list_id>/select", "/lists/order"),
    "/welcome",
]
WEB_READS += [
    "/items/<item_id>/history",
    "/photos/<photo_id>",
    "/photos/<photo_id>/<copy>",
]
WEB_READS += ["/trash", "/trash/<trash_id>/delete", "/trash/empty"]
WEB_FORMS = [  # and the forms on them
    *("/entries/<entry_id>/date", "/entries/<entry_id>/photos", "/items/<item_id>/photos"),
    *("/trash/<trash_id>/delete", "/trash/<trash_id>/restore", "/trash/empty"),
    *("/photos/<photo_id>/delete", "/photos/<photo_id>/edit", "/photos/<photo_id>/move"),
    *("/entries/<entry_id>/delete", "/entries/<entry_id>/edit", "/items/<item_id>/entries"),
    *("/items/<item_id>/less", "/items/<item_id>/more"),
    *("/items", "/items/<item_id>/delete", "/items/<item_id>/done", "/items/<item_id>/drop", "/items/<item_id>/edit"),
    *("/items/<item_id>/move", "/items/<item_id>/reopen", "/items/<item_id>/start", "/items/<item_id>/steps"),
    *("/items/new", "/lists/<list_id>/delete", "/lists/<list_id>/edit", "/lists/new", "/settings/delete"),
    *("/settings/look", "/settings/password", "/settings/profile", "/settings/sessions/<session_id>/end"),
    *("/items/several/undo", "/lists/<list_id>/order", "/lists/<list_id>/paste", "/lists/<list_id>/select"),
    *("/lists/order", "/welcome"),
    *("/settings/sessions/end", "/settings/tokens", "/settings/tokens/<token_id>/end", "/sign-out"),
]
WEB = [*DOORS, *(("GET", rule) for rule in WEB_READS), *(("POST", rule) for rule in WEB_FORMS)]
