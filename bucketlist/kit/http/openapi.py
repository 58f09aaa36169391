"""OpenAPI integration: the application class, blueprints, and one pass that finishes the document."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import NullSession, SessionInterface
from flask_openapi.blueprint import APIBlueprint
from flask_openapi.models.info import Info
from flask_openapi.models.tag import Tag
from flask_openapi.openapi import OpenAPI
from pydantic import MISSING, ConfigDict, Field
from werkzeug.routing import BaseConverter, MapAdapter

from bucketlist.kit.http.conditional import revalidated
from bucketlist.kit.http.error_handlers import answer_errors
from bucketlist.kit.http.links import base_path_of
from bucketlist.kit.http.openapi_document import finish_document
from bucketlist.kit.http.requests import JSON, ApiRequest
from bucketlist.kit.http.route_policy import policy_of, public
from bucketlist.kit.http.validation import validated
from bucketlist.kit.schemas import LEAST_BODY_BYTES, Answer, ApiModel

API_PREFIX = "/v1"


@dataclass(frozen=True)
class About:
    """What the document says of an application: its title and licence, how a token is sent, what can be wrong."""

    info: Info
    bearer: dict[str, str]
    field_errors: tuple[str, ...]  # the codes


class FieldErrorOut(Answer):
    """One thing that is wrong: `pointer` (RFC 6901) into the body, or the `parameter`."""

    model_config = ConfigDict(title="FieldError")

    pointer: str | MISSING = Field(MISSING, examples=["/name"])
    parameter: str | MISSING = Field(MISSING, examples=["limit"])
    code: str = Field(title="FieldErrorCode", examples=["string_too_short"])
    detail: str = Field(examples=["Write something here."])


class ParentOut(Answer):
    """What something was in, and lies in the trash as well."""

    kind: str = Field(examples=["folder"])
    id: str = Field(examples=["019ab1f4-6c3e-7d52-9f0a-3b8e5d7c2a41"])
    trash_id: str = Field(description="To restore it by.", examples=["019ab1f4-6c3e-7d52-9f0a-3b8e5d7c2a42"])
    name: str | None = Field(examples=["Far away"])


class Problem(Answer):
    """Every error (RFC 9457). `type` is a page that tells what happened and what to do.

    More values of `code` come with new routes: one that a program does not know means what its `status` means.
    """

    type: str = Field(
        description="A reference to the page of this error, to be resolved against the address that was asked.",
        json_schema_extra={"format": "uri-reference"},
    )
    title: str = Field(examples=["Some fields are not right"])
    status: int = Field(examples=[422])
    code: str = Field(title="ProblemCode", examples=["validation"])
    detail: str = Field(examples=["The request is well-formed, but some of it is not as it should be; see errors."])
    request_id: str = Field(examples=["019ab1f4-6c3e-7d52-9f0a-3b8e5d7c2a41"])
    errors: list[FieldErrorOut] | MISSING = Field(MISSING, description="Only on 422.")
    parent: ParentOut | MISSING = Field(
        MISSING, description="Only with the code `parent_in_trash`: what to restore first."
    )


class AnyText(BaseConverter):
    """URL converter `text`: what comes last in a path, slashes and all, for names that people have made up."""

    regex = ".+?"
    part_isolating = False
    weight = 200  # behind every other rule


class OneName(BaseConverter):
    """The default URL converter: one part of a path, but for the words that are routes of their own beside an id."""

    regex = r"(?!order\Z)[^/]+"
    part_isolating = True


class NoSessions(SessionInterface):
    """Flask's own sessions are not used; it would make an empty one for each request."""

    empty = NullSession()

    def open_session(self, app: Flask, request: Request) -> NullSession:  # noqa: ARG002  # Flask passes both
        return self.empty


