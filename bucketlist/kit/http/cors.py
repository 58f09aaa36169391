"""CORS (cross-origin requests): refused by browsers unless the operator names the origins.

Tokens travel in a header, so no credentials are ever allowed, and no origin is ever answered with `*`.

Source: https://fetch.spec.whatwg.org/#http-cors-protocol
"""

from collections.abc import Collection

from flask import Flask, Response, request

PREFLIGHT_SECONDS = 600
REQUEST_HEADERS = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-Id"
RESPONSE_HEADERS = "ETag, Idempotency-Replayed, Link, Location, RateLimit, Retry-After, X-Request-Id"


def allow_origins(app: Flask, origins: Collection[str]) -> None:
    """Add CORS headers: let scripts of `origins` use the API of `app`."""

    def answer_origin(response: Response) -> Response:
        response.vary.add("Origin")
        origin = request.headers.get("Origin")
        if origin in origins:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = RESPONSE_HEADERS
            if request.method == "OPTIONS":
                response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "")
                response.headers["Access-Control-Allow-Headers"] = REQUEST_HEADERS
                response.headers["Access-Control-Max-Age"] = str(PREFLIGHT_SECONDS)
        return response

    if origins:
        app.after_request(answer_origin)
