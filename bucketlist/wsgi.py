"""The application for any WSGI server: `bucketlist.wsgi:app`."""

from bucketlist.app import create_app
from bucketlist.config import load_settings

app = create_app(load_settings())
