"""Context variable: the services of the application that is at work in this request, command or thread.

What they are is known above (`services.py`); here is only the place from which rooms below take what is theirs.
"""

from contextvars import ContextVar
from typing import Any

at_work: ContextVar[Any] = ContextVar("services")
