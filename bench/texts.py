"""CPU time of the worst texts in every place of a request, without a server: `python -m bench.texts`.

The bar: no request takes a quarter of a second, so that nobody else waits longer. It prints the slowest ten.
"""

import json
import os
import sys
import tempfile
import time
from itertools import chain
from pathlib import Path

from bench.in_process import SECRET_KEY
from bucketlist.app import create_app
from bucketlist.config import Settings, load_settings
from bucketlist.kit.http.route_policy import policy_of
from bucketlist.migrations import runner
from tests.routes import template_of
from tests.worst_texts import Asked, every_form_and_header, every_request

BAR_SECONDS = 0.25
TRIES = 3  # what disturbs one only makes it slower
PASSWORD = "a long walk by the sea"


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bucketlist-texts-") as folder:
        settings = load_settings(
            app_setting="production",
            secret_key=SECRET_KEY,
            database_url="",
            data_dir=Path(folder),
            access_log=False,
            ratelimit_enabled=False,
        )
        runner.upgrade(settings)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
        found = sorted(measure(settings), reverse=True)
    print(f"{len(found)} requests, in milliseconds of CPU time:")
    for seconds, status, label in found[:10]:
        print(f"{seconds * 1000:7.1f}  {status}  {label}")
    sys.exit(any(seconds > BAR_SECONDS or status >= "500" for seconds, status, _ in found))


def measure(settings: Settings) -> list[tuple[float, str, str]]:
    app = create_app(settings)
    client = app.test_client()
    account = {"email": "ada@example.com", "password": PASSWORD}
    token = client.post("/v1/auth/register", json=account).get_json()["accessToken"]
    headers = {"Authorization": f"Bearer {token}"}
    bucket = client.post("/v1/buckets", json={"name": "Far away"}, headers=headers).get_json()["id"]
    item = client.post(f"/v1/buckets/{bucket}/items", json={"name": "North"}, headers=headers).get_json()["id"]
    ids = {"bucketId": bucket, "itemId": item, "sessionId": bucket, "tokenId": bucket}
    ids |= {"entryId": bucket, "photoId": bucket, "name": "north"}
    limits = {
        (method, template_of(rule.rule)): policy_of(app.view_functions[rule.endpoint]).most_bytes or 0
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
    }
    requests = chain(every_request(json.loads(app.document_json), ids, limits), every_form_and_header(ids))
    return [(*timed(app.wsgi_app, make(1), token), label) for label, make in requests]


def timed(application: object, asked: Asked, token: str) -> tuple[float, str]:
    """Seconds of CPU time of the best try, and the status."""
    best, statuses = float("inf"), [""]
    for _ in range(TRIES):
        environ = asked.environ(token)
        began = time.process_time()
        b"".join(application(environ, lambda status, *_: statuses.append(status[:3])))  # type: ignore[operator]  # WSGI
        best = min(best, time.process_time() - began)
        if best < BAR_SECONDS / 10:
            break
    return best, statuses[-1]


if __name__ == "__main__":
    main()
