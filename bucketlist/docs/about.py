"""OpenAPI info: the title and licence of this service, how one signs in, and the codes of field errors."""

from flask_openapi.models.info import Info

from bucketlist import __version__
from bucketlist.auth.personal_tokens import PREFIX
from bucketlist.docs.field_errors import FIELD_ERRORS
from bucketlist.kit.http.openapi import About

DESCRIPTION = """\
People keep *buckets* of *items* they want to do before they die.

Sign up or log in, and send the access token as `Authorization: Bearer …`. Every error is `application/problem+json`.
Single resources have a strong `ETag`; send it back in `If-Match` to change only what you have seen. `Idempotency-Key`
makes a create safe to repeat. Lists are paged: follow `next` until it is null.

What is sent is closed: a field that is not in its schema is refused. What is answered is open: fields are added, and a
client passes over those that it does not know. Nothing below `/v1` is ever renamed or taken away.
"""
INFO = Info(
    title="bucketlist",
    version=__version__,
    summary="A home for bucket lists: what people want to do before they die.",
    description=DESCRIPTION,
    license={"name": "MIT", "identifier": "MIT"},  # type: ignore[arg-type]  # pydantic makes the model
)
BEARER = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": f"JWT, or {PREFIX}…",
    "description": f"An access token of sign-up, log-in or refresh; or a personal token, which begins with `{PREFIX}`.",
}
ABOUT = About(INFO, BEARER, FIELD_ERRORS)
