"""Orphaned worker process, whose parent is gone: it shuts down gracefully, as if it had been told to by SIGTERM."""

import os
import signal
import time
from multiprocessing import parent_process

from bucketlist.kit.background import run_every

SECONDS_BETWEEN = 1.0


def stop_when_orphaned(seconds_to_stop: float) -> None:
    """Watch the parent process, in a thread. What is not done `seconds_to_stop` after its end is ended.

    Nobody else would do so: it is the main process that ends workers which do not stop.
    """
    parent = parent_process()
    if parent is None or parent.pid is None:  # this is no worker
        return
    parent_id = parent.pid

    def look() -> None:
        if os.getppid() != parent_id:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(seconds_to_stop)
            os._exit(1)

    run_every(SECONDS_BETWEEN, look, "orphan_check")
