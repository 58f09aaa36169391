"""HTTP routes of authentication and user accounts: register, log in, refresh, log out, password, profile."""

from flask import Response, request

from bucketlist.accounts import login, recovery, registration, service
from bucketlist.accounts.schemas import (
    AccountOut,
    ConfirmIn,
    ForgotIn,
    LoginIn,
    PasswordIn,
    RefreshIn,
    RegisterIn,
    ResetIn,
    TokenPair,
    UserDelete,
    UserOut,
    UserPatch,
)
from bucketlist.auth.guard import actor, person_if_any, requires_scope
from bucketlist.auth.tokens import ACCESS_SECONDS
from bucketlist.kit.http.conditional import preconditions, untagged
from bucketlist.kit.http.openapi import CHANGED, READ, ApiBlueprint, documented
from bucketlist.kit.http.requests import JSON, MERGE_PATCH
from bucketlist.kit.http.responses import json_response, no_content, resource_response
from bucketlist.kit.http.route_policy import accepts, body_limit, public
from bucketlist.kit.schemas import LEAST_BODY_BYTES
from bucketlist.limits.networks import Place, place_of
from bucketlist.limits.route_limits import not_rate_limited, rate_limited_by
from bucketlist.services import services
from bucketlist.sessions import lifecycle
from bucketlist.sessions.lifecycle import SignedIn

blueprint = ApiBlueprint("auth", __name__, about="Sign up, log in, stay signed in, log out.")
accounts = ApiBlueprint("users", __name__, about="Your account.")


def here() -> Place:
    """Where the request comes from."""
    return place_of(request.remote_addr or "")


def signed_in(pair: SignedIn, status: int) -> Response:
    return json_response(
        {
            "accessToken": pair.access_token,
            "refreshToken": pair.refresh_token,
            "tokenType": "Bearer",
            "expiresIn": ACCESS_SECONDS,
            "user": UserOut.to_json_object(pair.user),
        },
        status,
    )


@blueprint.post(
    "/auth/register",
    summary="Sign up",
    responses={201: TokenPair},
    openapi_extensions=documented(403, 409),
)
@public
@rate_limited_by("register", "link")
@body_limit(LEAST_BODY_BYTES)
def register(body: RegisterIn) -> Response:
    """Make an account and sign in. Where accounts are made by invitation only, its token comes as `invitation`."""
    return signed_in(registration.register(body, here(), services().access_tokens), 201)


@blueprint.post("/auth/login", summary="Log in", responses={200: TokenPair}, openapi_extensions=documented(401, 403))
@public
@rate_limited_by("login")
@body_limit(LEAST_BODY_BYTES)
def log_in(body: LoginIn) -> Response:
    """Open a session. An unknown email and a wrong password are answered alike."""
    return signed_in(login.log_in(body, here(), services().access_tokens), 200)


@blueprint.post(
    "/auth/refresh", summary="Stay signed in", responses={200: TokenPair}, openapi_extensions=documented(401)
)
@public
@not_rate_limited("256 random bits are not guessed, and nobody is to be signed out by what others guess.")
@body_limit(LEAST_BODY_BYTES)
def refresh(body: RefreshIn) -> Response:
    """Change the refresh token for a new pair. An old one that comes again after 10 seconds ends the session."""
    return signed_in(lifecycle.refresh(body.refresh_token, services().access_tokens), 200)


@blueprint.post("/auth/logout", summary="Log out", responses={204: None}, openapi_extensions=documented())
def log_out() -> Response:
    """End this session; its tokens are worthless from the next request on."""
    lifecycle.log_out(actor())
    return no_content()


@blueprint.put("/auth/password", summary="Change the password", responses={204: None}, openapi_extensions=documented())
@rate_limited_by("password")
@body_limit(LEAST_BODY_BYTES)
@untagged
def change_password(body: PasswordIn) -> Response:
    """Every other session ends."""
    service.change_password(actor(), body)
    return no_content()


@blueprint.post(
    "/auth/password/forgot",
    summary="Ask for a link to a new password",
    responses={202: None},
    openapi_extensions=documented(409),
)
@public
@rate_limited_by("forgot")
@body_limit(LEAST_BODY_BYTES)
def forget_password(body: ForgotIn) -> Response:
    """If there is such an account, its owner gets a mail. The answer is the same either way, and takes as long."""
    recovery.forgot_password(body, here())
    return no_content(202)


@blueprint.post(
    "/auth/password/reset",
    summary="Set a new password by a link",
    responses={204: None},
    openapi_extensions=documented(401, 409),
)
@public
@rate_limited_by("link")
@body_limit(LEAST_BODY_BYTES)
def reset_password(body: ResetIn) -> Response:
    """With the `token` of the link, which is good once and for an hour. Every session and personal token ends."""
    recovery.reset_password(body, here())
    return no_content()


@blueprint.post(
    "/auth/email/confirm",
    summary="Confirm your email",
    responses={204: None},
    openapi_extensions=documented(401, 403, 409),
)
@public
@rate_limited_by("link", "password")
@body_limit(LEAST_BODY_BYTES)
def confirm_email(body: ConfirmIn) -> Response:
    """With the `token` of the link that was sent after sign-up, or to a new address.

    Send `currentPassword` or your access token with it, and all stays as it is. Without, the account may be a
    stranger's who used your address: every session and personal token ends, so does the password, and a letter with a
    link to a new one is sent.
    """
    recovery.confirm_email(body, person_if_any(services().access_tokens), here())
    return no_content()


@accounts.get("/users/me", summary="Read your account", responses={200: AccountOut, 304: None}, openapi_extensions=READ)
@requires_scope("read")
def read_user() -> Response:
    """Who you are, and how much your photos take."""
    account = service.get_account(actor())
    return resource_response(AccountOut, account.row(), service.etag_of(account))


@accounts.patch("/users/me", summary="Change your account", responses={200: AccountOut}, openapi_extensions=CHANGED)
@rate_limited_by("password")
@accepts(JSON, MERGE_PATCH)
def change_user(body: UserPatch) -> Response:
    """Change the name, or the email (with the current password): then other sessions and personal tokens end."""
    account = service.change_user(actor(), body, preconditions())
    return resource_response(AccountOut, account.row(), service.etag_of(account))


@accounts.delete(
    "/users/me",
    summary="Delete your account",
    responses={204: None},
    openapi_extensions=documented(412, request_headers=("If-Match",)),
)
@rate_limited_by("password")
def delete_user(body: UserDelete) -> Response:
    """Removes the account and everything in it, for good."""
    service.delete_user(actor(), body.password, preconditions())
    return no_content()
