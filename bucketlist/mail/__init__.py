"""Mail: notifications, the outbox, and the worker that hands messages in at a mail server."""
