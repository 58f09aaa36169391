"""F28: structured logging: every line of the log is JSON, whoever has something to say."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.concurrency import wait_until
from tests.config.values import KEY
from tests.patience import LONG
from tests.servers import start_server, wait_until_ready
from tests.serving.test_tell_metrics import workers_of

SCRIPT = """
import logging, threading, warnings
from bucketlist.kit.logs import configure_logs
from bucketlist.kit.std_logs import take_over_logs

class Broken:
    def __del__(self):
        raise ValueError("at the end")

def fail(*_):
    raise ValueError("in a thread")

configure_logs()
take_over_logs()
warnings.warn("an old way")
logging.getLogger("somebody").warning("two %s", "lines\\nof them")
logging.getLogger("somebody").info("nobody asked")
try:
    fail()
except ValueError:
    logging.getLogger("somebody").exception("it broke")
thread = threading.Thread(target=fail, name="worker")
thread.start()
thread.join()
broken = Broken()
del broken
raise KeyError("the main one")
"""


def test_f28_what_libraries_warnings_and_threads_say_is_json() -> None:
    found = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False, timeout=LONG)

    lines = [json.loads(line) for line in found.stderr.splitlines()]
    told = [(line["event"], line.get("message", ""), line.get("error", "")) for line in lines]
    assert told[0][:2] == ("told_by_library", "<string>:15: UserWarning: an old way")
    assert told[1:] == [
        ("told_by_library", "two lines", ""),
        ("told_by_library", "it broke", "ValueError: in a thread"),
        ("uncaught_error", "", "ValueError: in a thread"),
        ("uncaught_error", told[4][1], "ValueError: at the end"),
        ("uncaught_error", "", "KeyError: 'the main one'"),
    ]
    assert found.stdout == ""


@pytest.mark.slow
def test_f28_every_line_of_a_server_of_production_is_json(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("POSTGRES_PASSWORD=hunter2\n")
    wanted = {"APP_SETTING": "production", "SECRET_KEY": KEY, "PUBLIC_ULR": "hunter2"}

    with start_server(tmp_path, **wanted) as server:
        os.kill(workers_of(server)[0], signal.SIGKILL)
        wait_until(lambda: "told_by_library" in server.log)
        wait_until_ready(server)

    lines = [json.loads(line) for line in server.log.splitlines()]
    told = {line["event"]: line for line in lines}
    assert {"starts", "settings_unknown", "setting_looks_misspelt", "told_by_library"} <= set(told)
    assert told["setting_looks_misspelt"]["meant"] == "PUBLIC_URL"
    assert told["settings_unknown"]["names"] == ["POSTGRES_PASSWORD"]
    assert "hunter2" not in server.log
