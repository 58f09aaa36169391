"""Object storage for the tests: the S3 server of moto, a process of its own, asked over HTTP."""

import http.client
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress

from bucketlist.kit.ids import new_id
from tests.concurrency import wait_until
from tests.patience import LONG
from tests.servers import free_port

KEY, SECRET = "AKIAHUNTER", "hunter2/hunter+2"
ANYBODY = f"AWS4-HMAC-SHA256 Credential={KEY}/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
NewFilesUrl = Callable[[], str]  # of an empty folder there


def files_url(port: int, place: str) -> str:
    return f"s3://{KEY}:{SECRET.replace('/', '%2F').replace('+', '%2B')}@127.0.0.1:{port}/{place}?tls=0"


@contextmanager
def start_object_store() -> Iterator[NewFilesUrl]:
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    command = [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(command, env=kept, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def has_made() -> bool:
        assert process.poll() is None
        with suppress(OSError), closing(http.client.HTTPConnection("127.0.0.1", port, LONG)) as connection:
            connection.request("PUT", "/photos", headers={"Authorization": ANYBODY})
            return connection.getresponse().status == 200
        return False

    try:
        wait_until(has_made)
        yield lambda: files_url(port, f"photos/{new_id()}")
    finally:
        process.terminate()
        process.wait(timeout=LONG)
