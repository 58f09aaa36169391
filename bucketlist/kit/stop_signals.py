"""The signals by which a process is told to stop (POSIX)."""

import signal

TOLD = (signal.SIGINT, signal.SIGTERM)
