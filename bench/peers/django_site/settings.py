"""Django's settings: an API only, so no middleware and none of Django's own applications."""

from urllib.parse import parse_qs, urlsplit

from bench.peers import common

_where = urlsplit(common.DATABASE_URL)
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _where.path.strip("/"),
        "USER": _where.username or "",
        "PASSWORD": _where.password or "",
        "HOST": _where.hostname or parse_qs(_where.query)["host"][0],
        "PORT": _where.port or "",
        "OPTIONS": {"pool": {"min_size": common.POOL_SIZE, "max_size": common.POOL_SIZE}},
    }
}
DEBUG = False
INSTALLED_APPS = ["bench.peers.django_site"]
ROOT_URLCONF = "bench.peers.django_site.urls"
SECRET_KEY = common.TOKEN_KEY.hex()
USE_TZ = True
