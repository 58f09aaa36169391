"""REST API on which people keep their bucket lists."""

__version__ = "0.1.0"
