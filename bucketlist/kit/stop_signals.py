"""The signals by which a process is told to stop (POSIX)."""

import signal

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