class ApiApp(OpenAPI):
    """A Flask application with typed requests; `finish` makes the document once all rooms are in."""

    request_class = ApiRequest
    session_interface = NoSessions()

    def __init__(self, import_name: str, about: About, home: str = "/") -> None:
        """`home` is where the service is reached, as the document says it."""
        super().__init__(
            import_name,
            info=about.info,
            servers=[{"url": home}],
            security_schemes={"bearer": about.bearer},
            validation_error_model=Problem,
            doc_ui=False,
            static_folder=None,
        )
        self._about = about
        self.config["APPLICATION_ROOT"] = base_path_of(home) or "/"  # whatever is mounted there, cookies as well
        self._root = base_path_of(home) + "/"
        self.openapi_version = "3.1.0"
        self.url_map.converters |= {"text": AnyText, "default": OneName}
        self.url_map.merge_slashes = False
        self.url_map.strict_slashes = False
        self.config["MAX_CONTENT_LENGTH"] = LEAST_BODY_BYTES  # of a body that is read where no limit is declared

    def ensure_sync(self, func: Any) -> Any:
        """No view is a coroutine, so there is nothing to look for in each request."""
        return func

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """As Flask's, without a look at the header `Host`: no route depends on it, and links are made of PUBLIC_URL."""
        if request is None:
            return None
        return MapAdapter(self.url_map, "", self._root, "", request.scheme, request.path, request.method)

    def publish(self) -> None:
        """Serve the document, made once, at `/openapi.json`."""
        self.document_json = json.dumps(self._document(), ensure_ascii=False, indent=1) + "\n"

        @public
        def read_document() -> Response:
            """This document."""
            response = Response(self.document_json, content_type=JSON)
            response.headers["Cache-Control"] = "no-cache"
            response.add_etag()
            return revalidated(response)

        self.add_url_rule("/openapi.json", endpoint="openapi", view_func=read_document)

    def _document(self) -> dict[str, Any]:
        policies = {
            (rule.rule.replace("<text:", "<"), method.lower()): policy_of(self.view_functions[rule.endpoint])
            for rule in self.url_map.iter_rules()
            for method in rule.methods or ()
        }
        document = self.api_doc  # made of all blueprints, once, and kept; so it is put right in place
        for body in all_models():  # the library keeps only the keywords of JSON Schema that it knows
            document["components"]["schemas"].get(body.__name__, {}).update(
                body.model_config.get("json_schema_extra", {})
            )
        with self.app_context():  # for its references
            return finish_document(document, policies, self._about.field_errors)


class ApiBlueprint(APIBlueprint):
    """The routes of one room below `/v1`, as one tag of the document; all that goes wrong is told as a problem."""

    def __init__(
        self,
        name: str,
        import_name: str,
        *,
        about: str,
        url_prefix: str | None = API_PREFIX,
    ) -> None:
        super().__init__(
            name,
            import_name,
            abp_tags=[Tag(name=name, description=about)],
            abp_security=[{"bearer": []}],
            operation_id_callback=_operation_id,
            url_prefix=url_prefix,
        )
        answer_errors(self)

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: Any = None,
        provide_automatic_options: bool | None = None,
        **options: Any,
    ) -> None:
        """As Flask's, but with `validated` in the place of the library's own reader, which `view_func` is."""
        # The library has wrapped the view in a reader of its own by now; what it wraps is the view itself.
        super().add_url_rule(rule, endpoint, validated(view_func.__wrapped__), provide_automatic_options, **options)


def all_models(root: type[ApiModel] = ApiModel) -> Iterator[type[ApiModel]]:
    """Every schema below `root`."""
    for model in root.__subclasses__():
        yield model
        yield from all_models(model)


def _operation_id(*, name: str, path: str, method: str) -> str:  # noqa: ARG001  # the library passes all three
    """`list_buckets` as `listBuckets`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def documented(*problems: int, request_headers: tuple[str, ...] = (), headers: tuple[str, ...] = ()) -> dict[str, Any]:
    """What the types do not tell of an operation: the `problems` beside the usual ones, the headers it reads and sets.

    To be given as `openapi_extensions`; `finish_document` turns it into the document's own words.
    """
    return {"x-problems": list(problems), "x-request-headers": list(request_headers), "x-headers": list(headers)}


# Of the operations that every resource has, once for all rooms.
LISTED = documented(429, headers=("Link",))
CREATED = documented(
    409, 429, request_headers=("Idempotency-Key",), headers=("ETag", "Location", "Idempotency-Replayed")
)
READ = documented(request_headers=("If-None-Match",), headers=("ETag",))
CHANGED = documented(409, 412, request_headers=("If-Match",), headers=("ETag",))
ORDERED = documented(409, 412, 429, request_headers=("If-Match",))
DELETED = documented(409, 412, request_headers=("If-Match",))
