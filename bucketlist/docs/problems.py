"""Problem type pages (RFC 9457): what each error means and what to do about it.

Between backticks stands what belongs in a program.
"""

from bucketlist.docs.access_problems import ACCESS_ADVICE
from bucketlist.docs.advice import Advice

ADVICE: dict[str, Advice] = {
    **ACCESS_ADVICE,
    "bad_request": Advice(
        "The request could not be read: its body is not JSON, or something about it is not HTTP as it should be. "
        "Nothing was looked at beyond that, and nothing was changed.",
        (
            "Check that the body is one JSON object: double quotes around names and texts, no comma after the last.",
            "In a shell, put single quotes around the body; else the shell takes the double quotes away.",
            "Half a character, such as `\\ud83d` by itself, is not text. Send whole characters.",
        ),
        see="conventions#bodies",
        detail="The body is not JSON.",
    ),
    "not_found": Advice(
        "There is nothing of yours at this address. It never existed, or was deleted, or is somebody else’s: the "
        "answer is the same for all three, so that nobody can find out what others keep.",
        (
            "What you deleted in the last 30 days is in the trash: `GET /v1/trash` has it, and it can be restored.",
            "Compare the id with the one that the create or the list answered with.",
            "Check that the token belongs to the account that you think it does: `GET /v1/users/me` tells.",
            "When `detail` says that no route has this address, check the path: upper and lower case matter.",
        ),
        see="#routes",
    ),
    "method_not_allowed": Advice(
        "The address is right, but it does not take this method.",
        (
            "The header `Allow` of the answer names the methods that it takes.",
            "To change a single field use `PATCH`; `PUT` replaces the whole. To create, `POST` to the list.",
        ),
        see="#routes",
        headers={"Allow": "GET, HEAD, OPTIONS, POST"},
    ),
    "not_acceptable": Advice(
        "The header `Accept` of the request allows none of the forms that this address can answer in.",
        ("Leave `Accept` out, or allow `application/json` (and `application/problem+json`, for errors).",),
        see="conventions#bodies",
    ),
    "conflict": Advice(
        "The request is fine by itself, but does not fit what is there now. Nothing was changed.",
        ("Read the present state with `GET`, decide anew, and send a request that fits it.",),
        see="conventions#versions",
    ),
    "email_taken": Advice(
        "An account with this email exists already. Upper and lower case make no difference to that.",
        (
            "If it is yours, log in with `POST /v1/auth/login` instead of signing up.",
            "If not, check the email for a slip of the finger, or use another one.",
        ),
        see="conventions#signing-in",
    ),
    "id_taken": Advice(
        "You sent an `id` of your own with a create, and something of yours has this id. Nothing was added or changed.",
        (
            "If this was a retry, the first attempt has succeeded: read the thing with `GET` and go on.",
            "Else make a new UUIDv7, or leave `id` out and let the server make one.",
            "For retries there is something better: an `Idempotency-Key` answers the first success again.",
        ),
        see="conventions#retries",
    ),
    "limit_reached": Advice(
        "There is an upper bound to how many of these one account, or one list, can hold, and it is reached.",
        (
            "Delete some that are no longer needed, then try again.",
            "What is in the trash counts as well: `DELETE /v1/trash` empties it.",
        ),
        see="conventions#limits",
    ),
    "storage_full": Advice(
        "Long texts of one account take 256 MiB at most, each with a copy to search in; its photos take as much as "
        "whoever runs the service allows. Nothing was changed.",
        (
            "`detail` says whether it is about texts or photos; `GET /v1/users/me` says how much your photos take.",
            "Shorten or delete some long descriptions, then try again. What has little text is taken as before.",
            "Or delete some photos. Their previews count too.",
            "What is in the trash counts as well: `DELETE /v1/trash` empties it.",
        ),
        see="conventions#limits",
    ),
    "request_in_progress": Advice(
        "The same request with the same `Idempotency-Key` arrived a moment ago and has not ended yet. This one has "
        "waited for it for a while, and was then let go without doing anything.",
        ("Wait as many seconds as `Retry-After` says, and send it again with the same key.",),
        see="conventions#retries",
    ),
    "mail_off": Advice(
        "Whoever runs this service has not set up mail, so it cannot send a link, and none of its links is good. "
        "Nothing was changed, and trying again will not help.",
        (
            "If you forgot your password, ask the person who runs the service for a new one.",
            "If you run it: `bucketlist user reset-password` sets one. With `MAIL_URL`, people help themselves.",
        ),
        see="conventions#signing-in",
    ),
    "order_differs": Advice(
        "A new order names all of your buckets, archived ones too, or all items of a bucket, and nothing else. One is "
        "missing here, or has been deleted or moved, or is not there.",
        (
            "Read the list again, to its last page; that of buckets with `archived=any`.",
            "Send all ids that are there now, in the order that you mean.",
        ),
        see="conventions#lists",
    ),
    "parent_in_trash": Advice(
        "You are restoring something that was in a bucket, an item or an entry which is in the trash as well. By "
        "itself it would have no place to come back to, so nothing was restored.",
        (
            "Restore what it was in first: `parent` of the answer has its `trashId`, and says what it is.",
            "Then send this again. What was deleted by itself comes back by itself.",
        ),
        see="conventions#trash",
    ),
    "precondition_failed": Advice(
        "It has changed since you read it: its present `ETag` is not the one in your `If-Match`. That way nobody’s "
        "change is overwritten unseen, and nothing was changed by this request.",
        (
            "Read it again with `GET`, and see what is different.",
            "Apply your change to the new version, and send it with the new `ETag` in `If-Match`.",
            "If you mean to overwrite whatever is there, leave `If-Match` out.",
        ),
        see="conventions#versions",
    ),
    "content_too_large": Advice(
        "The body is larger than this address takes; for JSON that is 1 MiB, for a photo 25 MiB. It was refused before "
        "it was read.",
        ("Send less at a time. No text that the service keeps comes near this size.",),
        see="conventions#limits",
    ),
    "uri_too_long": Advice(
        "What stands behind the `?` of the address is longer than 16 KiB, which no search, cursor or filter is.",
        ("Look at what your program puts into the address: a body belongs behind the head of the request.",),
        see="conventions#lists",
    ),
    "range_not_satisfiable": Advice(
        "The header `Range` asks for a part of a file that begins behind its end.",
        (
            "The header `Content-Range` of the answer says how many bytes the file has.",
            "Leave `Range` out to get all of it.",
        ),
        see="conventions#photos",
        headers={"Content-Range": "bytes */31415"},
    ),
    "unsupported_media_type": Advice(
        "The body is not declared as JSON, so it was not read.",
        (
            "Send the header `Content-Type: application/json`. `PATCH` takes `application/merge-patch+json` as well.",
            "With curl, `-d` alone declares a form. Add `-H 'Content-Type: application/json'`.",
            "A photo comes in a form, `multipart/form-data`; with curl, `-F file=@photo.jpg`.",
            "Send the body in UTF-8, and not compressed.",
        ),
        see="conventions#bodies",
    ),
    "expectation_failed": Advice(
        "The header `Expect` can ask for one thing only: to be told to go on before the body is sent.",
        ("Leave `Expect` out, or send `Expect: 100-continue`.",),
        see="conventions#bodies",
    ),
    "validation": Advice(
        "The JSON could be read, but some of it is not what this address takes. `errors` names all that is wrong at "
        "once, and nothing was changed.",
        (
            "Go through `errors`. `pointer` is the path to a field of the body, and empty for the body as a whole.",
            "`parameter` stands in its place for what is in the query or a header.",
            "`code` is for your program, `detail` for people. What was sent is never repeated.",
            "Unknown fields and parameters are refused and not ignored, so look for typing errors in names too.",
        ),
        see="conventions#errors",
        errors=(
            {"pointer": "/name", "code": "string_too_short", "detail": "Write something here."},
            {"pointer": "/colour", "code": "extra_forbidden", "detail": "Extra inputs are not permitted"},
        ),
    ),
    "idempotency_key_reused": Advice(
        "This `Idempotency-Key` came with another request before. A key stands for one request: the same method, "
        "path and fields.",
        (
            "Make a new key for each new request; a random UUID does well.",
            "Send the same key again only with the very same request. Keys are kept for 24 hours.",
        ),
        see="conventions#retries",
    ),
    "too_many_requests": Advice(
        "There were too many attempts at something that could be guessed, such as a password. They are counted for "
        "an account, for the network that they come from and in all; reading and writing lists is not.",
        (
            "Wait as many seconds as `Retry-After` says. Trying earlier will not work and does not help.",
            "If others used up your attempts: log in from where you did before, or ask for a link to a new password.",
            "In a script, log in once and keep the tokens, instead of logging in for every request.",
        ),
        see="conventions#limits",
        headers={"Retry-After": "287", "RateLimit": '"login";r=0;t=287'},
    ),
    "too_many_at_once": Advice(
        "So many of your own searches and sorted lists are at work at the same moment that this one did not get its "
        "turn within five seconds. What others ask is not counted with yours.",
        (
            "Wait as many seconds as `Retry-After` says, and send it again.",
            "In a script, search one after the other; two at once are worked on, more of them only wait.",
        ),
        see="conventions#limits",
    ),
    "internal_error": Advice(
        "Something broke on our side. It is not your request’s fault, and it has been noted together with the "
        "`requestId`.",
        (
            "Try once more. For a create, use the same `Idempotency-Key`, so that nothing is made twice.",
            "If it stays, give the `requestId` to the person who runs the service: it leads to the line in the log.",
        ),
        see="conventions#request-ids",
    ),
    "unavailable": Advice(
        "The database is away, full, or busy beyond measure, or this took it longer than five seconds. Nothing was "
        "changed.",
        (
            "Wait as many seconds as `Retry-After` says, and send the same request again.",
            "If you run the service: `GET /readyz` says whether it can serve.",
        ),
        see="conventions#retries",
    ),
}
