"""Signals by which a process is told to stop: SIGTERM and SIGINT (POSIX).

What a server does then is in `server/graceful_shutdown.py`.
"""

import signal

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
