"""Signals by which a process is told to stop: SIGTERM and SIGINT (POSIX)."""

import signal

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
