"""Test users: people who use the service. Ada owns, Ben was invited, Cleo is a stranger."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bucketlist.accounts import login, queries
from bucketlist.auth.actor import Actor
from bucketlist.auth.users import UserRow
from bucketlist.kit import clock
from bucketlist.kit.db.database import transaction
from bucketlist.kit.emails import fold_email
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.kit.ids import new_id
from bucketlist.services import services_of
from tests.hashing import cheap_hash
from tests.pictures import small_jpeg

PASSWORD = "correct horse battery staple"
BOUNDARY = "between-the-parts"
PASSWORD_HASH = cheap_hash(PASSWORD)


class Form(dict[str, Any]):
    """A body that is sent as a form; what is bytes in it is a file."""


def as_sent(body: Any) -> dict[str, Any]:
    """What the client of a test is told of a body: a form, or else JSON."""
    if not isinstance(body, Form):
        return {"json": body}
    return {"data": multipart(body), "content_type": f"multipart/form-data; boundary={BOUNDARY}"}


def multipart(parts: Mapping[str, bytes | str]) -> bytes:
    """A form as it is sent, with `BOUNDARY`."""
    sent = b""
    for name, part in parts.items():
        file, data = ('; filename="photo.jpg"', part) if isinstance(part, bytes) else ("", part.encode())
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
        sent += head.encode() + data + b"\r\n"
    return sent + f"--{BOUNDARY}--\r\n".encode()


@dataclass
class Person:
    """Somebody who is signed in, and speaks JSON."""

    client: FlaskClient
    email: str
    password: str
    actor: Actor
    access_token: str

    @property
    def id(self) -> str:
        return self.actor.user_id

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        return self.ask("POST", path, body, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        return self.ask("PUT", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        return self.ask("PATCH", path, body, **headers)

    def delete(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        return self.ask("DELETE", path, body, **headers)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """A request; `If_Match="…"` is the header If-Match."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent.setdefault("Authorization", f"Bearer {self.access_token}")
        return self.client.open(path, method=method, headers=sent, **as_sent(body))

    def make_bucket(self, name: str = "Far away", **fields: Any) -> dict[str, Any]:
        return self._made("/v1/buckets", {"name": name, **fields})

    def make_item(self, bucket_id: str, name: str = "See the northern lights", **fields: Any) -> dict[str, Any]:
        return self._made(f"/v1/buckets/{bucket_id}/items", {"name": name, **fields})

    def make_entry(self, item_id: str, **fields: Any) -> dict[str, Any]:
        return self._made(f"/v1/items/{item_id}/entries", fields)

    def make_token(self, scope: str = "write", **fields: str) -> dict[str, Any]:
        """A personal token, for scripts."""
        wanted = {"name": "Backup script", "scope": scope, "currentPassword": self.password}
        return self._made("/v1/auth/tokens", wanted | fields)

    def upload(self, path: str, file: bytes, caption: str | None = None, **headers: str) -> TestResponse:
        """Send a file, with a caption if there is one."""
        return self.post(path, Form(file=file) if caption is None else Form(file=file, caption=caption), **headers)

    def make_photo(
        self, parent_id: str, file: bytes | None = None, caption: str | None = None, *, of: str = "items"
    ) -> dict[str, Any]:
        """A photo of an item, or of an entry, as it is answered."""
        response = self.upload(f"/v1/{of}/{parent_id}/photos", file or small_jpeg(), caption)
        assert response.status_code == 201, response.text
        made: dict[str, Any] = response.get_json()
        return made

    def _made(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        response = self.post(path, body)
        assert response.status_code == 201, response.text
        made: dict[str, Any] = response.get_json()
        return made


def make_person(app: ApiApp, email: str, name: str | None = None) -> Person:
    """An account with `PASSWORD`, signed in; made without hashing, which is slow on purpose."""
    now = clock.now_text()
    user = UserRow(new_id(), email, name, now, now, 1, PASSWORD_HASH, None, None)
    with transaction():
        queries.claim_email(fold_email(email), user.id)
        queries.add_user(user)
        actor = login.open_session_of(email)
    token = services_of(app).access_tokens.issue(actor)
    return Person(app.test_client(), email, PASSWORD, actor, token)
