"""Fuzzing hooks: what Schemathesis has to know of this API beside its document. It loads this file itself."""

from typing import Any

import schemathesis

# Rules for which JSON Schema has no words: whoever breaks one is refused with a request that fits the document.
BEYOND_SCHEMAS = {
    "bucket_not_found": "which buckets there are is not in the schema",
    "duplicate": "uniqueItems would be read as a set by generated clients, which has no order",
    "email": "the format admits addresses that no mail can reach, such as those of reserved domains",
    "invisible": "patterns cannot name the invisible characters beyond the first plane of Unicode",
    "combining_marks": "patterns have no word for how many marks follow each other",
    "cursor": "only the server makes cursors, each for one list",
    "url": "patterns cannot tell which hosts and ports an address may have",
    "idempotency_key": "a comma in it has to stand in a quoted string; the pattern is that of the first release",
    "idempotency_key_reused": "a key belongs to the request that it was first sent with",
    "in_the_past": "what has expired is of no use, and when that is depends on the clock",
    "password_well_known": "the list of passwords that everybody tries is long",
    "password_is_email": "compares two fields",
    "photo_format": "which bytes are a picture is not in the schema",
    "photo_damaged": "which bytes are a picture is not in the schema",
    "photo_too_large": "how many pixels a picture has is not in the schema",
    "range_not_satisfiable": "how long a file is is not in the schema",
}
REJECTED_POSITIVE_DATA, REFUSED_BY_RULE = "ST202", (416, 422)


@schemathesis.hook
def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:  # noqa: ARG001  # as it is called
    """Whether a failure is one."""
    if failure.code != REJECTED_POSITIVE_DATA or response.status_code not in REFUSED_BY_RULE:
        return True
    problem = response.json()
    codes = {error["code"] for error in problem.get("errors", ())} or {problem["code"]}
    return not codes <= BEYOND_SCHEMAS.keys()
